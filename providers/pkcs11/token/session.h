// A session with a token, for one operation of one thread.
#pragma once

#include <cstdint>
#include <string>

#include "providers/pkcs11/module/functions.h"
#include "providers/pkcs11/token/login.h"
#include "providers/pkcs11/token/quirks.h"
#include "providers/pkcs11/token/slots.h"

namespace strongroom::pkcs11 {

// A token as it was found; the sessions with it and the handles they give are of one connection.
struct TokenConnection {
  std::uint64_t number;  // never the same again
  FoundToken token;
  Quirks quirks;
  bool is_writable;
};

// Lent by a Token, for as long as one of its run() lasts. Never two threads on one: it crashes
// modules.
struct Session {
  const Functions& functions;
  const TokenConnection& connection;
  Login& login;
  CK_SESSION_HANDLE handle;
};

}  // namespace strongroom::pkcs11
