// Tokens as they stand in slots, and which of them is ours.
#pragma once

#include <optional>
#include <string>

#include "providers/pkcs11/module/functions.h"
#include "providers/pkcs11/module/pkcs11_error.h"
#include "providers/pkcs11/token/token_address.h"

namespace strongroom::pkcs11 {

// What a token is known by, and remembered by. Slots are not: their numbers change.
struct TokenIdentity {
  std::string label;
  std::string serial;
  bool operator==(const TokenIdentity&) const = default;
};

struct FoundToken {
  CK_SLOT_ID slot;
  TokenIdentity identity;
  std::string manufacturer;
  CK_TOKEN_INFO info;
};

// "token 'keys' (serial 'c2f1')", fit for a log line.
std::string to_string(const TokenIdentity& identity);

// The one token that is meant: the remembered one, in whatever slot, else the only one that the
// address fits. Fails with PsaErrorHardwareFailure and says what is there instead, and what to do:
// when there is none or more than one; when the address and what is remembered are of two tokens.
// `provider` is whose token it is, for what an operator may do.
Outcome<FoundToken> find_token(const Functions& functions, const TokenAddress& address,
                               const std::optional<TokenIdentity>& remembered,
                               const std::string& provider);

// Whether that token still stands in its slot: a module may go on answering without it. Fails as
// find_token().
Outcome<> check_present(const Functions& functions, const FoundToken& token);

}  // namespace strongroom::pkcs11
