#include "service/auth/authenticator.h"

#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOkAndHolds;

PeerIdentity peer_of(uid_t uid) {
  return {.pid = 1, .uid = uid, .gid = uid, .groups = {}};
}

TEST(PeerCredentials, TheApplicationIsTheUidInDecimal) {
  auto authenticator = make_peer_credentials_authenticator();
  EXPECT_EQ(authenticator->description().type, AuthType::UnixPeerCredentials);
  EXPECT_THAT(
      authenticator->authenticate(view_of(std::string_view("\xe8\x03\0\0", 4)), peer_of(1000)),
      IsOkAndHolds("1000"));
  EXPECT_THAT(authenticator->authenticate(view_of(std::string_view("\0\0\0\0", 4)), peer_of(0)),
              IsOkAndHolds("0"));
}

TEST(PeerCredentials, AnotherUidThanTheKernelsIsRefused) {
  auto authenticator = make_peer_credentials_authenticator();
  for (std::string_view claimed :
       {std::string_view("\0\0\0\0", 4), std::string_view("\0\0\x03\xe8", 4)})
    EXPECT_THAT(authenticator->authenticate(view_of(claimed), peer_of(1000)),
                FailsWith(Status::AuthenticationError));
}

TEST(PeerCredentials, AnyOtherLengthIsRefused) {
  auto authenticator = make_peer_credentials_authenticator();
  for (std::size_t size : {0U, 1U, 3U, 5U, 8U, 65535U})
    EXPECT_THAT(authenticator->authenticate(Bytes(size), peer_of(0)),
                FailsWith(Status::AuthenticationError))
        << size;
}

TEST(Direct, TheApplicationIsTheNameByteForByte) {
  auto authenticator = make_direct_authenticator();
  EXPECT_EQ(authenticator->description().type, AuthType::Direct);
  for (std::string_view name : {std::string_view("web"), std::string_view(" web "),
                                std::string_view("a\0b", 3), std::string_view("鍵")})
    EXPECT_THAT(authenticator->authenticate(view_of(name), peer_of(1)), IsOkAndHolds(name));
}

TEST(Direct, EmptyAndNonUtf8NamesAreRefused) {
  auto authenticator = make_direct_authenticator();
  for (std::string_view name : {std::string_view(""), std::string_view("\xff\xfe")})
    EXPECT_THAT(authenticator->authenticate(view_of(name), peer_of(1)),
                FailsWith(Status::AuthenticationError));
}

}  // namespace
}  // namespace strongroom
