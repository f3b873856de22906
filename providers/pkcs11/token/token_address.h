// Which token is meant, as an RFC 7512 URI says it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <p11-kit/uri.h>

#include "base/error.h"
#include "providers/pkcs11/module/cryptoki.h"
#include "providers/pkcs11/module/module.h"

namespace strongroom::pkcs11 {

// Immutable once parsed.
class TokenAddress {
 public:
  // By p11-kit, "pkcs11:token=keys?module-path=/usr/lib/softhsm/libsofthsm2.so".
  // PsaErrorInvalidArgument, in words for the operator: for what is no such URI, has attributes
  // that are not known or are an object's, names no module, or holds a PIN or says where it is: a
  // login is told that.
  static Result<TokenAddress> parse(const std::string& uri);

  // The URI.
  const std::string& text() const noexcept { return text_; }
  const Module::Source& module() const noexcept { return module_; }
  std::optional<CK_SLOT_ID> slot() const noexcept { return slot_; }
  // Label, serial, manufacturer and model, as far as the URI names them.
  bool matches(const CK_TOKEN_INFO& token) const noexcept;

 private:
  struct Release {
    void operator()(P11KitUri* uri) const noexcept { p11_kit_uri_free(uri); }
  };

  TokenAddress() = default;

  std::string text_;
  std::unique_ptr<P11KitUri, Release> uri_;
  Module::Source module_;
  std::optional<CK_SLOT_ID> slot_;
};

}  // namespace strongroom::pkcs11
