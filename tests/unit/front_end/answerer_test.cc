#include "service/front_end/answerer.h"

#include <new>

#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::request_of;
using testing::ServiceUnderTest;

class AnswererTest : public ::testing::Test {
 protected:
  Answerer answerer() {
    RequestHeader header;
    header.opcode = std::to_underlying(Opcode::PsaSignHash);
    return {header, RequestLog(header, service_.caller),
            [this](const Response& response) { answers_.push_back(response.header.status); }};
  }
  static constexpr std::uint16_t number(Status status) { return std::to_underlying(status); }

  ServiceUnderTest service_;
  std::vector<std::uint16_t> answers_;
};

TEST_F(AnswererTest, AnswersOnce) {
  {
    Answerer first = answerer();
    Answerer second = std::move(first);
    second(Bytes());
  }
  EXPECT_EQ(answers_, std::vector{number(Status::Success)});
}

TEST_F(AnswererTest, SaysThatThereWasNoMemory) {
  const auto fails = [](const Answerer&) { throw std::bad_alloc(); };
  try {
    fails(answerer());
  } catch (const std::bad_alloc&) {
  }
  EXPECT_EQ(answers_, std::vector{number(Status::PsaErrorInsufficientMemory)});
}

TEST_F(AnswererTest, SaysNothingWhenTheServiceStops) {
  {
    const Answerer dropped = answerer();
  }
  EXPECT_TRUE(answers_.empty());
}

TEST_F(AnswererTest, RequestsForWhichThereIsNoMemoryAreAnsweredInlineAndInALane) {
  service_.make_key_for(Opcode::PsaSignHash);
  Request generate =
      request_of(Opcode::PsaGenerateKey, testing::generate_body("another", testing::ecc_pair()));
  service_.provider().is_out_of_memory = true;
  EXPECT_EQ(service_.status_of(Opcode::PsaSignHash), Status::PsaErrorInsufficientMemory);
  EXPECT_EQ(service_.status_of(std::move(generate)), Status::PsaErrorInsufficientMemory);
  service_.provider().is_out_of_memory = false;
  EXPECT_EQ(service_.status_of(Opcode::PsaSignHash), Status::Success);
}

}  // namespace
}  // namespace strongroom
