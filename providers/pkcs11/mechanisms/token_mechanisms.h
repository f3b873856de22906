// What a token says that it has.
#pragma once

#include <map>
#include <set>

#include "base/psa.h"
#include "providers/pkcs11/token/session.h"

namespace strongroom::pkcs11 {

// Immutable once asked for; for any thread.
class TokenMechanisms {
 public:
  // Asks for all mechanisms, and which hashes RSA-OAEP takes, which no list says: by beginning an
  // encryption with a public key that goes with the session.
  static Outcome<TokenMechanisms> of(Session& session);

  // With all the flags, and keys of that size in the mechanism's own unit; 0 asks about any.
  bool has(CK_MECHANISM_TYPE mechanism, CK_FLAGS flags, CK_ULONG size = 0) const;
  bool has_oaep(psa::Hash hash) const { return oaep_hashes_.contains(hash); }
  bool has_oaep_labels() const noexcept { return has_oaep_labels_; }
  // AES keys of so many bits; sizes are bytes (PKCS#11 v2.40 §2.8), and bits where some tokens say
  // more than any AES key has bytes.
  bool has_aes(CK_MECHANISM_TYPE mechanism, CK_FLAGS flags, std::uint32_t bits) const;
  Quirks quirks() const noexcept { return quirks_; }
  bool is_writable() const noexcept { return is_writable_; }

 private:
  TokenMechanisms() = default;
  Outcome<> ask_list(Session& session);
  Outcome<> ask_oaep(Session& session);

  std::map<CK_MECHANISM_TYPE, CK_MECHANISM_INFO> mechanisms_;
  std::set<psa::Hash> oaep_hashes_;
  bool has_oaep_labels_ = false;
  Quirks quirks_;
  bool is_writable_ = false;
};

}  // namespace strongroom::pkcs11
