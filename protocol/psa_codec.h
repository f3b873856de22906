// Between the contracts' messages and plain values. Total: any message that parses gives a value or
// InvalidEncoding (validation step 20: a mandatory part missing, an enumerator 0 or unknown).
// Compiled twice: with the full protobuf runtime for the daemon, with the lite one for the client.
#pragma once

#include "base/error.h"
#include "base/psa.h"
#include "psa_algorithm.pb.h"
#include "psa_key_attributes.pb.h"

namespace strongroom {

// Enumerations arrive as open proto3 enums and may hold any number.
Result<psa::Hash> decode(psa_algorithm::Algorithm::Hash hash);
Result<psa::Cipher> decode(psa_algorithm::Algorithm::Cipher cipher);
Result<psa::RawKeyAgreement> decode(psa_algorithm::Algorithm::KeyAgreement::Raw agreement);
Result<psa::Mac> decode(const psa_algorithm::Algorithm::Mac& mac);
Result<psa::Aead> decode(const psa_algorithm::Algorithm::Aead& aead);
Result<psa::AsymmetricSignature> decode(
    const psa_algorithm::Algorithm::AsymmetricSignature& signature);
Result<psa::AsymmetricEncryption> decode(
    const psa_algorithm::Algorithm::AsymmetricEncryption& encryption);
Result<psa::KeyAgreement> decode(const psa_algorithm::Algorithm::KeyAgreement& agreement);
Result<psa::KeyDerivation> decode(const psa_algorithm::Algorithm::KeyDerivation& derivation);
Result<psa::KeyWrap> decode(const psa_algorithm::Algorithm::KeyWrap& wrap);
Result<psa::Algorithm> decode(const psa_algorithm::Algorithm& algorithm);

Result<psa::KeyType> decode(const psa_key_attributes::KeyType& type);
// As sent: sign_hash ⇒ sign_message and verify_hash ⇒ verify_message are the policy's to add.
psa::UsageFlags decode(const psa_key_attributes::UsageFlags& flags) noexcept;
Result<psa::KeyAttributes> decode(const psa_key_attributes::KeyAttributes& attributes);

psa_algorithm::Algorithm::Hash encode(psa::Hash hash) noexcept;
psa_algorithm::Algorithm::Cipher encode(psa::Cipher cipher) noexcept;
psa_algorithm::Algorithm::KeyAgreement::Raw encode(psa::RawKeyAgreement agreement) noexcept;
psa_algorithm::Algorithm::Mac encode(const psa::Mac& mac);
psa_algorithm::Algorithm::Aead encode(const psa::Aead& aead);
psa_algorithm::Algorithm::AsymmetricSignature encode(const psa::AsymmetricSignature& signature);
psa_algorithm::Algorithm::AsymmetricEncryption encode(const psa::AsymmetricEncryption& encryption);
psa_algorithm::Algorithm::KeyAgreement encode(const psa::KeyAgreement& agreement);
psa_algorithm::Algorithm::KeyDerivation encode(const psa::KeyDerivation& derivation);
psa_algorithm::Algorithm::KeyWrap encode(const psa::KeyWrap& wrap);
psa_algorithm::Algorithm encode(const psa::Algorithm& algorithm);

psa_key_attributes::KeyType encode(const psa::KeyType& type);
psa_key_attributes::UsageFlags encode(const psa::UsageFlags& flags);
// Mandatory parts are written even when all their fields are default.
psa_key_attributes::KeyAttributes encode(const psa::KeyAttributes& attributes);

}  // namespace strongroom
