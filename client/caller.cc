#include "client/caller.h"

#include <array>
#include <cstring>
#include <unistd.h>

#include "client/connection.h"
#include "client/socket_trust.h"

namespace strongroom::client {
namespace {

// The real uid, little-endian, as the clients of Parsec send it: where it is not the effective one,
// that is in a program with raised privileges, the service refuses.
std::array<std::byte, 4> peer_credentials() {
  uid_t uid = ::getuid();
  std::array<std::byte, 4> bytes{};
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(uid & 0xff);
    uid >>= 8;
  }
  return bytes;
}

}  // namespace

ClientResult<SecretBytes> Caller::call(Opcode opcode, ProviderId provider, Identity identity,
                                       ByteView body) const {
  if (settings_.trusted_owners)
    TRY(check_socket_trust(settings_.socket_path, *settings_.trusted_owners));
  Connection connection =
      TRY(Connection::open(settings_.socket_path, Deadline::in(settings_.timeout)));
  std::array<std::byte, 4> uid = peer_credentials();
  Question question{.opcode = opcode,
                    .provider = provider,
                    .auth_type = AuthType::NoAuth,
                    .auth = {},
                    .body = body};
  if (identity == Identity::Claimed) {
    bool direct = !settings_.application_name.empty();
    question.auth_type = direct ? AuthType::Direct : AuthType::UnixPeerCredentials;
    question.auth = direct ? view_of(settings_.application_name) : ByteView(uid);
  }
  return exchange(connection, question, settings_.max_answer_size);
}

void forget(std::string& field) noexcept {
  ::explicit_bzero(field.data(), field.size());
}

SecretBytes take_secret(std::string& field) {
  ByteView view = view_of(field);
  SecretBytes secret(view.begin(), view.end());
  forget(field);
  return secret;
}

}  // namespace strongroom::client
