// Security requirement T7, of the whole daemon: what a reader of the disk finds of a destroyed key.
#include <fstream>
#include <sstream>
#include <thread>
#include <unordered_set>

#include "tests/fault/fault_fixture.h"

namespace strongroom::testing {
namespace {

constexpr std::size_t kWindow = 12;

class SecureDeletionTest : public FaultTest {
 protected:
  void SetUp() override {
    if (place_.run({"sqlite3", "-version"}).exit_code != 0) GTEST_SKIP() << "needs sqlite3";
    ASSERT_TRUE(daemon_.await_ready());
    for (std::size_t i = 0; i < kKeys; ++i)
      ASSERT_TRUE(book_.create(book_.name(i)));
  }

  std::string all_files() const {
    std::ostringstream content;
    for (const char* name : {"keys.db", "keys.db-wal", "keys.db-shm"})
      content << std::ifstream(place_.file(name), std::ios::binary).rdbuf();
    return content.str();
  }

  std::string sealed_of(const std::string& name) const {
    const std::string hex = place_.sql(
        fmt::format("SELECT hex(sealed) FROM key WHERE name = CAST('{}' AS BLOB)", name));
    std::string sealed;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      sealed += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return sealed;
  }

  std::size_t windows_found(const std::string& sealed) const {
    const std::string content = all_files();
    std::unordered_set<std::string_view> present;
    for (std::size_t i = 0; i + kWindow <= content.size(); ++i)
      present.insert(std::string_view(content).substr(i, kWindow));
    std::size_t found = 0;
    for (std::size_t i = 0; i + kWindow <= sealed.size(); ++i)
      found += present.count(std::string_view(sealed).substr(i, kWindow));
    return found;
  }

  static constexpr std::size_t kKeys = 8;
  KeyBook book_{place_.socket(), "gone", 0};
  DaemonProcess daemon_{place_};
};

TEST_F(SecureDeletionTest, DestroyedKeyIsGoneFromTheDiskWithinASecond) {
  for (std::size_t i = 0; i < kKeys; ++i) {
    const std::string sealed = sealed_of(book_.name(i));
    ASSERT_GT(sealed.size(), 32U);
    ASSERT_GT(windows_found(sealed), 0U) << "positive control";
    ASSERT_TRUE(book_.destroy(book_.name(i)));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    EXPECT_EQ(windows_found(sealed), 0U) << book_.name(i);
  }
}

TEST_F(SecureDeletionTest, DestroyedKeyIsGoneAfterAKillAndARestart) {
  std::string sealed;
  for (std::size_t i = 0; i < kKeys; ++i)
    sealed += sealed_of(book_.name(i));
  ASSERT_GT(windows_found(sealed), 0U) << "positive control";
  for (std::size_t i = 0; i < kKeys; ++i)
    ASSERT_TRUE(book_.destroy(book_.name(i)));
  ASSERT_EQ(book_.doubtful(), 0U);
  daemon_.kill();
  DaemonProcess again(place_);
  ASSERT_TRUE(again.await_ready());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(windows_found(sealed), 0U);
}

}  // namespace
}  // namespace strongroom::testing
