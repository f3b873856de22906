#include "base/utf8.h"
#include "base/version.h"
#include "service/auth/authenticator.h"

namespace strongroom {
namespace {

constexpr AuthenticatorDescription kDescription = {
    .type = AuthType::Direct,
    .description = "Takes the application's word for its name.",
    .version = kVersion,
};

class DirectAuthenticator final : public Authenticator {
 public:
  const AuthenticatorDescription& description() const noexcept override { return kDescription; }

  Result<std::string> authenticate(ByteView auth, const PeerIdentity&) const override {
    std::string_view name = text_of(auth);
    if (name.empty()) return fail(Status::AuthenticationError, "application name is empty");
    if (!is_utf8(name)) return fail(Status::AuthenticationError, "application name is not UTF-8");
    return std::string(name);
  }
};

}  // namespace

std::unique_ptr<Authenticator> make_direct_authenticator() {
  return std::make_unique<DirectAuthenticator>();
}

}  // namespace strongroom
