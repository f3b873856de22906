#include "service/migration/key_attributes.h"

#include <array>
#include <limits>

#include "service/migration/bincode.h"

namespace strongroom::parsec {
namespace {

using Kind = psa::KeyType::Kind;

// Enumerations are counted from 0 there, and in the same order from 1 in the contracts, whose
// numbers ours are.
template <typename Enumeration>
Result<Enumeration> counted(BincodeReader& reader, Enumeration last) {
  const std::uint32_t variant = TRY(reader.variant(static_cast<std::uint32_t>(last)));
  return static_cast<Enumeration>(variant + 1);
}

Result<psa::Hash> hash(BincodeReader& reader) {
  return counted(reader, psa::Hash::Sha3_512);
}

// Lifetimes: volatile, persistent, others with a number of their own.
Result<> skip_lifetime(BincodeReader& reader) {
  constexpr std::uint32_t kCustom = 2;
  const std::uint32_t lifetime = TRY(reader.variant(kCustom + 1));
  if (lifetime == kCustom) std::ignore = TRY(reader.u32());
  return {};
}

Result<psa::KeyType> key_type(BincodeReader& reader) {
  psa::KeyType type{};
  type.kind = TRY(counted(reader, Kind::DhPublicKey));
  if (type.is_ecc()) type.curve_family = TRY(counted(reader, psa::EccFamily::Montgomery));
  if (type.is_dh()) std::ignore = TRY(reader.variant(1));  // of RFC 7919
  return type;
}

Result<std::uint32_t> size_in(BincodeReader& reader) {
  const std::uint64_t size = TRY(reader.u64());
  if (size <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(size);
  return fail(Status::PsaErrorDataCorrupt, fmt::format("{} is too large a number", size));
}

Result<psa::UsageFlags> usage_flags(BincodeReader& reader) {
  using Flags = psa::UsageFlags;
  constexpr std::array kInOrder = {
      &Flags::may_export,  &Flags::copy,         &Flags::cache,          &Flags::encrypt,
      &Flags::decrypt,     &Flags::sign_message, &Flags::verify_message, &Flags::sign_hash,
      &Flags::verify_hash, &Flags::derive,
  };
  Flags flags;
  for (bool Flags::* flag : kInOrder)
    flags.*flag = TRY(reader.truth());
  return flags;
}

Result<psa::Mac> whole_mac(BincodeReader& reader) {
  psa::Mac mac{};
  mac.kind = TRY(counted(reader, psa::Mac::Kind::Cmac));
  if (mac.kind == psa::Mac::Kind::Hmac) mac.hash = TRY(hash(reader));
  return mac;
}

Result<psa::Algorithm> mac(BincodeReader& reader) {
  const std::uint32_t is_truncated = TRY(reader.variant(2));
  psa::Mac mac = TRY(whole_mac(reader));
  if (is_truncated == 1) mac.truncated_size = TRY(size_in(reader));
  return mac;
}

Result<psa::Algorithm> aead(BincodeReader& reader) {
  const std::uint32_t is_shortened = TRY(reader.variant(2));
  psa::Aead aead{};
  aead.kind = TRY(counted(reader, psa::Aead::Kind::Chacha20Poly1305));
  if (is_shortened == 1) aead.shortened_tag_size = TRY(size_in(reader));
  return aead;
}

// With a hash of its own, or any.
Result<psa::Algorithm> signature(BincodeReader& reader) {
  using Signature = psa::AsymmetricSignature;
  Signature signature{};
  signature.kind = TRY(counted(reader, Signature::Kind::DeterministicEcdsa));
  if (!signature.takes_hash()) return signature;
  const std::uint32_t is_any = TRY(reader.variant(2));
  if (is_any == 0) signature.hash = TRY(hash(reader));
  return signature;
}

Result<psa::Algorithm> encryption(BincodeReader& reader) {
  using Encryption = psa::AsymmetricEncryption;
  Encryption encryption{};
  encryption.kind = TRY(counted(reader, Encryption::Kind::RsaOaep));
  if (encryption.kind == Encryption::Kind::RsaOaep) encryption.hash = TRY(hash(reader));
  return encryption;
}

Result<psa::KeyDerivation> derivation(BincodeReader& reader) {
  psa::KeyDerivation derivation{};
  derivation.kind = TRY(counted(reader, psa::KeyDerivation::Kind::Tls12PskToMs));
  derivation.hash = TRY(hash(reader));
  return derivation;
}

Result<psa::Algorithm> agreement(BincodeReader& reader) {
  const std::uint32_t is_derived = TRY(reader.variant(2));
  psa::KeyAgreement agreement{};
  agreement.raw = TRY(counted(reader, psa::RawKeyAgreement::Ecdh));
  if (is_derived == 1) agreement.derivation = TRY(derivation(reader));
  return agreement;
}

Result<psa::Algorithm> algorithm(BincodeReader& reader) {
  constexpr std::uint32_t kCount = 9;
  const std::uint32_t variant = TRY(reader.variant(kCount));
  switch (variant) {
    case 1: return TRY(hash(reader));
    case 2: return mac(reader);
    case 3: return TRY(counted(reader, psa::Cipher::CbcPkcs7));
    case 4: return aead(reader);
    case 5: return signature(reader);
    case 6: return encryption(reader);
    case 7: return agreement(reader);
    case 8: return TRY(derivation(reader));
    default: return psa::NoAlgorithm();
  }
}

Result<psa::KeyAttributes> attributes(BincodeReader& reader) {
  TRY(skip_lifetime(reader));
  psa::KeyAttributes attributes{};
  attributes.type = TRY(key_type(reader));
  attributes.bits = TRY(size_in(reader));
  attributes.usage = TRY(usage_flags(reader));
  attributes.algorithm = TRY(algorithm(reader));
  TRY(reader.end());
  return attributes;
}

}  // namespace

Result<psa::KeyAttributes> parse_attributes(ByteView stored) {
  BincodeReader reader(stored);
  return in_context(attributes(reader), "the key's attributes");
}

}  // namespace strongroom::parsec
