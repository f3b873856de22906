// The facets that make keys: out of nothing, out of data, out of other keys. What
// providers/facets.h says of all facets goes for these.
#pragma once

#include <stop_token>

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"
#include "base/secret_buffer.h"
#include "providers/key_record.h"

namespace strongroom {

// What a provider has made and the store is to keep.
struct NewKey {
  psa::KeyAttributes attributes;  // with the real size
  SecretBuffer material;
  Bytes public_key;
};

// Makes and ends keys. Formats are those of the contract: PKCS#1 DER for RSA, bare scalars and
// uncompressed points for ECC, raw bytes for symmetric keys.
class KeyManager {
 public:
  // PsaErrorNotSupported for a type or size the provider does not make, PsaErrorInvalidArgument for
  // a public key type. Stops with PsaErrorGenericError once `stop` is requested.
  virtual Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop) = 0;
  // attributes.bits is 0 or must agree with the data. PsaErrorInvalidArgument for malformed data.
  virtual Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data) = 0;
  // The secret or private key; public key types are answered from the record, not here.
  virtual Result<SecretBuffer> export_key(const KeyRecord& key) = 0;
  // Ends what the provider holds of the key, caches included. The record is the store's to end.
  virtual Result<> destroy(const KeyRecord& key) = 0;

 protected:
  ~KeyManager() = default;
};

// What a key derivation takes beside its secret. HKDF has salt and info (RFC 5869), TLS 1.2 label
// and seed (RFC 5246 §5); those of the other are empty.
struct DerivationInput {
  ByteView salt;
  ByteView info;
  ByteView label;
  ByteView seed;
};

// Makes keys out of secrets that do not leave the provider. PsaErrorNotSupported for a type or size
// that is not derived, PsaErrorInvalidArgument for no size and for more than the algorithm gives.
class KeyDeriver {
 public:
  virtual Result<NewKey> derive(const KeyRecord& secret, const psa::KeyDerivation& algorithm,
                                const DerivationInput& input,
                                const psa::KeyAttributes& attributes) = 0;
  // From what the key and `peer` agree on; `algorithm` has a derivation. Fails as
  // KeyAgreer::agree().
  virtual Result<NewKey> agree_and_derive(const KeyRecord& key, const psa::KeyAgreement& algorithm,
                                          ByteView peer, const DerivationInput& input,
                                          const psa::KeyAttributes& attributes) = 0;

 protected:
  ~KeyDeriver() = default;
};

// Keys encrypted under keys of the same provider. What is wrapped are the bytes of the export
// format.
class KeyWrapper {
 public:
  virtual Result<Bytes> wrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                             const KeyRecord& key) = 0;
  // PsaErrorInvalidSignature when the data was altered or wrapped under another key,
  // PsaErrorInvalidArgument for a length that no wrapped key has; then as KeyManager::import().
  virtual Result<NewKey> unwrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                                ByteView wrapped, const psa::KeyAttributes& attributes) = 0;

 protected:
  ~KeyWrapper() = default;
};

}  // namespace strongroom
