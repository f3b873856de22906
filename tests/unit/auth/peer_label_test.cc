#include "service/auth/peer_label.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOkAndHolds;

TEST(PeerLabel, EndsWithoutTheNulThatSomeModulesSend) {
  EXPECT_EQ(label_in(std::string_view("system_u:system_r:httpd_t:s0\0", 29)),
            "system_u:system_r:httpd_t:s0");
  EXPECT_EQ(label_in("/usr/sbin/web (enforce)"), "/usr/sbin/web (enforce)");
  EXPECT_EQ(label_in(""), "");
}

TEST(PeerLabel, IsEmptyWhereNoModuleLabelsSockets) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const UniqueFd here(pair[0]);
  const UniqueFd there(pair[1]);
  char given[4096];
  socklen_t size = sizeof given;
  const bool is_labelled = ::getsockopt(here.get(), SOL_SOCKET, SO_PEERSEC, given, &size) == 0;
  if (is_labelled)
    EXPECT_THAT(read_peer_label(here.get()), IsOkAndHolds(label_in(std::string_view(given, size))));
  else
    EXPECT_THAT(read_peer_label(here.get()), IsOkAndHolds(""));
}

TEST(PeerLabel, FailureIsNotTakenForNoLabel) {
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_THAT(read_peer_label(file.get()), FailsWith(Status::ConnectionError));
}

}  // namespace
}  // namespace strongroom
