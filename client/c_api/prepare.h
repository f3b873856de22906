// The operations of the C interface as requests, from the arguments of its functions. Those that
// are sent at once and those that are sent later are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/c_api/handles.h"
#include "strongroom/request.h"

namespace strongroom::c_api::prepare {

using requests::Prepared;

// Bytes and their number, as an argument with a name of its own in messages.
struct Input {
  const std::uint8_t* data;
  std::size_t size;
};

Prepared<StoreCheckAnswer> check_store(bool accept);
Prepared<> delete_client(const char* name);
Prepared<> can_do_crypto(strongroom_crypto_check check,
                         const strongroom_key_attributes* attributes);

Prepared<> generate_key(const char* name, const strongroom_key_attributes* attributes);
Prepared<> import_key(const char* name, const strongroom_key_attributes* attributes, Input data);
Prepared<SecretBytes> export_key(const char* name);
Prepared<Bytes> export_public_key(const char* name);
Prepared<> destroy_key(const char* name);
Prepared<KeyDetails> key_info(const char* name);

Prepared<Bytes> sign_hash(const char* key, strongroom_algorithm algorithm, Input hash);
Prepared<Bytes> sign_message(const char* key, strongroom_algorithm algorithm, Input message);
Prepared<> verify_hash(const char* key, strongroom_algorithm algorithm, Input hash,
                       Input signature);
Prepared<> verify_message(const char* key, strongroom_algorithm algorithm, Input message,
                          Input signature);
Prepared<Bytes> asymmetric_encrypt(const char* key, strongroom_algorithm algorithm, Input plaintext,
                                   Input label);
Prepared<SecretBytes> asymmetric_decrypt(const char* key, strongroom_algorithm algorithm,
                                         Input ciphertext, Input label);
Prepared<Bytes> aead_encrypt(const char* key, strongroom_algorithm algorithm, Input nonce,
                             Input additional_data, Input plaintext);
Prepared<SecretBytes> aead_decrypt(const char* key, strongroom_algorithm algorithm, Input nonce,
                                   Input additional_data, Input ciphertext);
Prepared<Bytes> cipher_encrypt(const char* key, strongroom_algorithm algorithm, Input plaintext);
Prepared<SecretBytes> cipher_decrypt(const char* key, strongroom_algorithm algorithm,
                                     Input ciphertext);
Prepared<Bytes> mac_compute(const char* key, strongroom_algorithm algorithm, Input input);
Prepared<> mac_verify(const char* key, strongroom_algorithm algorithm, Input input, Input mac);
Prepared<SecretBytes> raw_key_agreement(const char* key, strongroom_algorithm algorithm,
                                        Input peer_key);
Prepared<Bytes> hash_compute(strongroom_algorithm algorithm, Input input);
Prepared<> hash_compare(strongroom_algorithm algorithm, Input input, Input hash);

// Pointers and lengths, `count` of each.
struct Inputs {
  const std::uint8_t* const* data;
  const std::size_t* sizes;
  std::size_t count;
};

Prepared<> derive_key(const char* secret, strongroom_algorithm algorithm,
                      const strongroom_derivation_inputs* inputs, const char* new_key,
                      const strongroom_key_attributes* attributes);
Prepared<Bytes> wrap_key(const char* key, const char* wrapping_key, strongroom_algorithm algorithm);
Prepared<> unwrap_key(const char* new_key, const strongroom_key_attributes* attributes,
                      const char* unwrapping_key, strongroom_algorithm algorithm,
                      Input wrapped_key);
Prepared<std::vector<Bytes>> sign_hashes(const char* key, strongroom_algorithm algorithm,
                                         Inputs hashes);
Prepared<std::vector<Bytes>> sign_messages(const char* key, strongroom_algorithm algorithm,
                                           Inputs messages);
Prepared<SealedText> aead_seal(const char* key, strongroom_algorithm algorithm,
                               Input additional_data, Input plaintext);

// Of the attestation key when `key` is null.
Prepared<AttestationIdentity> prepare_key_attestation(const char* key);
Prepared<SecretBytes> attest_key(const char* key, Input credential, Input secret);
Prepared<KeyCertificate> certify_key(const char* key, Input nonce);
Prepared<RegisterQuote> quote(const strongroom_register_selection* selections, std::size_t count,
                              Input nonce);

}  // namespace strongroom::c_api::prepare
