// What `sign`, `verify` and the commands for certificates have in common: the key, the one
// algorithm that it permits, and what is put before it.
#pragma once

#include <optional>
#include <string>

#include "client/cli/command.h"
#include "client/cli/commands/key_lookup.h"
#include "strongroom/client.h"

namespace strongroom::cli {

inline constexpr Option kDigestOption = {
    "digest", "", "FILE holds the digest already, binary or as sha256sum prints it"};

struct SigningKey {
  KeyInfo info;
  psa::AsymmetricSignature policy;
  bool is_eddsa() const { return policy.kind == psa::AsymmetricSignature::Kind::PureEddsa; }
  bool is_ecdsa() const { return info.attributes.type.is_ecc() && !is_eddsa(); }
};

// NotPermitted when the key is not one for signatures.
Outcome<SigningKey> signing_key(const KeyInUse& key);

// What the service is asked to sign, or to compare with a signature: mostly a digest, made here, so
// that a message of any size takes one small request; for raw RSA the DigestInfo as it is given;
// for a key that is for messages alone, as one of EdDSA always is, the message.
struct Signable {
  psa::AsymmetricSignature algorithm;
  Bytes content;
  bool is_message = false;
};
enum class Direction : std::uint8_t { Sign, Verify };
// From `file` as --hash and --digest say.
Outcome<Signable> signable(const Invocation& invocation, const SigningKey& key,
                           const std::optional<std::string>& file, Direction direction);
// Of bytes at hand, for signing.
Outcome<Signable> signable_bytes(const SigningKey& key, const psa::AsymmetricSignature& algorithm,
                                 psa::Hash hash, ByteView bytes);

// ECDSA signatures are r‖s. `holder` is for the provider that has the key.
ClientResult<Bytes> sign_with(Client& holder, const SigningKey& key, const Signable& input);

}  // namespace strongroom::cli
