// Security requirement T7: destroyed records leave no sealed copy in the store's files.
#include <chrono>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "tests/unit/store/store_fixture.h"

namespace strongroom::testing {
namespace {

constexpr std::size_t kWindow = 12;

class SecureDeletionTest : public ::testing::Test {
 protected:
  // The files as a reader of the disk finds them.
  std::string all_files() const {
    std::string content;
    for (const char* name : {"keys.db", "keys.db-wal", "keys.db-shm"})
      content += read_file(store_.file(name));
    return content;
  }

  // How many windows of `blob` stand somewhere in the files.
  std::size_t windows_found(const std::string& blob) const {
    std::string content = all_files();
    std::unordered_set<std::string_view> present;
    for (std::size_t i = 0; i + kWindow <= content.size(); ++i)
      present.insert(std::string_view(content).substr(i, kWindow));
    std::size_t found = 0;
    for (std::size_t i = 0; i + kWindow <= blob.size(); ++i)
      if (present.contains(std::string_view(blob).substr(i, kWindow))) ++found;
    return found;
  }

  std::string sealed_of(const std::string& name) const {
    std::string hex_name;
    for (char letter : name)
      hex_name += fmt::format("{:02x}", static_cast<unsigned>(letter));
    std::string hex =
        store_.sql(fmt::format("SELECT hex(sealed) FROM key WHERE name = x'{}'", hex_name));
    std::string blob;
    for (std::size_t i = 0; i < hex.size(); i += 2)
      blob += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return blob;
  }

  void create_keys(int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_THAT(create(*store_, fmt::format("filler{}", i)), IsOk());
  }

  StoreInDirectory store_;
};

TEST_F(SecureDeletionTest, DestroyedRecordIsGoneFromAllFilesWithinASecond) {
  ASSERT_THAT(store_.open(), IsOk());
  create_keys(20);
  KeyRecord large = record_of("web");
  large.public_key = Bytes(9000, std::byte{7});  // spills into overflow pages
  ASSERT_THAT(done(*store_, &Store::create, std::move(large)), IsOk());
  ASSERT_THAT(create(*store_, "small"), IsOk());
  std::string sealed = sealed_of("web") + sealed_of("small");
  ASSERT_GT(sealed.size(), 9000U);
  // Overflow pages interrupt a blob, hence not every window is found.
  ASSERT_GT(windows_found(sealed), sealed.size() * 9 / 10) << "positive control";
  ASSERT_THAT(destroy(*store_, "web"), IsOk());
  ASSERT_THAT(destroy(*store_, "small"), IsOk());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(windows_found(sealed), 0U);
}

TEST_F(SecureDeletionTest, SealBeforeAChangeOfStateIsGoneToo) {
  ASSERT_THAT(store_.open(), IsOk());
  create_keys(20);
  ASSERT_THAT(create(*store_, "device"), IsOk());
  std::string present = sealed_of("device");
  std::uint64_t serial = (*store_->find(id_of("device")))->serial;
  ASSERT_GT(windows_found(present), 0U) << "positive control";
  ASSERT_THAT(begin_destroy(*store_, "device"), IsOk());
  std::string destroying = sealed_of("device");
  ASSERT_THAT(done(*store_, &Store::finish_destroy, serial), IsOk());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(windows_found(present + destroying), 0U);
}

TEST_F(SecureDeletionTest, DestroyedJustBeforeACrashIsGoneWithinASecondOfTheStart) {
  ASSERT_THAT(store_.open(), IsOk());
  create_keys(20);
  ASSERT_THAT(create(*store_, "small"), IsOk());
  std::string sealed = sealed_of("small");
  ASSERT_THAT(destroy(*store_, "small"), IsOk());
  // What a SIGKILL leaves at this moment.
  std::string database = read_file(store_.file("keys.db"));
  std::string wal = read_file(store_.file("keys.db-wal"));
  store_.close();
  write_file(store_.file("keys.db"), database);
  write_file(store_.file("keys.db-wal"), wal);
  ASSERT_GT(windows_found(sealed), 0U) << "positive control";
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_THAT(store_->find(id_of("small")), FailsWith(Status::PsaErrorDoesNotExist));
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(windows_found(sealed), 0U);
}

TEST_F(SecureDeletionTest, ReaderDoesNotKeepTheWal) {
  ASSERT_THAT(store_.open(), IsOk());
  create_keys(50);
  std::string sealed = sealed_of("filler7");
  std::jthread reader([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      store_->drop_cached();
      EXPECT_THAT(store_->find(id_of("filler1")), IsOk());
    }
  });
  ASSERT_THAT(destroy(*store_, "filler7"), IsOk());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(windows_found(sealed), 0U);
}

}  // namespace
}  // namespace strongroom::testing
