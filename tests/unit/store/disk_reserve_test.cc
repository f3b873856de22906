#include "service/store/disk/disk_reserve.h"

#include <filesystem>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace strongroom::testing {
namespace {

class DiskReserveTest : public ::testing::Test {
 protected:
  // Bytes that the file has on the disk.
  blkcnt_t room() const {
    struct stat file{};
    return ::stat(path_.c_str(), &file) == 0 ? file.st_blocks * 512 : -1;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "keys.db.reserve";
  DiskReserve reserve_{directory_ / "keys.db"};
};

TEST_F(DiskReserveTest, HasItsRoomUntilItIsGivenUp) {
  EXPECT_FALSE(reserve_.give_up());
  EXPECT_TRUE(reserve_.refill());
  EXPECT_GE(room(), DiskReserve::kBytes);
  EXPECT_TRUE(reserve_.give_up());
  EXPECT_EQ(room(), 0);
  EXPECT_FALSE(reserve_.give_up());
  EXPECT_TRUE(reserve_.refill());
  EXPECT_GE(room(), DiskReserve::kBytes);
}

TEST_F(DiskReserveTest, WritesToNothingThatSomebodyElsePutThere) {
  const std::string other = directory_ / "other";
  std::filesystem::create_symlink(other, path_);
  EXPECT_FALSE(reserve_.refill());
  EXPECT_FALSE(std::filesystem::exists(other));
}

}  // namespace
}  // namespace strongroom::testing
