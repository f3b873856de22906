// Hashing on this side of the socket, so that a message of any size takes one small request.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/psa.h"
#include "client/cli/command.h"
#include "client/cli/failure.h"

namespace strongroom::cli {

// The digest of a file or of standard input. NotSupported for a hash that libcrypto lacks.
Outcome<Bytes> digest_of(psa::Hash hash, const std::optional<std::string>& file, Streams& streams);

// What a key's policy asks to be signed: a digest, or for raw RSA the DigestInfo as it is given.
// A policy that leaves the hash open needs `hash_option`; one that names it refuses another.
struct Signable {
  psa::AsymmetricSignature algorithm;
  Bytes digest;
};
Outcome<Signable> signable(const psa::AsymmetricSignature& policy,
                           const std::optional<std::string>& hash_option,
                           const std::optional<std::string>& file, Streams& streams);

}  // namespace strongroom::cli
