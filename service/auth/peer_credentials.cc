#include <fmt/format.h>

#include "base/version.h"
#include "service/auth/authenticator.h"

namespace strongroom {
namespace {

constexpr AuthenticatorDescription kDescription = {
    .type = AuthType::UnixPeerCredentials,
    .description = "Uses the Unix peer credentials of the connection's socket.",
    .version = kVersion,
};

std::uint32_t little_endian(ByteView four) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint32_t>(four[i]);
  return value;
}

class PeerCredentialsAuthenticator final : public Authenticator {
 public:
  const AuthenticatorDescription& description() const noexcept override { return kDescription; }

  Result<std::string> authenticate(ByteView auth, const PeerIdentity& peer) const override {
    if (auth.size() != sizeof(std::uint32_t))
      return fail(Status::AuthenticationError,
                  fmt::format("reading the claimed uid: {} bytes instead of 4", auth.size()));
    if (std::uint32_t claimed = little_endian(auth); claimed != peer.uid)
      return fail(Status::AuthenticationError,
                  fmt::format("claimed uid {} is not the peer's {}", claimed, peer.uid));
    return std::to_string(peer.uid);
  }
};

}  // namespace

std::unique_ptr<Authenticator> make_peer_credentials_authenticator() {
  return std::make_unique<PeerCredentialsAuthenticator>();
}

}  // namespace strongroom
