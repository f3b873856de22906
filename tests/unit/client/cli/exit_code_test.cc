#include "client/cli/exit_code.h"

#include <algorithm>
#include <array>
#include <utility>

#include <gmock/gmock.h>

namespace strongroom::cli {
namespace {

constexpr std::array kExpected = {
    std::pair{0, 0},     std::pair{1, 10},    std::pair{2, 8},     std::pair{3, 8},
    std::pair{4, 8},     std::pair{5, 8},     std::pair{6, 8},     std::pair{7, 9},
    std::pair{8, 10},    std::pair{9, 8},     std::pair{10, 9},    std::pair{11, 4},
    std::pair{12, 4},    std::pair{13, 4},    std::pair{14, 10},   std::pair{15, 10},
    std::pair{16, 9},    std::pair{17, 9},    std::pair{18, 10},   std::pair{19, 4},
    std::pair{20, 9},    std::pair{21, 4},    std::pair{22, 4},    std::pair{1132, 10},
    std::pair{1133, 4},  std::pair{1134, 8},  std::pair{1135, 9},  std::pair{1136, 10},
    std::pair{1137, 10}, std::pair{1138, 10}, std::pair{1139, 6},  std::pair{1140, 5},
    std::pair{1141, 10}, std::pair{1142, 10}, std::pair{1143, 9},  std::pair{1145, 10},
    std::pair{1146, 10}, std::pair{1147, 10}, std::pair{1148, 10}, std::pair{1149, 7},
    std::pair{1150, 9},  std::pair{1151, 10}, std::pair{1152, 10}, std::pair{1153, 10},
};

TEST(ExitCode, EveryStatusHasItsClass) {
  for (int number = 0; number <= 2000; ++number) {
    std::optional<Status> status = status_from(static_cast<std::uint16_t>(number));
    const auto* row = std::ranges::find(kExpected, number, [](auto pair) { return pair.first; });
    ASSERT_EQ(status.has_value(), row != kExpected.end()) << number;
    if (!status) continue;
    EXPECT_EQ(std::to_underlying(exit_code_of(*status)), row->second) << number;
  }
}

TEST(ExitCode, SourceComesBeforeStatus) {
  auto code = [](ErrorSource source, Status status) {
    return exit_code_of(ClientError(source, status, ""));
  };
  EXPECT_EQ(code(ErrorSource::Endpoint, Status::ConnectionError), ExitCode::CannotConnect);
  EXPECT_EQ(code(ErrorSource::Connection, Status::ConnectionError), ExitCode::ServiceFailure);
  EXPECT_EQ(code(ErrorSource::Answer, Status::InvalidHeader), ExitCode::ServiceFailure);
  EXPECT_EQ(code(ErrorSource::Caller, Status::PsaErrorInvalidArgument), ExitCode::InvalidData);
  EXPECT_EQ(code(ErrorSource::Service, Status::PsaErrorAlreadyExists), ExitCode::Exists);
}

}  // namespace
}  // namespace strongroom::cli
