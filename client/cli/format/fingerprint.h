// Which public key it is, in one line.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::cli {

// SHA-256 of the SubjectPublicKeyInfo in DER, in hexadecimal: what `openssl pkey -pubin -outform
// DER | sha256sum` gives. nullopt when there is no public key, or none that libcrypto has a form
// of.
std::optional<std::string> public_key_fingerprint(const psa::KeyAttributes& attributes,
                                                  ByteView exported);

}  // namespace strongroom::cli
