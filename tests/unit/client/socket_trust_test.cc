#include "client/socket_trust.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom::client {
namespace {

// As for a connection of the caller's.
std::vector<uid_t> owners_here(const std::string& path) {
  std::vector<uid_t> owners = trusted_owners(path);
  owners.push_back(::geteuid());
  return owners;
}

using testing::FailsFrom;
using ::testing::HasSubstr;
using testing::IsOk;

constexpr uid_t kForeignUid = 64003;

auto is_not_trusted() {
  return FailsFrom(ErrorSource::Endpoint, Status::ConnectionError);
}

class SocketTrust : public ::testing::Test {
 protected:
  SocketTrust() {
    std::filesystem::create_directory(directory_ / "run");
    listener_ = testing::listen_at(socket());
  }

  std::string socket() const { return directory_ / "run/x.sock"; }
  void set_mode(std::string_view name, mode_t mode) const {
    ASSERT_EQ(::chmod((directory_ / name).c_str(), mode), 0);
  }
  void give_away(std::string_view name) const {
    ASSERT_EQ(::lchown((directory_ / name).c_str(), kForeignUid, kForeignUid), 0);
  }
  ClientResult<> check() const { return check_socket_trust(socket(), owners_here(socket())); }

  testing::TemporaryDirectory directory_;
  UniqueFd listener_;
};

class ForeignSocketTrust : public SocketTrust {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(SocketTrust, OwnSocketBelowAStickyDirectoryIsTrusted) {
  EXPECT_THAT(check(), IsOk());  // as the one above it is
}

TEST_F(SocketTrust, ModeOfTheSocketDoesNotMatter) {
  set_mode("run/x.sock", 0666);
  EXPECT_THAT(check(), IsOk());
}

TEST_F(SocketTrust, DirectoryThatOthersMayWriteToIsNotTrusted) {
  set_mode("run", 0757);
  EXPECT_THAT(check(), is_not_trusted());
  set_mode("run", 0775);
  EXPECT_THAT(check(), is_not_trusted());
}

TEST_F(SocketTrust, StickyBitMakesAWritableDirectoryTrusted) {
  set_mode("run", 01777);
  EXPECT_THAT(check(), IsOk());
}

TEST_F(SocketTrust, DirectoriesFurtherUpCountToo) {
  set_mode(".", 0777);
  ClientResult<> trust = check();
  ASSERT_THAT(trust, is_not_trusted());
  EXPECT_THAT(trust.error().message(), HasSubstr(directory_.path()));
}

TEST_F(SocketTrust, WayThroughASymbolicLinkIsWalked) {
  std::filesystem::create_directory_symlink("run", directory_ / "link");
  std::string path = directory_ / "link/x.sock";
  EXPECT_THAT(check_socket_trust(path, owners_here(path)), IsOk());
  set_mode("run", 0777);
  EXPECT_THAT(check_socket_trust(path, owners_here(path)), is_not_trusted());
}

TEST_F(SocketTrust, LoopOfLinksEnds) {
  std::filesystem::create_symlink("loop", directory_ / "loop");
  ClientResult<> trust = check_socket_trust(directory_ / "loop", owners_here(""));
  ASSERT_THAT(trust, is_not_trusted());
  EXPECT_EQ(trust.error().system_error(), ELOOP);
}

TEST_F(SocketTrust, DotsAreWalkedAsTheKernelDoes) {
  EXPECT_THAT(check_socket_trust(directory_ / "run/./../run/x.sock", owners_here("")), IsOk());
}

TEST_F(SocketTrust, MissingSocketSaysSo) {
  ClientResult<> trust = check_socket_trust(directory_ / "none", owners_here(""));
  ASSERT_THAT(trust, is_not_trusted());
  EXPECT_EQ(trust.error().system_error(), ENOENT);
}

TEST_F(SocketTrust, WhatIsNoSocketSaysSo) {
  ClientResult<> trust = check_socket_trust(directory_ / "run", owners_here(""));
  ASSERT_THAT(trust, is_not_trusted());
  EXPECT_EQ(trust.error().system_error(), ENOTSOCK);
}

TEST_F(ForeignSocketTrust, SocketOfAnotherUserIsNotTrusted) {
  give_away("run/x.sock");
  EXPECT_THAT(check(), is_not_trusted());
}

TEST_F(ForeignSocketTrust, DirectoryOfAnotherUserIsNotTrusted) {
  give_away("run");
  EXPECT_THAT(check(), is_not_trusted());
}

TEST_F(ForeignSocketTrust, LinkOfAnotherUserIsNotTrusted) {
  std::filesystem::create_symlink("x.sock", directory_ / "run/link");
  give_away("run/link");
  std::string path = directory_ / "run/link";
  EXPECT_THAT(check_socket_trust(path, owners_here(path)), is_not_trusted());
}

TEST_F(ForeignSocketTrust, UserOfTheServiceIsTrusted) {
  give_away("run/x.sock");
  give_away("run");
  EXPECT_THAT(check_socket_trust(socket(), {0, kForeignUid}), IsOk());
}

// A program may have opened the client under another effective user.
TEST(RememberedOwners, HaveNoPlaceForTheCaller) {
  const uid_t before = ::geteuid();
  ASSERT_EQ(::seteuid(before == 0 ? 64001 : before), 0);
  const std::vector<uid_t> owners = trusted_owners("/run/strongroom/x.sock");
  const uid_t caller = ::geteuid();
  ASSERT_EQ(::seteuid(before), 0);
  EXPECT_EQ(std::ranges::count(owners, caller), 0);
}

}  // namespace
}  // namespace strongroom::client
