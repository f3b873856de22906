#include "providers/token_worker/protocol/values.h"

#include <array>
#include <utility>

#include "base/utf8.h"

namespace strongroom::token_worker {
namespace {

constexpr std::size_t kMostWords = 2048;

constexpr std::array kFlags = {
    &psa::UsageFlags::may_export,     &psa::UsageFlags::copy,      &psa::UsageFlags::cache,
    &psa::UsageFlags::encrypt,        &psa::UsageFlags::decrypt,   &psa::UsageFlags::sign_message,
    &psa::UsageFlags::verify_message, &psa::UsageFlags::sign_hash, &psa::UsageFlags::verify_hash,
    &psa::UsageFlags::derive,         &psa::UsageFlags::wrap,      &psa::UsageFlags::unwrap,
};

psa::Hash take_value(Reader& reader, Take<psa::Hash>) {
  return reader.enumerator(psa::Hash::Md2, psa::Hash::Sha3_512);
}

std::optional<psa::Hash> take_hash(Reader& reader) {
  return reader.optional<psa::Hash>([](Reader& r) { return take_value(r, as<psa::Hash>); });
}

std::optional<std::uint32_t> take_size(Reader& reader) {
  return reader.optional<std::uint32_t>([](Reader& r) { return r.number<std::uint32_t>(); });
}

void put_value(Writer&, const psa::NoAlgorithm&) {}
psa::NoAlgorithm take_value(Reader&, Take<psa::NoAlgorithm>) {
  return {};
}

void put_value(Writer& writer, const psa::KeyDerivation& derivation) {
  writer.put(derivation.kind);
  writer.put(derivation.hash);
}

psa::KeyDerivation take_value(Reader& reader, Take<psa::KeyDerivation>) {
  using Kind = psa::KeyDerivation::Kind;
  auto kind = reader.enumerator(Kind::Hkdf, Kind::Tls12PskToMs);
  return {kind, take_value(reader, as<psa::Hash>)};
}

void put_value(Writer& writer, const psa::KeyAgreement& agreement) {
  writer.put(agreement.raw);
  writer.put(agreement.derivation.has_value());
  if (agreement.derivation) put_value(writer, *agreement.derivation);
}

psa::KeyAgreement take_value(Reader& reader, Take<psa::KeyAgreement>) {
  auto raw = take_value(reader, as<psa::RawKeyAgreement>);
  return {raw, reader.optional<psa::KeyDerivation>(
                   [](Reader& r) { return take_value(r, as<psa::KeyDerivation>); })};
}

void put_value(Writer& writer, const psa::KeyWrap& wrap) {
  writer.put(wrap.kind);
  writer.put(wrap.hash);
}

psa::KeyWrap take_value(Reader& reader, Take<psa::KeyWrap>) {
  using Kind = psa::KeyWrap::Kind;
  auto kind = reader.enumerator(Kind::AesKwp, Kind::RsaOaepAesKwp);
  return {kind, take_hash(reader)};
}

// The alternative's number, and it.
void put_algorithm(Writer& writer, const psa::Algorithm& algorithm) {
  writer.put(static_cast<std::uint8_t>(algorithm.index()));
  std::visit([&](const auto& each) { put_value(writer, each); }, algorithm);
}

psa::Algorithm take_algorithm(Reader& reader) {
  const auto index = reader.number<std::uint8_t>();
  psa::Algorithm algorithm;
  auto take_if = [&]<std::size_t I>() {
    if (index == I)
      algorithm = take_value(reader, as<std::variant_alternative_t<I, psa::Algorithm>>);
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (take_if.template operator()<I>(), ...);
  }(std::make_index_sequence<std::variant_size_v<psa::Algorithm>>());
  if (index >= std::variant_size_v<psa::Algorithm>) reader.fail();
  return algorithm;
}

psa::KeyType take_type(Reader& reader) {
  using Kind = psa::KeyType::Kind;
  psa::KeyType type{reader.enumerator(Kind::RawData, Kind::DhPublicKey), std::nullopt};
  type.curve_family = reader.optional<psa::EccFamily>([](Reader& r) {
    return r.enumerator(psa::EccFamily::SecpK1, psa::EccFamily::TwistedEdwards);
  });
  if (type.curve_family.has_value() != type.is_ecc()) reader.fail();
  return type;
}

}  // namespace

std::string words_for_a_log(std::string_view text) {
  text = text.substr(0, kMostWords);
  auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  if (std::ranges::all_of(text, is_plain)) return std::string(text);
  return escaped(text, kMostWords);
}

void put_value(Writer& writer, const psa::KeyAttributes& attributes) {
  writer.put(attributes.type.kind);
  writer.put(attributes.type.curve_family);
  writer.put(attributes.bits);
  for (auto flag : kFlags)
    writer.put(attributes.usage.*flag);
  put_algorithm(writer, attributes.algorithm);
  writer.put(attributes.drawn_nonce_only);
}

psa::KeyAttributes take_value(Reader& reader, Take<psa::KeyAttributes>) {
  psa::KeyAttributes attributes{};
  attributes.type = take_type(reader);
  attributes.bits = reader.number<std::uint32_t>();
  for (auto flag : kFlags)
    attributes.usage.*flag = reader.number<bool>();
  attributes.algorithm = take_algorithm(reader);
  attributes.drawn_nonce_only = reader.number<bool>();
  return attributes;
}

void put_value(Writer& writer, const psa::Mac& mac) {
  writer.put(mac.kind);
  writer.put(mac.hash);
  writer.put(mac.truncated_size);
}

psa::Mac take_value(Reader& reader, Take<psa::Mac>) {
  psa::Mac mac{reader.enumerator(psa::Mac::Kind::Hmac, psa::Mac::Kind::Cmac), {}, {}};
  mac.hash = take_hash(reader);
  mac.truncated_size = take_size(reader);
  if (mac.hash.has_value() != (mac.kind == psa::Mac::Kind::Hmac)) reader.fail();
  return mac;
}

void put_value(Writer& writer, const psa::Aead& aead) {
  writer.put(aead.kind);
  writer.put(aead.shortened_tag_size);
}

psa::Aead take_value(Reader& reader, Take<psa::Aead>) {
  auto kind = reader.enumerator(psa::Aead::Kind::Ccm, psa::Aead::Kind::Chacha20Poly1305);
  return {kind, take_size(reader)};
}

void put_value(Writer& writer, const psa::AsymmetricSignature& signature) {
  writer.put(signature.kind);
  writer.put(signature.hash);
}

psa::AsymmetricSignature take_value(Reader& reader, Take<psa::AsymmetricSignature>) {
  using Kind = psa::AsymmetricSignature::Kind;
  auto kind = reader.enumerator(Kind::RsaPkcs1v15, Kind::PureEddsa);
  return {kind, take_hash(reader)};
}

void put_value(Writer& writer, const psa::AsymmetricEncryption& encryption) {
  writer.put(encryption.kind);
  writer.put(encryption.hash);
}

psa::AsymmetricEncryption take_value(Reader& reader, Take<psa::AsymmetricEncryption>) {
  using Kind = psa::AsymmetricEncryption::Kind;
  psa::AsymmetricEncryption encryption{reader.enumerator(Kind::RsaPkcs1v15, Kind::RsaOaep), {}};
  encryption.hash = take_hash(reader);
  if (encryption.hash.has_value() != (encryption.kind == Kind::RsaOaep)) reader.fail();
  return encryption;
}

psa::Cipher take_value(Reader& reader, Take<psa::Cipher>) {
  return reader.enumerator(psa::Cipher::StreamCipher, psa::Cipher::CbcPkcs7);
}

psa::RawKeyAgreement take_value(Reader& reader, Take<psa::RawKeyAgreement>) {
  return reader.enumerator(psa::RawKeyAgreement::Ffdh, psa::RawKeyAgreement::Ecdh);
}

Capability take_value(Reader& reader, Take<Capability>) {
  return reader.enumerator(Capability::Use, Capability::Derive);
}

void put_value(Writer& writer, const KeyRecord& key) {
  put_value(writer, key.attributes);
  writer.put(key.material);
  writer.put(key.public_key);
  writer.put(key.serial);
}

KeyRecord take_value(Reader& reader, Take<KeyRecord>) {
  KeyRecord key{};
  key.attributes = take_value(reader, as<psa::KeyAttributes>);
  key.material = reader.secret();
  key.public_key = copy_of(reader.bytes());
  key.serial = reader.number<std::uint64_t>();
  return key;
}

void put_value(Writer& writer, const NewKey& key) {
  put_value(writer, key.attributes);
  writer.put(key.material);
  writer.put(key.public_key);
}

NewKey take_value(Reader& reader, Take<NewKey>) {
  NewKey key{};
  key.attributes = take_value(reader, as<psa::KeyAttributes>);
  key.material = reader.secret();
  key.public_key = copy_of(reader.bytes());
  return key;
}

void put_value(Writer& writer, const AeadInput& input) {
  writer.put(input.nonce);
  writer.put(input.additional_data);
}

AeadInput take_value(Reader& reader, Take<AeadInput>) {
  const ByteView nonce = reader.bytes();
  return {nonce, reader.bytes()};
}

void put_value(Writer& writer, const pkcs11::TokenIdentity& identity) {
  writer.put(identity.label);
  writer.put(identity.serial);
}

pkcs11::TokenIdentity take_value(Reader& reader, Take<pkcs11::TokenIdentity>) {
  pkcs11::TokenIdentity identity;
  identity.label = reader.text();
  identity.serial = reader.text();
  return identity;
}

void put_value(Writer& writer, const Error& error) {
  writer.put(error.status());
  writer.put(std::string_view(error.message()).substr(0, kMostWords));
}

Error take_value(Reader& reader, Take<Error>) {
  const auto status = status_from(reader.number<std::uint16_t>());
  const std::string_view words = reader.text();
  if (!status || *status == Status::Success) reader.fail();
  return {status.value_or(Status::PsaErrorGenericError), words_for_a_log(words)};
}

}  // namespace strongroom::token_worker
