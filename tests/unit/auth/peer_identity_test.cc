#include "service/auth/peer_identity.h"

#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;

class PeerIdentityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    here_ = UniqueFd(pair[0]);
    there_ = UniqueFd(pair[1]);
  }

  Result<PeerIdentity> read(UnmappedUid unmapped = UnmappedUid::Refused) {
    return read_peer_identity(here_.get(), unmapped, *processes_);
  }

  std::shared_ptr<PeerProcesses> processes_ = PeerProcesses::create();
  UniqueFd here_;
  UniqueFd there_;
};

TEST_F(PeerIdentityTest, IsWhatTheKernelSaysOfTheConnector) {
  const auto peer = read();
  ASSERT_THAT(peer, IsOk());
  EXPECT_EQ(peer->uid, ::geteuid());
  EXPECT_EQ(peer->gid, ::getegid());
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_TRUE(peer->is_member_of(::getegid()));
  int count = ::getgroups(0, nullptr);
  EXPECT_EQ(peer->groups.size(), static_cast<std::size_t>(count));
  ASSERT_NE(peer->process, nullptr);
  EXPECT_FALSE(peer->process->has_exited());
}

// In a user namespace that maps nobody, everybody has the overflow uid. 0, 1 or, where there can be
// no such namespace, 2.
int what_a_foreigner_sees(const std::function<bool()>& claim) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWUSER) != 0) ::_exit(2);
    ::_exit(claim() ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(PeerIdentityTest, UserWithoutANameHereHasNoneUnlessTheUidDecidesNothing) {
  const int seen = what_a_foreigner_sees([this] {
    const auto refused = read();
    const auto accepted = read(UnmappedUid::Accepted);
    return !refused && refused.error().status() == Status::AuthenticationError && accepted &&
           accepted->uid == 65534;
  });
  if (seen == 2) GTEST_SKIP() << "needs user namespaces";
  EXPECT_EQ(seen, 0);
}

TEST(PeerIdentity, MembershipOfUnnamedGroupsCountsForNothing) {
  gid_t overflow = 0;
  std::ifstream("/proc/sys/kernel/overflowgid") >> overflow;
  const PeerIdentity peer{.pid = 1, .uid = 2, .gid = overflow, .groups = {overflow, 7}};
  EXPECT_FALSE(peer.is_member_of(overflow));
  EXPECT_TRUE(peer.is_member_of(7));
}

TEST(PeerIdentity, MembershipCountsPrimaryAndSupplementaryGroups) {
  PeerIdentity peer{.pid = 1, .uid = 2, .gid = 3, .groups = {4, 5}};
  EXPECT_TRUE(peer.is_member_of(3));
  EXPECT_TRUE(peer.is_member_of(5));
  EXPECT_FALSE(peer.is_member_of(2));
}

TEST(PeerIdentity, SomethingThatIsNoSocketHasNone) {
  UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_THAT(read_peer_identity(file.get(), UnmappedUid::Refused, *PeerProcesses::create()),
              FailsWith(Status::ConnectionError));
}

}  // namespace
}  // namespace strongroom
