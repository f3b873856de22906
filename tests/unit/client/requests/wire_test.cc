#include "client/requests/wire.h"

#include <string>

#include "strongroom/request.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/decoded.h"

namespace strongroom::requests {
namespace {

using ::testing::Eq;
using testing::FailsFrom;
using testing::IsOkAndHolds;
using ::testing::SizeIs;

TEST(Entries, AreCountedAndTheLastOfAFieldIsFound) {
  const std::string message(
      "\x08\x96\x01\x0a\x01x\x12\x00\x0a\x02yz\x1d"
      "1234\x21"
      "12345678",
      26);
  const std::optional<Entries> entries = entries_of(view_of(message), 1);
  ASSERT_TRUE(entries);
  EXPECT_EQ(entries->count, 6);
  ASSERT_TRUE(entries->last);
  EXPECT_EQ(text_of(*entries->last), "yz");
  EXPECT_FALSE(entries_of(view_of(message), 7)->last);
}

TEST(Entries, NothingIsReadPastTheEnd) {
  using namespace std::string_view_literals;
  for (std::string_view message : {"\x0a"sv, "\x0a\x02x"sv, "\x08\xff"sv, "\x1d\x01"sv, "\x0b"sv,
                                   "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,
                                   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv})
    EXPECT_FALSE(entries_of(view_of(message), 1)) << message.size();
}

std::string repeated(std::string_view entry, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i)
    all += entry;
  return all;
}

// Each of these would become an object of a hundred bytes.
TEST(Answer, OfMoreEntriesThanAnyServiceHasIsNotParsed) {
  const std::string_view empty("\x0a\x00", 2);
  auto providers = list_providers().value();
  EXPECT_THAT(testing::decoded(providers, view_of(repeated(empty, 40'000))),
              FailsFrom(ErrorSource::Answer, Status::ResponseTooLarge));
  auto keys = list_keys().value();
  EXPECT_THAT(testing::decoded(keys, view_of(repeated(empty, 300'000))),
              FailsFrom(ErrorSource::Answer, Status::ResponseTooLarge));
  auto clients = list_clients().value();
  EXPECT_THAT(testing::decoded(clients, view_of(repeated(empty, 100'000))),
              IsOkAndHolds(SizeIs(100'000)));
}

TEST(Answer, SecretThatOccursTwiceIsTheLast) {
  auto request = export_key("web").value();
  ClientResult<SecretBytes> key = testing::decoded(request, view_of("\x0a\x05"
                                                                    "first\x0a\x04last"));
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(text_of(*key), "last");
  EXPECT_THAT(testing::decoded(request, view_of("\x0a\x05"
                                                "fir")),
              FailsFrom(ErrorSource::Answer, Status::DeserializingBodyFailed));
}

}  // namespace
}  // namespace strongroom::requests
