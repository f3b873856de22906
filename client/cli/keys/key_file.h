// Keys out of files of whatever form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/cli/format/key_types.h"
#include "client/cli/keys/key_material.h"
#include "client/cli/keys/passphrase.h"

namespace strongroom::cli {

enum class KeyForm : std::uint8_t { Pem, Der, OpenSsh };

// What the content itself says; nullopt for bytes that only their owner can explain.
std::optional<KeyForm> form_of(ByteView content);

// The one key of a file: a private key, else a public key, else that of a certificate. What else a
// PEM file holds beside it does not count. InvalidData when there is none, or more than one; what
// there is then stands in the message, which begins with "it".
Outcome<KeyMaterial> read_key(ByteView content, KeyForm form, const AskPassphrase& ask);

// A key without any wrapping, of the type that the user says: a scalar, a point, or bytes. For RSA,
// DER of any kind.
Outcome<KeyMaterial> read_bare_key(ByteView content, const TypeAndSize& type,
                                   const AskPassphrase& ask);

}  // namespace strongroom::cli
