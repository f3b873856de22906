#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "protocol/psa_codec.h"

namespace strongroom {
namespace {

using Contract = psa_algorithm::Algorithm;
using AeadKind = Contract::Aead::AeadWithDefaultLengthTag;
using SignHash = Contract::AsymmetricSignature::SignHash;

std::unexpected<Error> missing(std::string_view part) {
  return fail(Status::InvalidEncoding, fmt::format("decoding algorithm: {} is missing", part));
}

// The contracts number from 1 without a gap; 0 is what an absent field reads as.
template <typename Enum>
Result<Enum> enumerator(int number, Enum last, std::string_view what) {
  if (number == 0) return missing(what);
  if (number < 0 || number > static_cast<int>(last))
    return fail(Status::InvalidEncoding,
                fmt::format("decoding algorithm: {} {} does not exist", what, number));
  return static_cast<Enum>(number);
}

Result<psa::Aead::Kind> kind_of(AeadKind kind) {
  return enumerator(kind, psa::Aead::Kind::Chacha20Poly1305, "AEAD algorithm");
}

// An absent sub-message reads as an empty one, whose variant is not set.
Result<psa::Mac> decode_full_length(const Contract::Mac::FullLength& mac) {
  using Kind = psa::Mac::Kind;
  switch (mac.variant_case()) {
    case Contract::Mac::FullLength::kHmac: {
      psa::Hash hash = TRY(decode(mac.hmac().hash_alg()));
      return psa::Mac{.kind = Kind::Hmac, .hash = hash};
    }
    case Contract::Mac::FullLength::kCbcMac: return psa::Mac{.kind = Kind::CbcMac};
    case Contract::Mac::FullLength::kCmac: return psa::Mac{.kind = Kind::Cmac};
    case Contract::Mac::FullLength::VARIANT_NOT_SET: break;
  }
  return missing("full-length MAC");
}

// Empty means any hash.
Result<std::optional<psa::Hash>> decode_sign_hash(const SignHash& hash) {
  switch (hash.variant_case()) {
    case SignHash::kAny: return std::nullopt;
    case SignHash::kSpecific: return TRY(decode(hash.specific()));
    case SignHash::VARIANT_NOT_SET: break;
  }
  return missing("hash to sign");
}

Result<psa::AsymmetricSignature> signature_of(psa::AsymmetricSignature::Kind kind,
                                              const SignHash& hash) {
  auto decoded = TRY(decode_sign_hash(hash));
  return psa::AsymmetricSignature{.kind = kind, .hash = decoded};
}

Result<psa::KeyDerivation> derivation_of(psa::KeyDerivation::Kind kind, Contract::Hash hash) {
  psa::Hash decoded = TRY(decode(hash));
  return psa::KeyDerivation{.kind = kind, .hash = decoded};
}

Contract::Mac::FullLength encode_full_length(const psa::Mac& mac) {
  Contract::Mac::FullLength contract;
  switch (mac.kind) {
    case psa::Mac::Kind::Hmac: {
      auto* hmac = contract.mutable_hmac();
      if (mac.hash) hmac->set_hash_alg(encode(*mac.hash));
      break;
    }
    case psa::Mac::Kind::CbcMac: contract.mutable_cbc_mac(); break;
    case psa::Mac::Kind::Cmac: contract.mutable_cmac(); break;
  }
  return contract;
}

SignHash encode_sign_hash(const std::optional<psa::Hash>& hash) {
  SignHash contract;
  if (hash)
    contract.set_specific(encode(*hash));
  else
    contract.mutable_any();
  return contract;
}

// One call for each alternative of psa::Algorithm.
struct AlgorithmEncoder {
  Contract& contract;

  void operator()(psa::NoAlgorithm) const { contract.mutable_none(); }
  void operator()(psa::Hash hash) const { contract.set_hash(encode(hash)); }
  void operator()(psa::Cipher cipher) const { contract.set_cipher(encode(cipher)); }
  void operator()(const psa::Mac& mac) const { *contract.mutable_mac() = encode(mac); }
  void operator()(const psa::Aead& aead) const { *contract.mutable_aead() = encode(aead); }
  void operator()(const psa::AsymmetricSignature& signature) const {
    *contract.mutable_asymmetric_signature() = encode(signature);
  }
  void operator()(const psa::AsymmetricEncryption& encryption) const {
    *contract.mutable_asymmetric_encryption() = encode(encryption);
  }
  void operator()(const psa::KeyAgreement& agreement) const {
    *contract.mutable_key_agreement() = encode(agreement);
  }
  void operator()(const psa::KeyDerivation& derivation) const {
    *contract.mutable_key_derivation() = encode(derivation);
  }
  void operator()(const psa::KeyWrap& wrap) const { *contract.mutable_key_wrap() = encode(wrap); }
};

}  // namespace

Result<psa::Hash> decode(Contract::Hash hash) {
  return enumerator(hash, psa::Hash::Sha3_512, "hash");
}

Result<psa::Cipher> decode(Contract::Cipher cipher) {
  return enumerator(cipher, psa::Cipher::CbcPkcs7, "cipher");
}

Result<psa::RawKeyAgreement> decode(Contract::KeyAgreement::Raw agreement) {
  return enumerator(agreement, psa::RawKeyAgreement::Ecdh, "raw key agreement");
}

Result<psa::Mac> decode(const Contract::Mac& mac) {
  switch (mac.variant_case()) {
    case Contract::Mac::kFullLength: return decode_full_length(mac.full_length());
    case Contract::Mac::kTruncated: {
      psa::Mac decoded = TRY(decode_full_length(mac.truncated().mac_alg()));
      decoded.truncated_size = mac.truncated().mac_length();
      return decoded;
    }
    case Contract::Mac::VARIANT_NOT_SET: break;
  }
  return missing("MAC");
}

Result<psa::Aead> decode(const Contract::Aead& aead) {
  switch (aead.variant_case()) {
    case Contract::Aead::kAeadWithDefaultLengthTag: {
      auto kind = TRY(kind_of(aead.aead_with_default_length_tag()));
      return psa::Aead{.kind = kind};
    }
    case Contract::Aead::kAeadWithShortenedTag: {
      auto kind = TRY(kind_of(aead.aead_with_shortened_tag().aead_alg()));
      return psa::Aead{.kind = kind,
                       .shortened_tag_size = aead.aead_with_shortened_tag().tag_length()};
    }
    case Contract::Aead::VARIANT_NOT_SET: break;
  }
  return missing("AEAD");
}

Result<psa::AsymmetricSignature> decode(const Contract::AsymmetricSignature& signature) {
  using Kind = psa::AsymmetricSignature::Kind;
  switch (signature.variant_case()) {
    case Contract::AsymmetricSignature::kRsaPkcs1V15Sign:
      return signature_of(Kind::RsaPkcs1v15, signature.rsa_pkcs1v15_sign().hash_alg());
    case Contract::AsymmetricSignature::kRsaPkcs1V15SignRaw:
      return psa::AsymmetricSignature{.kind = Kind::RsaPkcs1v15Raw};
    case Contract::AsymmetricSignature::kRsaPss:
      return signature_of(Kind::RsaPss, signature.rsa_pss().hash_alg());
    case Contract::AsymmetricSignature::kEcdsa:
      return signature_of(Kind::Ecdsa, signature.ecdsa().hash_alg());
    case Contract::AsymmetricSignature::kEcdsaAny:
      return psa::AsymmetricSignature{.kind = Kind::EcdsaAny};
    case Contract::AsymmetricSignature::kDeterministicEcdsa:
      return signature_of(Kind::DeterministicEcdsa, signature.deterministic_ecdsa().hash_alg());
    case Contract::AsymmetricSignature::kPureEddsa:
      return psa::AsymmetricSignature{.kind = Kind::PureEddsa};
    case Contract::AsymmetricSignature::VARIANT_NOT_SET: break;
  }
  return missing("asymmetric signature");
}

Result<psa::AsymmetricEncryption> decode(const Contract::AsymmetricEncryption& encryption) {
  using Kind = psa::AsymmetricEncryption::Kind;
  switch (encryption.variant_case()) {
    case Contract::AsymmetricEncryption::kRsaPkcs1V15Crypt:
      return psa::AsymmetricEncryption{.kind = Kind::RsaPkcs1v15};
    case Contract::AsymmetricEncryption::kRsaOaep: {
      psa::Hash hash = TRY(decode(encryption.rsa_oaep().hash_alg()));
      return psa::AsymmetricEncryption{.kind = Kind::RsaOaep, .hash = hash};
    }
    case Contract::AsymmetricEncryption::VARIANT_NOT_SET: break;
  }
  return missing("asymmetric encryption");
}

Result<psa::KeyAgreement> decode(const Contract::KeyAgreement& agreement) {
  switch (agreement.variant_case()) {
    case Contract::KeyAgreement::kRaw: {
      psa::RawKeyAgreement raw = TRY(decode(agreement.raw()));
      return psa::KeyAgreement{.raw = raw};
    }
    case Contract::KeyAgreement::kWithKeyDerivation: {
      psa::RawKeyAgreement raw = TRY(decode(agreement.with_key_derivation().ka_alg()));
      psa::KeyDerivation derivation = TRY(decode(agreement.with_key_derivation().kdf_alg()));
      return psa::KeyAgreement{.raw = raw, .derivation = derivation};
    }
    case Contract::KeyAgreement::VARIANT_NOT_SET: break;
  }
  return missing("key agreement");
}

Result<psa::KeyDerivation> decode(const Contract::KeyDerivation& derivation) {
  using Kind = psa::KeyDerivation::Kind;
  switch (derivation.variant_case()) {
    case Contract::KeyDerivation::kHkdf:
      return derivation_of(Kind::Hkdf, derivation.hkdf().hash_alg());
    case Contract::KeyDerivation::kTls12Prf:
      return derivation_of(Kind::Tls12Prf, derivation.tls12_prf().hash_alg());
    case Contract::KeyDerivation::kTls12PskToMs:
      return derivation_of(Kind::Tls12PskToMs, derivation.tls12_psk_to_ms().hash_alg());
    case Contract::KeyDerivation::VARIANT_NOT_SET: break;
  }
  return missing("key derivation");
}

Result<psa::KeyWrap> decode(const Contract::KeyWrap& wrap) {
  using Kind = psa::KeyWrap::Kind;
  switch (wrap.variant_case()) {
    case Contract::KeyWrap::kAesKwp: return psa::KeyWrap{.kind = Kind::AesKwp};
    case Contract::KeyWrap::kRsaOaepAesKwp: {
      psa::Hash hash = TRY(decode(wrap.rsa_oaep_aes_kwp().hash_alg()));
      return psa::KeyWrap{.kind = Kind::RsaOaepAesKwp, .hash = hash};
    }
    case Contract::KeyWrap::VARIANT_NOT_SET: break;
  }
  return missing("key wrapping");
}

Result<psa::Algorithm> decode(const Contract& algorithm) {
  switch (algorithm.variant_case()) {
    case Contract::kNone: return psa::NoAlgorithm{};
    case Contract::kHash: return TRY(decode(algorithm.hash()));
    case Contract::kMac: return TRY(decode(algorithm.mac()));
    case Contract::kCipher: return TRY(decode(algorithm.cipher()));
    case Contract::kAead: return TRY(decode(algorithm.aead()));
    case Contract::kAsymmetricSignature: return TRY(decode(algorithm.asymmetric_signature()));
    case Contract::kAsymmetricEncryption: return TRY(decode(algorithm.asymmetric_encryption()));
    case Contract::kKeyAgreement: return TRY(decode(algorithm.key_agreement()));
    case Contract::kKeyDerivation: return TRY(decode(algorithm.key_derivation()));
    case Contract::kKeyWrap: return TRY(decode(algorithm.key_wrap()));
    case Contract::VARIANT_NOT_SET: break;
  }
  return missing("variant");
}

Contract::Hash encode(psa::Hash hash) noexcept {
  return static_cast<Contract::Hash>(hash);
}

Contract::Cipher encode(psa::Cipher cipher) noexcept {
  return static_cast<Contract::Cipher>(cipher);
}

Contract::KeyAgreement::Raw encode(psa::RawKeyAgreement agreement) noexcept {
  return static_cast<Contract::KeyAgreement::Raw>(agreement);
}

Contract::Mac encode(const psa::Mac& mac) {
  Contract::Mac contract;
  if (!mac.truncated_size) {
    *contract.mutable_full_length() = encode_full_length(mac);
    return contract;
  }
  *contract.mutable_truncated()->mutable_mac_alg() = encode_full_length(mac);
  contract.mutable_truncated()->set_mac_length(*mac.truncated_size);
  return contract;
}

Contract::Aead encode(const psa::Aead& aead) {
  Contract::Aead contract;
  auto kind = static_cast<AeadKind>(aead.kind);
  if (!aead.shortened_tag_size) {
    contract.set_aead_with_default_length_tag(kind);
    return contract;
  }
  contract.mutable_aead_with_shortened_tag()->set_aead_alg(kind);
  contract.mutable_aead_with_shortened_tag()->set_tag_length(*aead.shortened_tag_size);
  return contract;
}

Contract::AsymmetricSignature encode(const psa::AsymmetricSignature& signature) {
  using Kind = psa::AsymmetricSignature::Kind;
  Contract::AsymmetricSignature contract;
  SignHash hash = encode_sign_hash(signature.hash);
  switch (signature.kind) {
    case Kind::RsaPkcs1v15: *contract.mutable_rsa_pkcs1v15_sign()->mutable_hash_alg() = hash; break;
    case Kind::RsaPkcs1v15Raw: contract.mutable_rsa_pkcs1v15_sign_raw(); break;
    case Kind::RsaPss: *contract.mutable_rsa_pss()->mutable_hash_alg() = hash; break;
    case Kind::Ecdsa: *contract.mutable_ecdsa()->mutable_hash_alg() = hash; break;
    case Kind::EcdsaAny: contract.mutable_ecdsa_any(); break;
    case Kind::DeterministicEcdsa:
      *contract.mutable_deterministic_ecdsa()->mutable_hash_alg() = hash;
      break;
    case Kind::PureEddsa: contract.mutable_pure_eddsa(); break;
  }
  return contract;
}

Contract::AsymmetricEncryption encode(const psa::AsymmetricEncryption& encryption) {
  Contract::AsymmetricEncryption contract;
  if (encryption.kind == psa::AsymmetricEncryption::Kind::RsaPkcs1v15) {
    contract.mutable_rsa_pkcs1v15_crypt();
    return contract;
  }
  auto* oaep = contract.mutable_rsa_oaep();
  if (encryption.hash) oaep->set_hash_alg(encode(*encryption.hash));
  return contract;
}

Contract::KeyAgreement encode(const psa::KeyAgreement& agreement) {
  Contract::KeyAgreement contract;
  if (!agreement.derivation) {
    contract.set_raw(encode(agreement.raw));
    return contract;
  }
  auto* combined = contract.mutable_with_key_derivation();
  combined->set_ka_alg(encode(agreement.raw));
  *combined->mutable_kdf_alg() = encode(*agreement.derivation);
  return contract;
}

Contract::KeyDerivation encode(const psa::KeyDerivation& derivation) {
  Contract::KeyDerivation contract;
  Contract::Hash hash = encode(derivation.hash);
  switch (derivation.kind) {
    case psa::KeyDerivation::Kind::Hkdf: contract.mutable_hkdf()->set_hash_alg(hash); break;
    case psa::KeyDerivation::Kind::Tls12Prf:
      contract.mutable_tls12_prf()->set_hash_alg(hash);
      break;
    case psa::KeyDerivation::Kind::Tls12PskToMs:
      contract.mutable_tls12_psk_to_ms()->set_hash_alg(hash);
      break;
  }
  return contract;
}

Contract::KeyWrap encode(const psa::KeyWrap& wrap) {
  Contract::KeyWrap contract;
  if (wrap.kind == psa::KeyWrap::Kind::AesKwp) {
    contract.mutable_aes_kwp();
    return contract;
  }
  auto* oaep = contract.mutable_rsa_oaep_aes_kwp();
  if (wrap.hash) oaep->set_hash_alg(encode(*wrap.hash));
  return contract;
}

Contract encode(const psa::Algorithm& algorithm) {
  Contract contract;
  std::visit(AlgorithmEncoder{contract}, algorithm);
  return contract;
}

}  // namespace strongroom
