// Values of the facets, as messages hold them. Each take_value() refuses what is no value of its
// type, and fails the reader.
#pragma once

#include "base/psa.h"
#include "providers/facets.h"
#include "providers/key_record.h"
#include "providers/pkcs11/token/slots.h"
#include "providers/provider.h"
#include "providers/token_worker/protocol/encoding.h"

namespace strongroom::token_worker {

// What std::type_identity is for: take_value(reader, as<psa::Aead>).
template <typename T>
inline constexpr std::type_identity<T> as{};

template <typename T>
using Take = std::type_identity<T>;

void put_value(Writer& writer, const psa::KeyAttributes& attributes);
psa::KeyAttributes take_value(Reader& reader, Take<psa::KeyAttributes>);
void put_value(Writer& writer, const psa::Mac& mac);
psa::Mac take_value(Reader& reader, Take<psa::Mac>);
void put_value(Writer& writer, const psa::Aead& aead);
psa::Aead take_value(Reader& reader, Take<psa::Aead>);
void put_value(Writer& writer, const psa::AsymmetricSignature& signature);
psa::AsymmetricSignature take_value(Reader& reader, Take<psa::AsymmetricSignature>);
void put_value(Writer& writer, const psa::AsymmetricEncryption& encryption);
psa::AsymmetricEncryption take_value(Reader& reader, Take<psa::AsymmetricEncryption>);
psa::Cipher take_value(Reader& reader, Take<psa::Cipher>);
psa::RawKeyAgreement take_value(Reader& reader, Take<psa::RawKeyAgreement>);
Capability take_value(Reader& reader, Take<Capability>);

// What a facet needs of a record; whose it is stays behind.
void put_value(Writer& writer, const KeyRecord& key);
KeyRecord take_value(Reader& reader, Take<KeyRecord>);
void put_value(Writer& writer, const NewKey& key);
NewKey take_value(Reader& reader, Take<NewKey>);
void put_value(Writer& writer, const AeadInput& input);
AeadInput take_value(Reader& reader, Take<AeadInput>);
void put_value(Writer& writer, const pkcs11::TokenIdentity& identity);
pkcs11::TokenIdentity take_value(Reader& reader, Take<pkcs11::TokenIdentity>);

// Of a worker's or a module's making, perhaps: what is text stays as it is, on one line, and not
// more than 2 KiB of it.
std::string words_for_a_log(std::string_view text);

// A status that means failure, and words for the log, of which not more than 2 KiB are kept, and
// nothing that is no text.
void put_value(Writer& writer, const Error& error);
Error take_value(Reader& reader, Take<Error>);

inline ByteView take_value(Reader& reader, Take<ByteView>) {
  return reader.bytes();
}
inline Bytes take_value(Reader& reader, Take<Bytes>) {
  return copy_of(reader.bytes());
}
inline SecretBuffer take_value(Reader& reader, Take<SecretBuffer>) {
  return reader.secret();
}
inline std::string take_value(Reader& reader, Take<std::string>) {
  return std::string(reader.text());
}
template <typename T>
  requires std::is_integral_v<T>
T take_value(Reader& reader, Take<T>) {
  return reader.number<T>();
}
inline std::vector<SecretBuffer> take_value(Reader& reader, Take<std::vector<SecretBuffer>>) {
  return reader.list<SecretBuffer>([](Reader& r) { return r.secret(); });
}

}  // namespace strongroom::token_worker
