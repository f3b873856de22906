// A token as whoever keeps it in use sees it, in this process or in workers of its own.
#pragma once

#include <string>

#include "providers/pkcs11/token/slots.h"
#include "providers/provider.h"

namespace strongroom::pkcs11 {

// What ListProviders says of providers with a token.
ProviderDescription token_description(std::string instance_name);

// For any thread: upkeep asks for the identity and allows logins on a thread of its own while
// requests run, and a stop closes it on another.
class TokenBackend : public Provider {
 public:
  // Asks the token, with login: what is to be remembered of it at first use. Fails while the token
  // is away, is another than the one remembered, or refuses the PIN.
  virtual Result<TokenIdentity> identity() = 0;

  // Whether the PIN was refused, so that it is not tried any more; and that it may be again.
  virtual bool is_login_stopped() const = 0;
  virtual void allow_login() = 0;

  // How the confinement of the module falls short of what was asked for, for the operator; empty
  // when it does not, and while nobody knows.
  virtual std::string missing_confinement() const { return {}; }

  // As KeyManager::destroy(), and says whether it saw the private or secret object. One process may
  // not see yet what another has made.
  virtual Result<bool> destroy_seen(const KeyRecord& key);

  // The service stops: nobody is to wait for the token any longer, where that can be helped.
  virtual void close() {}
};

}  // namespace strongroom::pkcs11
