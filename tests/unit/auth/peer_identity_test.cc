#include "service/auth/peer_identity.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;

TEST(PeerIdentity, IsWhatTheKernelSaysOfTheConnector) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  UniqueFd here(pair[0]);
  UniqueFd there(pair[1]);
  auto peer = read_peer_identity(here.get());
  ASSERT_THAT(peer, IsOk());
  EXPECT_EQ(peer->uid, ::geteuid());
  EXPECT_EQ(peer->gid, ::getegid());
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_TRUE(peer->is_member_of(::getegid()));
  int count = ::getgroups(0, nullptr);
  EXPECT_EQ(peer->groups.size(), static_cast<std::size_t>(count));
}

TEST(PeerIdentity, MembershipCountsPrimaryAndSupplementaryGroups) {
  PeerIdentity peer{.pid = 1, .uid = 2, .gid = 3, .groups = {4, 5}};
  EXPECT_TRUE(peer.is_member_of(3));
  EXPECT_TRUE(peer.is_member_of(5));
  EXPECT_FALSE(peer.is_member_of(2));
}

TEST(PeerIdentity, SomethingThatIsNoSocketHasNone) {
  UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_THAT(read_peer_identity(file.get()), FailsWith(Status::ConnectionError));
}

}  // namespace
}  // namespace strongroom
