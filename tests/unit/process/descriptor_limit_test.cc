#include "service/process/descriptor_limit.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

using testing::holds_in_child;

bool limit_descriptors(rlim_t soft, rlim_t hard) {
  const rlimit limit{.rlim_cur = soft, .rlim_max = hard};
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

rlim_t current_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

// Two for each connection: one is that of the process at its other end.
TEST(DescriptorLimit, IsRaisedToWhatIsNeeded) {
  EXPECT_TRUE(holds_in_child([] {
    return limit_descriptors(64, 1024) && make_room_for_connections(100) &&
           current_limit() >= 300 && current_limit() < 1024;
  }));
}

TEST(DescriptorLimit, IsRaisedAsFarAsPermitted) {
  EXPECT_TRUE(holds_in_child([] {
    return limit_descriptors(64, 256) && make_room_for_connections(4096) && current_limit() == 256;
  }));
}

TEST(DescriptorLimit, IsNeverLowered) {
  EXPECT_TRUE(holds_in_child([] {
    return limit_descriptors(1000, 1024) && make_room_for_connections(1) && current_limit() == 1000;
  }));
}

}  // namespace
}  // namespace strongroom
