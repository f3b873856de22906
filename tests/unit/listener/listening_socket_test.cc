#include "service/listener/listening_socket.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr mode_t kPermissions = 07777;

// Makes a socket that is bound but on which nobody listens, as a killed daemon leaves it.
void leave_stale_socket(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
}

// 0, or the errno of connect().
int connect_to(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0
             ? 0
             : errno;
}

class ListeningSocketTest : public ::testing::Test {
 protected:
  PassedDescriptor passed(const std::string& name) {
    auto bound = ListeningSocket::bind({.path = directory_ / ("passed-" + name)});
    EXPECT_THAT(bound, IsOk());
    return {name, UniqueFd(::fcntl(bound->descriptor(), F_DUPFD_CLOEXEC, 0))};
  }

  testing::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "service.sock";
};

TEST_F(ListeningSocketTest, IsConnectableWithTheModeAsked) {
  for (mode_t mode : {0600U, 0660U, 0666U}) {
    auto socket = ListeningSocket::bind({.path = path_, .mode = mode});
    ASSERT_THAT(socket, IsOk());
    struct stat file{};
    ASSERT_EQ(::stat(path_.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & kPermissions, mode);
    EXPECT_EQ(connect_to(path_), 0);
  }
}

TEST_F(ListeningSocketTest, GetsItsOwnerAndGroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  auto socket = ListeningSocket::bind({.path = path_, .owner = 64000, .group = 64001});
  ASSERT_THAT(socket, IsOk());
  struct stat file{};
  ASSERT_EQ(::stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_uid, 64000U);
  EXPECT_EQ(file.st_gid, 64001U);
}

TEST_F(ListeningSocketTest, DoesNotBlockAndIsClosedOnExec) {
  auto socket = ListeningSocket::bind({.path = path_});
  ASSERT_THAT(socket, IsOk());
  EXPECT_NE(::fcntl(socket->descriptor(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(socket->descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ListeningSocketTest, ThePathIsFreeAfterwards) {
  ASSERT_THAT(ListeningSocket::bind({.path = path_}), IsOk());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ListeningSocketTest, LeavesAFileThatIsNotItsOwnAnyMore) {
  {
    auto socket = ListeningSocket::bind({.path = path_});
    ASSERT_THAT(socket, IsOk());
    std::filesystem::rename(path_, directory_ / "moved");
    leave_stale_socket(path_);
  }
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(ListeningSocketTest, AForkedChildDoesNotRemoveIt) {
  auto socket = ListeningSocket::bind({.path = path_});
  ASSERT_THAT(socket, IsOk());
  const pid_t child = ::fork();
  if (child == 0) {
    {
      ListeningSocket inherited = *std::move(socket);
    }
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(connect_to(path_), 0);
}

TEST_F(ListeningSocketTest, TakesThePlaceOfAStaleSocket) {
  leave_stale_socket(path_);
  EXPECT_EQ(connect_to(path_), ECONNREFUSED);
  auto socket = ListeningSocket::bind({.path = path_});
  ASSERT_THAT(socket, IsOk());
  EXPECT_EQ(connect_to(path_), 0);
}

TEST_F(ListeningSocketTest, LeavesALiveSocketAlone) {
  auto first = ListeningSocket::bind({.path = path_});
  ASSERT_THAT(first, IsOk());
  auto second = ListeningSocket::bind({.path = path_});
  ASSERT_THAT(second, FailsWith(Status::ConnectionError));
  EXPECT_EQ(second.error().message(), "another service is listening at '" + path_ + "'");
  EXPECT_EQ(connect_to(path_), 0);
}

TEST_F(ListeningSocketTest, NeverTouchesWhatIsNotASocket) {
  std::ofstream(path_) << "precious";
  std::filesystem::create_directory(directory_ / "directory");
  std::filesystem::create_symlink(path_, directory_ / "link");
  for (const std::string& path : {path_, directory_ / "directory", directory_ / "link"}) {
    auto socket = ListeningSocket::bind({.path = path});
    ASSERT_THAT(socket, FailsWith(Status::ConnectionError));
    EXPECT_THAT(socket.error().message(), HasSubstr("is not a socket"));
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(path)));
  }
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(ListeningSocketTest, RefusesPathsThatNoAddressHolds) {
  const std::string longest = directory_ / std::string(107 - (directory_ / "").size(), 'p');
  EXPECT_THAT(ListeningSocket::bind({.path = longest}), IsOk());
  auto too_long = ListeningSocket::bind({.path = longest + "p"});
  ASSERT_THAT(too_long, FailsWith(Status::ConnectionError));
  EXPECT_THAT(too_long.error().message(), HasSubstr("108 bytes, at most 107"));
  EXPECT_THAT(ListeningSocket::bind({.path = ""}), FailsWith(Status::ConnectionError));
  EXPECT_THAT(ListeningSocket::bind({.path = std::string("\0abstract", 9)}),
              FailsWith(Status::ConnectionError));
}

TEST_F(ListeningSocketTest, SaysWhenTheDirectoryIsMissing) {
  auto socket = ListeningSocket::bind({.path = directory_ / "missing/service.sock"});
  ASSERT_THAT(socket, FailsWith(Status::ConnectionError));
  EXPECT_THAT(socket.error().message(), HasSubstr("No such file or directory"));
}

TEST_F(ListeningSocketTest, APassedDescriptorMustListen) {
  UniqueFd not_listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_THAT(ListeningSocket::adopt({"strongroom", std::move(not_listening)}, {}),
              FailsWith(Status::ConnectionError));
  UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_THAT(ListeningSocket::adopt({"strongroom", std::move(file)}, {}),
              FailsWith(Status::ConnectionError));
}

TEST_F(ListeningSocketTest, APassedDescriptorDoesNotBlockFromThenOn) {
  PassedDescriptor descriptor = passed("strongroom");
  ASSERT_EQ(::fcntl(descriptor.descriptor.get(), F_SETFL, 0), 0);
  ASSERT_EQ(::fcntl(descriptor.descriptor.get(), F_SETFD, 0), 0);
  auto socket = ListeningSocket::adopt(std::move(descriptor), {.is_admin = true});
  ASSERT_THAT(socket, IsOk());
  EXPECT_TRUE(socket->is_admin());
  EXPECT_NE(::fcntl(socket->descriptor(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(socket->descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

// What a service that the manager started finds: run in a child, because the environment and the
// numbers of descriptors are the process's.
int check_passed_descriptors(int listening) {
  constexpr int kFirst = 3;
  if (::dup2(listening, kFirst) < 0 || ::dup2(listening, kFirst + 1) < 0) return 1;
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_FDNAMES", "strongroom:admin", 1);
  auto first = take_passed_descriptors();
  if (!first || first->size() != 2) return 2;
  if ((*first)[0].name != "strongroom" || (*first)[1].name != "admin") return 3;
  if ((*first)[0].descriptor.get() != kFirst) return 4;
  if (::getenv("LISTEN_FDS") != nullptr) return 5;
  auto second = take_passed_descriptors();
  if (!second || !second->empty()) return 6;
  return ListeningSocket::adopt(std::move(first->back()), {}) ? 0 : 7;
}

TEST_F(ListeningSocketTest, TheServiceManagersDescriptorsAreTakenOnce) {
  auto bound = ListeningSocket::bind({.path = path_});
  ASSERT_THAT(bound, IsOk());
  UniqueFd listening(::fcntl(bound->descriptor(), F_DUPFD_CLOEXEC, 10));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check_passed_descriptors(listening.get()));
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "exit status " << WEXITSTATUS(status);
}

TEST_F(ListeningSocketTest, WithoutAServiceManagerNothingIsPassed) {
  auto none = take_passed_descriptors();
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->empty());
}

}  // namespace
}  // namespace strongroom
