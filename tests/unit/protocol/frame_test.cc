#include "protocol/frame.h"

#include <array>
#include <optional>
#include <random>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using ::testing::Eq;
using testing::FailsWith;
using testing::IsOkAndHolds;
using ::testing::Optional;

// Each field has bytes that no other field has.
constexpr RequestHeader kRequest = {
    .flags = 0xF1F0,
    .provider = 0x10,
    .session = 0x2726252423222120,
    .content_type = 0x30,
    .accept_type = 0x40,
    .auth_type = 0x50,
    .body_size = 0x63626160,
    .auth_size = 0x7170,
    .opcode = 0x83828180,
};
constexpr std::string_view kRequestHex =
    "10a7c05e1e000100"
    "f0f1102021222324252627304050"
    "60616263707180818283"
    "00000000";

constexpr ResponseHeader kResponse = {
    .provider = 0x10,
    .session = 0x2726252423222120,
    .content_type = 0x30,
    .body_size = 0x63626160,
    .opcode = 0x83828180,
    .status = 0x9190,
};
constexpr std::string_view kResponseHex =
    "10a7c05e1e000100"
    "0000102021222324252627300000"
    "60616263000080818283"
    "90910000";

HeaderBytes valid_request() {
  return encode(kRequest);
}

HeaderBytes with(HeaderBytes header, std::size_t offset, unsigned value) {
  header.at(offset) = std::byte(value);
  return header;
}

Result<ResponseHeader> decode_response(const HeaderBytes& header) {
  return decode_response_header(header);
}

TEST(RequestHeader, HasEachFieldWhereTheProtocolSays) {
  EXPECT_EQ(to_hex(encode(kRequest)), kRequestHex);
  EXPECT_THAT(decode_request_header(valid_request()), IsOkAndHolds(Optional(kRequest)));
}

TEST(ResponseHeader, HasEachFieldWhereTheProtocolSays) {
  EXPECT_EQ(to_hex(encode(kResponse)), kResponseHex);
  EXPECT_THAT(decode_response(encode(kResponse)), IsOkAndHolds(kResponse));
}

TEST(RequestHeader, OfPingIsThatOfThePublishedExample) {
  EXPECT_EQ(to_hex(encode(RequestHeader{.opcode = 1})),
            "10a7c05e1e0001000000000000000000000000000000000000000000010000000000"
            "0000");
}

TEST(ResponseHeader, IsBlankByDefault) {
  EXPECT_EQ(to_hex(encode(ResponseHeader{})),
            "10a7c05e1e0001000000000000000000000000000000000000000000010000000000"
            "0000");
}

TEST(RequestHeader, NeedsMoreBytesAtEachShorterLength) {
  HeaderBytes header = valid_request();
  for (std::size_t size = 0; size < kHeaderSize; ++size)
    EXPECT_THAT(decode_request_header(ByteView(header).first(size)), IsOkAndHolds(Eq(std::nullopt)))
        << size;
}

TEST(RequestHeader, LeavesWhatFollowsItAlone) {
  HeaderBytes header = valid_request();
  Bytes arrived(header.begin(), header.end());
  arrived.insert(arrived.end(), 100, std::byte{0xFF});
  EXPECT_THAT(decode_request_header(arrived), IsOkAndHolds(Optional(kRequest)));
}

TEST(RequestHeader, IgnoresTheStatus) {
  HeaderBytes header = with(with(valid_request(), 32, 0xFF), 33, 0xFF);
  EXPECT_THAT(decode_request_header(header), IsOkAndHolds(Optional(kRequest)));
}

// A fault in one byte, and how many bytes must have arrived before it is told.
struct Fault {
  const char* description;
  std::size_t offset;
  unsigned value;
  Status status;
  std::size_t told_at;
};
// In the order in which they are told.
constexpr std::array kFaults = {
    Fault{"first byte of the magic number", 0, 0x11, Status::InvalidHeader, 4},
    Fault{"second byte of the magic number", 1, 0xA8, Status::InvalidHeader, 4},
    Fault{"third byte of the magic number", 2, 0xC1, Status::InvalidHeader, 4},
    Fault{"last byte of the magic number", 3, 0x5F, Status::InvalidHeader, 4},
    Fault{"header size 29", 4, 29, Status::InvalidHeader, 6},
    Fault{"header size 31", 4, 31, Status::InvalidHeader, 6},
    Fault{"header size 0", 4, 0, Status::InvalidHeader, 6},
    Fault{"header size 286", 5, 1, Status::InvalidHeader, 6},
    Fault{"major version 0", 6, 0, Status::WireProtocolVersionNotSupported, 36},
    Fault{"major version 2", 6, 2, Status::WireProtocolVersionNotSupported, 36},
    Fault{"minor version 1", 7, 1, Status::WireProtocolVersionNotSupported, 36},
    Fault{"first reserved byte", 34, 1, Status::InvalidHeader, 36},
    Fault{"second reserved byte", 35, 0x80, Status::InvalidHeader, 36},
};

TEST(RequestHeader, IsRefusedForEachFaultAsSoonAsItIsCertain) {
  for (const Fault& fault : kFaults) {
    HeaderBytes header = with(valid_request(), fault.offset, fault.value);
    for (std::size_t size = 0; size < fault.told_at; ++size)
      EXPECT_THAT(decode_request_header(ByteView(header).first(size)),
                  IsOkAndHolds(Eq(std::nullopt)))
          << fault.description << " after " << size;
    for (std::size_t size = fault.told_at; size <= kHeaderSize; ++size)
      EXPECT_THAT(decode_request_header(ByteView(header).first(size)), FailsWith(fault.status))
          << fault.description << " after " << size;
  }
}

TEST(RequestHeader, TellsTheFirstOfTwoFaults) {
  for (const Fault& first : kFaults) {
    for (const Fault& second : kFaults) {
      if (second.offset <= first.offset) continue;
      HeaderBytes header =
          with(with(valid_request(), first.offset, first.value), second.offset, second.value);
      EXPECT_THAT(decode_request_header(header), FailsWith(first.status))
          << first.description << ", " << second.description;
    }
  }
}

TEST(ResponseHeader, IsRefusedForTheFaultsOfARequest) {
  for (const Fault& fault : kFaults) {
    HeaderBytes header = with(encode(kResponse), fault.offset, fault.value);
    EXPECT_THAT(decode_response(header), FailsWith(fault.status)) << fault.description;
  }
}

TEST(ResponseHeader, IsRefusedWhenAFieldThatMustBeZeroIsNot) {
  for (std::size_t offset : {8, 9, 20, 21, 26, 27})
    EXPECT_THAT(decode_response(with(encode(kResponse), offset, 1)),
                FailsWith(Status::InvalidHeader))
        << offset;
}

TEST(ResponseHeader, MayCarryAStatusThatWeDoNotKnow) {
  auto header = decode_response(with(encode(ResponseHeader{}), 33, 0xFF));
  EXPECT_THAT(header, IsOkAndHolds(ResponseHeader{.status = 0xFF00}));
}

TEST(RequestHeader, ErrorsSayWhatWasFound) {
  auto header = decode_request_header(view_of("GET / HTTP/1.1"));
  ASSERT_FALSE(header.has_value());
  EXPECT_EQ(header.error().message(),
            "decoding header: magic number is 0x20544547, not 0x5ec0a710");
}

// A valid header with up to `count` bytes overwritten.
HeaderBytes disturbed(HeaderBytes header, std::mt19937& random, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    header.at(random() % kHeaderSize) = std::byte(random() & 0xFF);
  return header;
}

TEST(RequestHeader, DisturbedAtRandomIsRefusedOrEncodesToItself) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 20000; ++round) {
    HeaderBytes header = disturbed(valid_request(), random, round % 40);
    auto decoded = decode_request_header(header);
    if (!decoded.has_value()) continue;
    std::optional<RequestHeader> complete = *decoded;
    if (!complete) continue;
    EXPECT_EQ(encode(*complete), with(with(header, 32, 0), 33, 0));  // the status is ignored
  }
}

TEST(ResponseHeader, DisturbedAtRandomIsRefusedOrEncodesToItself) {
  std::mt19937 random(2);
  for (unsigned round = 0; round < 20000; ++round) {
    HeaderBytes header = disturbed(encode(kResponse), random, round % 40);
    auto decoded = decode_response(header);
    if (!decoded.has_value()) continue;
    EXPECT_EQ(encode(*decoded), header);
  }
}

}  // namespace
}  // namespace strongroom
