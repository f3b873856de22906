#include "service/store/sealed/record_codec.h"

#include <type_traits>

#include "service/store/sealed/fields.h"

namespace strongroom {
namespace {

constexpr std::uint8_t kFormat = 1;

constexpr std::array kUsageFlags = {
    &psa::UsageFlags::may_export,     &psa::UsageFlags::copy,      &psa::UsageFlags::cache,
    &psa::UsageFlags::encrypt,        &psa::UsageFlags::decrypt,   &psa::UsageFlags::sign_message,
    &psa::UsageFlags::verify_message, &psa::UsageFlags::sign_hash, &psa::UsageFlags::verify_hash,
    &psa::UsageFlags::derive,         &psa::UsageFlags::wrap,      &psa::UsageFlags::unwrap,
};
// Beside the flags, in the highest bit.
constexpr std::uint32_t kDrawnNonceOnly = 1U << 31;

// The greatest enumerator of each; the least is 1, and there are no gaps.
template <typename Enum>
constexpr std::underlying_type_t<Enum> kLast{};
template <>
constexpr std::uint8_t kLast<psa::Hash> = 15;
template <>
constexpr std::uint8_t kLast<psa::Cipher> = 8;
template <>
constexpr std::uint8_t kLast<psa::Mac::Kind> = 3;
template <>
constexpr std::uint8_t kLast<psa::Aead::Kind> = 3;
template <>
constexpr std::uint8_t kLast<psa::AsymmetricSignature::Kind> = 7;
template <>
constexpr std::uint8_t kLast<psa::AsymmetricEncryption::Kind> = 2;
template <>
constexpr std::uint8_t kLast<psa::KeyDerivation::Kind> = 3;
template <>
constexpr std::uint8_t kLast<psa::KeyWrap::Kind> = 2;
template <>
constexpr std::uint8_t kLast<psa::RawKeyAgreement> = 2;
template <>
constexpr std::uint8_t kLast<psa::EccFamily> = 10;
template <>
constexpr std::uint8_t kLast<psa::KeyType::Kind> = 14;

class AlgorithmWriter {
 public:
  explicit AlgorithmWriter(FieldWriter& out) : out_(out) {}

  void operator()(const psa::NoAlgorithm&) const {}
  void operator()(psa::Hash hash) const { put(hash); }
  void operator()(psa::Cipher cipher) const { put(cipher); }
  void operator()(const psa::Mac& mac) const {
    put(mac.kind);
    put(mac.hash);
    put_size(mac.truncated_size);
  }
  void operator()(const psa::Aead& aead) const {
    put(aead.kind);
    put_size(aead.shortened_tag_size);
  }
  void operator()(const psa::AsymmetricSignature& signature) const {
    put(signature.kind);
    put(signature.hash);
  }
  void operator()(const psa::AsymmetricEncryption& encryption) const {
    put(encryption.kind);
    put(encryption.hash);
  }
  void operator()(const psa::KeyAgreement& agreement) const {
    put(agreement.raw);
    out_.u8(agreement.derivation ? static_cast<std::uint8_t>(agreement.derivation->kind) : 0);
    out_.u8(agreement.derivation ? static_cast<std::uint8_t>(agreement.derivation->hash) : 0);
  }
  void operator()(const psa::KeyDerivation& derivation) const {
    put(derivation.kind);
    put(derivation.hash);
  }
  void operator()(const psa::KeyWrap& wrap) const {
    put(wrap.kind);
    put(wrap.hash);
  }

 private:
  template <typename Enum>
  void put(Enum value) const {
    out_.u8(static_cast<std::uint8_t>(value));
  }
  void put(std::optional<psa::Hash> hash) const {
    out_.u8(hash ? static_cast<std::uint8_t>(*hash) : 0);
  }
  void put_size(std::optional<std::uint32_t> size) const {
    out_.u8(size ? 1 : 0);
    if (size) out_.u32(*size);
  }

  FieldWriter& out_;
};

std::uint32_t bits_of(const psa::UsageFlags& usage) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < kUsageFlags.size(); ++i)
    if (usage.*kUsageFlags[i]) bits |= 1U << i;
  return bits;
}

void write(FieldWriter& out, const psa::KeyAttributes& attributes, ByteView material,
           ByteView public_key) {
  out.u8(kFormat);
  out.u8(static_cast<std::uint8_t>(attributes.type.kind));
  out.u8(attributes.type.curve_family ? static_cast<std::uint8_t>(*attributes.type.curve_family)
                                      : 0);
  out.u32(attributes.bits);
  out.u32(bits_of(attributes.usage) | (attributes.drawn_nonce_only ? kDrawnNonceOnly : 0));
  out.u8(static_cast<std::uint8_t>(attributes.algorithm.index()));
  std::visit(AlgorithmWriter(out), attributes.algorithm);
  out.string(public_key);
  out.string(material);
}

template <typename Enum>
std::optional<Enum> optional_enum(FieldReader& in) {
  std::uint8_t number = in.u8();
  if (number == 0) return std::nullopt;
  if (number > kLast<Enum>) in.fail();
  return static_cast<Enum>(number);
}

// After a failure the value is any enumerator: the parser asks the reader at its end.
template <typename Enum>
Enum mandatory_enum(FieldReader& in) {
  std::optional<Enum> value = optional_enum<Enum>(in);
  if (!value) in.fail();
  return value.value_or(static_cast<Enum>(1));
}

std::optional<std::uint32_t> optional_size(FieldReader& in) {
  std::uint8_t is_there = in.u8();
  if (is_there > 1) in.fail();
  if (is_there == 0) return std::nullopt;
  return in.u32();
}

psa::Mac read_mac(FieldReader& in) {
  auto kind = mandatory_enum<psa::Mac::Kind>(in);
  auto hash = optional_enum<psa::Hash>(in);
  auto size = optional_size(in);
  if ((kind == psa::Mac::Kind::Hmac) != hash.has_value()) in.fail();
  return {.kind = kind, .hash = hash, .truncated_size = size};
}

psa::Aead read_aead(FieldReader& in) {
  auto kind = mandatory_enum<psa::Aead::Kind>(in);
  return {.kind = kind, .shortened_tag_size = optional_size(in)};
}

psa::AsymmetricSignature read_signature(FieldReader& in) {
  auto kind = mandatory_enum<psa::AsymmetricSignature::Kind>(in);
  psa::AsymmetricSignature signature = {.kind = kind, .hash = optional_enum<psa::Hash>(in)};
  if (signature.hash && !signature.takes_hash()) in.fail();
  return signature;
}

psa::AsymmetricEncryption read_encryption(FieldReader& in) {
  auto kind = mandatory_enum<psa::AsymmetricEncryption::Kind>(in);
  auto hash = optional_enum<psa::Hash>(in);
  if ((kind == psa::AsymmetricEncryption::Kind::RsaOaep) != hash.has_value()) in.fail();
  return {.kind = kind, .hash = hash};
}

psa::KeyDerivation read_derivation(FieldReader& in) {
  auto kind = mandatory_enum<psa::KeyDerivation::Kind>(in);
  return {.kind = kind, .hash = mandatory_enum<psa::Hash>(in)};
}

psa::KeyAgreement read_agreement(FieldReader& in) {
  auto raw = mandatory_enum<psa::RawKeyAgreement>(in);
  auto kind = optional_enum<psa::KeyDerivation::Kind>(in);
  auto hash = optional_enum<psa::Hash>(in);
  if (kind.has_value() != hash.has_value()) in.fail();
  if (!kind || !hash) return {.raw = raw, .derivation = std::nullopt};
  return {.raw = raw, .derivation = psa::KeyDerivation{.kind = *kind, .hash = *hash}};
}

psa::KeyWrap read_key_wrap(FieldReader& in) {
  auto kind = mandatory_enum<psa::KeyWrap::Kind>(in);
  auto hash = optional_enum<psa::Hash>(in);
  if ((kind == psa::KeyWrap::Kind::RsaOaepAesKwp) != hash.has_value()) in.fail();
  return {.kind = kind, .hash = hash};
}

psa::Algorithm read_algorithm(FieldReader& in) {
  switch (in.u8()) {
    case 0: return psa::NoAlgorithm();
    case 1: return mandatory_enum<psa::Hash>(in);
    case 2: return read_mac(in);
    case 3: return mandatory_enum<psa::Cipher>(in);
    case 4: return read_aead(in);
    case 5: return read_signature(in);
    case 6: return read_encryption(in);
    case 7: return read_agreement(in);
    case 8: return read_derivation(in);
    case 9: return read_key_wrap(in);
    default: in.fail(); return psa::NoAlgorithm();
  }
}

psa::KeyType read_type(FieldReader& in) {
  auto kind = mandatory_enum<psa::KeyType::Kind>(in);
  psa::KeyType type = {.kind = kind, .curve_family = optional_enum<psa::EccFamily>(in)};
  if (type.is_ecc() != type.curve_family.has_value()) in.fail();
  return type;
}

psa::UsageFlags usage_of(FieldReader& in, std::uint32_t bits) {
  if (bits >> kUsageFlags.size() != 0) in.fail();
  psa::UsageFlags usage;
  for (std::size_t i = 0; i < kUsageFlags.size(); ++i)
    usage.*kUsageFlags[i] = (bits >> i & 1) != 0;
  return usage;
}

psa::KeyAttributes read_attributes(FieldReader& in) {
  psa::KeyType type = read_type(in);
  std::uint32_t bits = in.u32();
  if (bits == 0) in.fail();
  std::uint32_t flags = in.u32();
  psa::UsageFlags usage = usage_of(in, flags & ~kDrawnNonceOnly);
  return {.type = type,
          .bits = bits,
          .usage = usage,
          .algorithm = read_algorithm(in),
          .drawn_nonce_only = (flags & kDrawnNonceOnly) != 0};
}

}  // namespace

Result<SecretBuffer> encode_content(const psa::KeyAttributes& attributes, ByteView material,
                                    ByteView public_key) {
  FieldWriter counter;
  write(counter, attributes, material, public_key);
  SecretBuffer plaintext = TRY(SecretBuffer::of_size(counter.size()));
  FieldWriter out(plaintext.reveal_mutable());
  write(out, attributes, material, public_key);
  if (!decode_content(plaintext.reveal()))
    return fail(Status::PsaErrorInvalidArgument, "record: attributes that no key can have");
  return plaintext;
}

Result<RecordContent> decode_content(ByteView plaintext) {
  FieldReader in(plaintext);
  if (in.u8() != kFormat) return fail(Status::PsaErrorDataCorrupt, "record: format is not 1");
  psa::KeyAttributes attributes = read_attributes(in);
  ByteView public_key = in.string();
  ByteView material = in.string();
  if (!in.is_complete()) return fail(Status::PsaErrorDataCorrupt, "record: malformed");
  SecretBuffer secret = TRY(SecretBuffer::copy_of(material));
  return RecordContent{attributes, std::move(secret), copy_of(public_key)};
}

}  // namespace strongroom
