// The facets that make keys: out of nothing, out of data, out of other keys. What
// providers/facets.h says of all facets goes for these.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

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
//
// Where keys are objects in a device, they come and go in two phases, so that neither a crash nor a
// device that goes away leaves an object of which nobody knows: the store writes down the material
// of a key before it is made, and keeps it until the object is gone. That is `material`, which the
// new key then has; without it, and where keys are made in one phase, the provider sees to its own.
// In two phases, what fails may leave objects behind.
class KeyManager {
 public:
  // PsaErrorNotSupported for a type or size the provider does not make, PsaErrorInvalidArgument for
  // a public key type. Stops with PsaErrorGenericError once `stop` is requested.
  virtual Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                  SecretBuffer material = {}) = 0;
  // attributes.bits is 0 or must agree with the data. PsaErrorInvalidArgument for malformed data.
  virtual Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                                SecretBuffer material = {}) = 0;
  // The secret or private key; public key types are answered from the record, not here.
  virtual Result<SecretBuffer> export_key(const KeyRecord& key) = 0;
  // Ends what the provider holds of the key, caches included. The record is the store's to end.
  // With two phases it asks the device: success for objects that are gone or were never made; when
  // it fails it is to be done again. Of the record the material counts.
  virtual Result<> destroy(const KeyRecord& key) = 0;

  // By what a key that is not made yet will be found in the device; unique. Empty: keys are made in
  // one phase. Does not ask the device. Public keys, which are in no device, are made in one phase
  // everywhere.
  virtual Result<SecretBuffer> new_material() const { return SecretBuffer(); }

 protected:
  ~KeyManager() = default;
};

// What a device holds, for comparing it with the store.
class KeyInventory {
 public:
  // The material of each key in the device that this provider of this installation has made, as far
  // as it carries its mark, known to the store or not.
  virtual Result<std::vector<SecretBuffer>> materials() = 0;
  // PsaErrorDoesNotExist when the device does not have the key any more, PsaErrorDataCorrupt when
  // it has another one in its place.
  virtual Result<> look_for(const KeyRecord& key) = 0;
  // What the device tells of the key of that material, which no record may know: one line for an
  // operator, fit for a terminal. PsaErrorDoesNotExist when it has none.
  virtual Result<std::string> describe(const SecretBuffer& material) = 0;

 protected:
  ~KeyInventory() = default;
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
