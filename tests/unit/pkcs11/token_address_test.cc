#include "providers/pkcs11/token/token_address.h"

#include <algorithm>
#include <string_view>

#include "tests/support/matchers.h"

namespace strongroom::pkcs11 {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

CK_TOKEN_INFO token(std::string_view label, std::string_view serial) {
  CK_TOKEN_INFO info{};
  std::ranges::fill(info.label, ' ');
  std::ranges::fill(info.serialNumber, ' ');
  std::ranges::fill(info.manufacturerID, ' ');
  std::ranges::fill(info.model, ' ');
  std::ranges::copy(label, info.label);
  std::ranges::copy(serial, info.serialNumber);
  return info;
}

TEST(TokenAddressTest, NamesModuleTokenAndSlot) {
  auto address = TokenAddress::parse("pkcs11:token=keys;serial=77;slot-id=3?module-path=/lib/m.so");
  ASSERT_THAT(address, IsOk());
  EXPECT_EQ(address->module().path, "/lib/m.so");
  EXPECT_EQ(address->slot(), 3U);
  EXPECT_TRUE(address->matches(token("keys", "77")));
  EXPECT_FALSE(address->matches(token("keys", "78")));
  EXPECT_FALSE(address->matches(token("other", "77")));
}

TEST(TokenAddressTest, TakesAModuleByItsName) {
  auto address = TokenAddress::parse("pkcs11:?module-name=softhsm2");
  ASSERT_THAT(address, IsOk());
  EXPECT_EQ(address->module().name, "softhsm2");
  EXPECT_EQ(address->slot(), std::nullopt);
  EXPECT_TRUE(address->matches(token("any", "1")));
}

struct Refused {
  const char* uri;
  const char* why;
};
constexpr std::array kRefused = {
    Refused{"http://token", "scheme"},
    Refused{"pkcs11:token=%zz?module-path=/m", "encoding"},
    Refused{"pkcs11:token=keys", "names no module"},
    Refused{"pkcs11:token=keys?module-path=/m&pin-value=1234", "holds a PIN"},
    Refused{"pkcs11:token=keys?module-path=/m&pin-source=file:/pin", "where the PIN is"},
    Refused{"pkcs11:token=keys;object=web?module-path=/m", "names an object"},
    Refused{"pkcs11:token=keys;colour=red?module-path=/m", "not known"},
};

TEST(TokenAddressTest, SaysWhatIsWrongWithAUri) {
  for (const Refused& refused : kRefused) {
    auto address = TokenAddress::parse(refused.uri);
    EXPECT_THAT(address, FailsWith(Status::PsaErrorInvalidArgument)) << refused.uri;
    if (address) continue;
    EXPECT_THAT(address.error().message(), HasSubstr(refused.why)) << refused.uri;
  }
}

TEST(TokenAddressTest, NeverShowsAPin) {
  auto address = TokenAddress::parse("pkcs11:token=keys?pin-value=1234");
  ASSERT_FALSE(address.has_value());
  EXPECT_THAT(address.error().message(), ::testing::Not(HasSubstr("1234")));
}

}  // namespace
}  // namespace strongroom::pkcs11
