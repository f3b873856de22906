// Which algorithms a token's pairs are used with.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "providers/key_record.h"
#include "providers/pkcs11/upkeep/token_access.h"

namespace strongroom::pkcs11 {

// What software does with a pair's public half is done only where the token does the other half: a
// pair verifies what it could have signed, and what was encrypted can be decrypted. The token is
// asked once for each algorithm. One that is away cannot tell, and nobody needs it: what is not
// known is done. For any thread.
class Offers {
 public:
  explicit Offers(TokenAccess& access) noexcept : access_(access) {}

  // PsaErrorNotSupported where the token does not. A public key is no token's.
  Result<> check(const KeyRecord& key, const psa::Algorithm& algorithm);
  // The same of OAEP's labels, which not every token takes; `algorithm` has been checked.
  Result<> check_label(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                       ByteView label);

 private:
  // `ask` tells by PsaErrorNotSupported that the token does not; other failures say nothing.
  template <typename Ask>
  Result<> ask_once(std::string what, Ask ask);

  TokenAccess& access_;
  std::mutex mutex_;  // guards what follows; never held while the token is asked
  std::map<std::string, bool> known_;
  unsigned token_ = 0;  // of which that is known: Upkeep::times_replaced()
};

}  // namespace strongroom::pkcs11
