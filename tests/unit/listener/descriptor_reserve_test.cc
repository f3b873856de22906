#include "service/listener/descriptor_reserve.h"

#include <filesystem>
#include <sys/resource.h>

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

// While it lives `spare` descriptors can be opened: lower numbers are all taken.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t spare) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const UniqueFd next(::dup(0));
    const rlimit lowered{.rlim_cur = static_cast<rlim_t>(next.get()) + spare,
                         .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(DescriptorReserve, GivesUpTwoAtATimeAndTakesThemBack) {
  const auto before = open_descriptors();
  const auto reserve = DescriptorReserve::create(4);
  ASSERT_THAT(reserve, IsOk());
  EXPECT_EQ(open_descriptors(), before + 4);
  EXPECT_TRUE((*reserve)->give_up());
  EXPECT_EQ(open_descriptors(), before + 2);
  EXPECT_TRUE((*reserve)->give_up());
  EXPECT_FALSE((*reserve)->give_up());
  EXPECT_TRUE((*reserve)->refill());
  EXPECT_EQ(open_descriptors(), before + 4);
}

TEST(DescriptorReserve, IsNotWholeWhileOthersHaveWhatItGaveUp) {
  const auto reserve = DescriptorReserve::create(4);
  ASSERT_THAT(reserve, IsOk());
  const FewDescriptors few(0);
  ASSERT_TRUE((*reserve)->give_up());
  {
    const UniqueFd other(::dup(0));
    ASSERT_TRUE(other);
    EXPECT_FALSE((*reserve)->refill());
  }
  EXPECT_TRUE((*reserve)->refill());
}

// The undefined behaviour sanitizer needs descriptors itself, and reports what is none without.
#ifndef __SANITIZE_ADDRESS__
TEST(DescriptorReserve, IsNotToBeHadWhereThereAreNotSoMany) {
  const FewDescriptors few(3);
  EXPECT_THAT(DescriptorReserve::create(4), FailsWith(Status::ConnectionError));
}
#endif

}  // namespace
}  // namespace strongroom
