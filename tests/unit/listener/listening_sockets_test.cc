#include "service/listener/listening_sockets.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>
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

class ListeningSocketsTest : public ::testing::Test {
 protected:
  PassedDescriptor passed(const std::string& name) {
    auto bound = ListeningSocket::bind({.path = directory_ / ("passed-" + name)});
    EXPECT_THAT(bound, IsOk());
    return {name, UniqueFd(::fcntl(bound->descriptor(), F_DUPFD_CLOEXEC, 0))};
  }

  void open(const std::vector<SocketSettings>& settings,
            std::vector<PassedDescriptor> descriptors = {}) {
    auto opened = ListeningSockets::open(settings, std::move(descriptors));
    ASSERT_THAT(opened, IsOk());
    sockets_.emplace(*std::move(opened));
  }
  void change_to(const std::vector<SocketSettings>& settings) {
    auto replacement = sockets_->prepare(settings);
    ASSERT_THAT(replacement, IsOk());
    sockets_->put_to_use(*std::move(replacement));
  }
  ListeningSocketPtr only() const { return sockets_->in_use().at(0); }

  struct stat file(const std::string& path) const {
    struct stat status{};
    ::lstat(path.c_str(), &status);
    return status;
  }
  mode_t mode_of(const std::string& path) const { return file(path).st_mode & 07777U; }
  bool is_connectable(const std::string& path) const {
    UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
           0;
  }

  testing::TemporaryDirectory directory_;
  const std::string a_ = directory_ / "a";
  const std::string b_ = directory_ / "b";
  std::optional<ListeningSockets> sockets_;
};

TEST_F(ListeningSocketsTest, PassedDescriptorsGoByNameThenByOrder) {
  const std::vector<SocketSettings> settings{
      {.path = directory_ / "a", .passed_name = "strongroom"},
      {.path = directory_ / "b", .passed_name = "admin", .is_admin = true},
      {.path = directory_ / "c", .passed_name = "parsec"},
  };
  std::vector<PassedDescriptor> descriptors;
  descriptors.push_back(passed("unknown"));
  descriptors.push_back(passed("admin"));
  auto sockets = ListeningSockets::open(settings, std::move(descriptors));
  ASSERT_THAT(sockets, IsOk());
  ASSERT_EQ(sockets->in_use().size(), 3U);
  EXPECT_EQ(sockets->in_use()[0]->name(), "unknown");
  EXPECT_EQ(sockets->in_use()[1]->name(), "admin");
  EXPECT_TRUE(sockets->in_use()[1]->is_admin());
  EXPECT_EQ(sockets->in_use()[2]->name(), directory_ / "c");
  EXPECT_TRUE(is_connectable(directory_ / "c"));
}

TEST_F(ListeningSocketsTest, APassedDescriptorThatNobodyTakesIsAnError) {
  std::vector<PassedDescriptor> descriptors;
  descriptors.push_back(passed("typo"));
  auto sockets =
      ListeningSockets::open({{.path = a_, .passed_name = "strongroom"}}, std::move(descriptors));
  ASSERT_THAT(sockets, FailsWith(Status::ConnectionError));
  EXPECT_THAT(sockets.error().message(), HasSubstr("'typo'"));
}

// Else the operator would be told of another service, which is the one to be replaced.
TEST_F(ListeningSocketsTest, APassedDescriptorThatNobodyTakesIsToldBeforeAnyPathIsTaken) {
  const auto other = ListeningSocket::bind({.path = a_});
  ASSERT_THAT(other, IsOk());
  std::vector<PassedDescriptor> descriptors;
  descriptors.push_back(passed("typo"));
  auto sockets = ListeningSockets::open({{.path = a_}}, std::move(descriptors));
  ASSERT_THAT(sockets, FailsWith(Status::ConnectionError));
  EXPECT_THAT(sockets.error().message(), HasSubstr("'typo'"));
}

TEST_F(ListeningSocketsTest, OneThatStaysIsTheSameObject) {
  open({{.path = a_}, {.path = b_}});
  const auto before = sockets_->in_use();
  const ino_t inode = file(a_).st_ino;
  change_to({{.path = b_}, {.path = a_}});
  EXPECT_EQ(sockets_->in_use(), (std::vector{before[1], before[0]}));
  EXPECT_EQ(file(a_).st_ino, inode);
}

TEST_F(ListeningSocketsTest, OneThatGoesTakesItsFileAlong) {
  open({{.path = a_}, {.path = b_}});
  change_to({{.path = a_}});
  EXPECT_TRUE(is_connectable(a_));
  EXPECT_FALSE(std::filesystem::exists(b_));
  change_to({{.path = a_}, {.path = b_}});
  EXPECT_TRUE(is_connectable(b_));
}

TEST_F(ListeningSocketsTest, OneThatGoesLosesItsFileBeforeItIsClosed) {
  open({{.path = a_}, {.path = b_}});
  const auto held = sockets_->in_use();
  change_to({{.path = a_}});
  EXPECT_FALSE(std::filesystem::exists(b_));
  std::ofstream(b_) << "another's";
  sockets_.reset();
  EXPECT_TRUE(std::filesystem::exists(b_));
}

TEST_F(ListeningSocketsTest, AnotherModeNeedsNoOtherSocket) {
  open({{.path = a_, .mode = 0600}});
  const ListeningSocketPtr before = only();
  const ino_t inode = file(a_).st_ino;
  change_to({{.path = a_, .mode = 0666}});
  EXPECT_EQ(only(), before);
  EXPECT_EQ(mode_of(a_), 0666U);
  EXPECT_EQ(file(a_).st_ino, inode);
}

TEST_F(ListeningSocketsTest, OwnerAndGroupAreGivenAndTakenBack) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  open({{.path = a_}});
  change_to({{.path = a_, .owner = 64000, .group = 64001}});
  EXPECT_EQ(file(a_).st_uid, 64000U);
  EXPECT_EQ(file(a_).st_gid, 64001U);
  change_to({{.path = a_}});
  EXPECT_EQ(file(a_).st_uid, ::geteuid());
  EXPECT_EQ(file(a_).st_gid, ::getegid());
}

TEST_F(ListeningSocketsTest, WhatIsNotPutToUseIsUndone) {
  open({{.path = a_, .mode = 0600}});
  {
    auto replacement = sockets_->prepare({{.path = a_, .mode = 0666}, {.path = b_}});
    ASSERT_THAT(replacement, IsOk());
    EXPECT_EQ(mode_of(a_), 0666U);
    EXPECT_TRUE(is_connectable(b_));
  }
  EXPECT_EQ(mode_of(a_), 0600U);
  EXPECT_FALSE(std::filesystem::exists(b_));
  EXPECT_TRUE(is_connectable(a_));
}

TEST_F(ListeningSocketsTest, WhatCannotBeBoundChangesNothing) {
  open({{.path = a_, .mode = 0600}});
  std::ofstream(b_) << "precious";
  EXPECT_THAT(sockets_->prepare({{.path = a_, .mode = 0666}, {.path = b_}}),
              FailsWith(Status::ConnectionError));
  EXPECT_EQ(mode_of(a_), 0600U);
  EXPECT_EQ(std::filesystem::file_size(b_), 8U);
}

TEST_F(ListeningSocketsTest, AFileThatIsAnothersByNowKeepsItsMode) {
  open({{.path = a_, .mode = 0600}});
  std::filesystem::rename(a_, b_);
  std::ofstream(a_) << "another's";
  std::filesystem::permissions(a_, std::filesystem::perms::owner_read);
  auto replacement = sockets_->prepare({{.path = a_, .mode = 0666}});
  ASSERT_THAT(replacement, FailsWith(Status::ConnectionError));
  EXPECT_THAT(replacement.error().message(), HasSubstr("it is not the daemon's any more"));
  EXPECT_EQ(mode_of(a_), 0400U);
}

TEST_F(ListeningSocketsTest, WhoIsServedChangesOnTheSameDescriptor) {
  open({{.path = a_}});
  const ListeningSocketPtr before = only();
  const ino_t inode = file(a_).st_ino;
  change_to({{.path = a_, .is_admin = true}});
  EXPECT_EQ(only()->descriptor(), before->descriptor());
  EXPECT_NE(only()->number(), before->number());
  EXPECT_TRUE(only()->is_admin());
  change_to({{.path = a_, .tenant = "web"}});
  EXPECT_EQ(only()->tenant(), "web");
  EXPECT_FALSE(only()->is_admin());
  EXPECT_EQ(file(a_).st_ino, inode);
  EXPECT_TRUE(is_connectable(a_));
}

std::vector<PassedDescriptor> list(PassedDescriptor first) {
  std::vector<PassedDescriptor> descriptors;
  descriptors.push_back(std::move(first));
  return descriptors;
}

TEST_F(ListeningSocketsTest, APassedDescriptorStaysOpenWhileNobodyUsesIt) {
  open({{.path = a_, .passed_name = "strongroom"}}, list(passed("strongroom")));
  const int descriptor = only()->descriptor();
  change_to({{.path = b_}});
  EXPECT_NE(only()->descriptor(), descriptor);
  EXPECT_NE(::fcntl(descriptor, F_GETFD), -1);
  EXPECT_FALSE(std::filesystem::exists(a_));
  // Another path, but the same name.
  change_to({{.path = b_, .passed_name = "strongroom"}});
  EXPECT_EQ(only()->descriptor(), descriptor);
  EXPECT_FALSE(std::filesystem::exists(b_));
}

TEST_F(ListeningSocketsTest, APassedDescriptorThatWentByOrderBelongsToItsPath) {
  std::vector<PassedDescriptor> descriptors = list(passed("unknown"));
  descriptors.push_back(passed("a.socket"));
  open({{.path = a_}, {.path = b_}}, std::move(descriptors));
  const int second = sockets_->in_use()[1]->descriptor();
  change_to({{.path = b_}});
  EXPECT_EQ(only()->descriptor(), second);
  EXPECT_FALSE(std::filesystem::exists(b_));
}

TEST_F(ListeningSocketsTest, APassedDescriptorsFileIsNotOurs) {
  auto bound = ListeningSocket::bind({.path = b_, .mode = 0600});
  ASSERT_THAT(bound, IsOk());
  open({{.path = b_, .mode = 0600}},
       list({"unknown", UniqueFd(::fcntl(bound->descriptor(), F_DUPFD_CLOEXEC, 0))}));
  change_to({{.path = b_, .mode = 0666}});
  EXPECT_EQ(mode_of(b_), 0600U);
  change_to({{.path = a_}});
  EXPECT_TRUE(std::filesystem::exists(b_));
}

}  // namespace
}  // namespace strongroom
