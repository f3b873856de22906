// Decides who is asking, from the auth bytes of a request and what the kernel says of the peer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/opcode.h"
#include "service/auth/peer_identity.h"

namespace strongroom {

// The authenticator of tenants' keys in the store; never on the wire. Whose a request is that comes
// in on a tenant's socket has been decided by whoever gave the tenant that socket.
inline constexpr std::uint8_t kTenantAuthenticator = 254;

// What ListAuthenticators says of an authenticator.
struct AuthenticatorDescription {
  AuthType type;
  std::string_view description;
  std::array<std::uint32_t, 3> version;
};

// Stateless; any thread.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  virtual const AuthenticatorDescription& description() const noexcept = 0;
  // The application's name. AuthenticationError when the bytes prove nothing.
  virtual Result<std::string> authenticate(ByteView auth, const PeerIdentity& peer) const = 0;
};

// Auth type 3: four bytes, the client's uid, little-endian, which must be the one the kernel tells.
// The application's name is the uid in decimal.
std::unique_ptr<Authenticator> make_peer_credentials_authenticator();

// Auth type 1: the name as the client gives it, UTF-8, not empty. Proves nothing; for machines
// where all clients trust each other.
std::unique_ptr<Authenticator> make_direct_authenticator();

}  // namespace strongroom
