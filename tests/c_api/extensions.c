// What Strongroom does beyond Parsec's operations.
#include <string.h>

#include "session.h"

static const uint8_t kSecret[] = "input keying material";
static const uint8_t kInfo[] = "what for";
static const uint8_t kText[] = "to be signed or sealed";

static void make(strongroom_client* client, const char* name, strongroom_key_type type,
                 uint32_t bits, strongroom_key_usage usage, strongroom_algorithm algorithm) {
  strongroom_key_attributes* wanted = attributes_of(type, bits, usage, algorithm);
  EXPECT_OK(strongroom_generate_key(client, name, wanted, &failure));
  strongroom_key_attributes_free(wanted);
}

static void put(strongroom_client* client, const char* name, strongroom_key_type type,
                strongroom_key_usage usage, strongroom_algorithm algorithm, const uint8_t* data,
                size_t size) {
  strongroom_key_attributes* wanted = attributes_of(type, 0, usage, algorithm);
  EXPECT_OK(strongroom_import_key(client, name, wanted, data, size, &failure));
  strongroom_key_attributes_free(wanted);
}

static bool same_keys(strongroom_client* client, const char* one, const char* two) {
  strongroom_buffer* keys[2];
  EXPECT_OK(strongroom_export_key(client, one, &keys[0], &failure));
  EXPECT_OK(strongroom_export_key(client, two, &keys[1], &failure));
  bool same = same_bytes(keys[0], strongroom_buffer_data(keys[1]), strongroom_buffer_size(keys[1]));
  strongroom_buffer_free(keys[0]);
  strongroom_buffer_free(keys[1]);
  return same;
}

static void destroy(strongroom_client* client, const char* name) {
  EXPECT_OK(strongroom_destroy_key(client, name, &failure));
}

static void derivation(strongroom_client* client) {
  const strongroom_algorithm hkdf = STRONGROOM_ALG_HKDF(STRONGROOM_ALG_SHA_256);
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_AES, 128, STRONGROOM_KEY_USAGE_EXPORT, STRONGROOM_ALG_GCM);
  strongroom_derivation_inputs* inputs = NULL;
  put(client, "secret", STRONGROOM_KEY_TYPE_DERIVE, STRONGROOM_KEY_USAGE_DERIVE, hkdf, kSecret,
      sizeof kSecret);
  EXPECT_OK(strongroom_derivation_inputs_new(&inputs, &failure));
  EXPECT_OK(strongroom_derivation_inputs_set(inputs, STRONGROOM_DERIVATION_INFO, kInfo,
                                             sizeof kInfo, &failure));
  EXPECT_OK(strongroom_derive_key(client, "secret", hkdf, inputs, "one", wanted, &failure));
  EXPECT_OK(strongroom_derive_key(client, "secret", hkdf, inputs, "two", wanted, &failure));
  EXPECT_OK(strongroom_derive_key(client, "secret", hkdf, NULL, "three", wanted, &failure));
  CHECK(same_keys(client, "one", "two"));
  CHECK(!same_keys(client, "one", "three"));
  EXPECT_FAILS(
      strongroom_derive_key(client, "secret", STRONGROOM_ALG_ECDH, NULL, "x", wanted, &failure),
      STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(
      strongroom_derivation_inputs_set(inputs, (strongroom_derivation_step)5, kInfo, 1, &failure),
      STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  strongroom_derivation_inputs_free(inputs);
  strongroom_key_attributes_free(wanted);
  for (int i = 0; i < 4; i++)
    destroy(client, (const char*[]){"secret", "one", "two", "three"}[i]);
}

static void wrapping(strongroom_client* client) {
  const strongroom_key_usage both = STRONGROOM_KEY_USAGE_WRAP | STRONGROOM_KEY_USAGE_UNWRAP;
  const strongroom_algorithm rsa = STRONGROOM_ALG_RSA_OAEP_KWP(STRONGROOM_ALG_SHA_256);
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_AES, 0, STRONGROOM_KEY_USAGE_EXPORT, STRONGROOM_ALG_GCM);
  make(client, "kek", STRONGROOM_KEY_TYPE_AES, 256, both, STRONGROOM_ALG_KWP);
  make(client, "rsa", STRONGROOM_KEY_TYPE_RSA_KEY_PAIR, 2048, both, rsa);
  make(client, "data", STRONGROOM_KEY_TYPE_AES, 128, STRONGROOM_KEY_USAGE_EXPORT,
       STRONGROOM_ALG_GCM);
  for (int i = 0; i < 2; i++) {
    const char* with = i == 0 ? "kek" : "rsa";
    const strongroom_algorithm algorithm = i == 0 ? STRONGROOM_ALG_KWP : rsa;
    strongroom_buffer* wrapped = NULL;
    EXPECT_OK(strongroom_wrap_key(client, "data", with, algorithm, &wrapped, &failure));
    CHECK(strongroom_buffer_size(wrapped) == (i == 0 ? 24 : 256 + 24));
    EXPECT_FAILS(strongroom_unwrap_key(client, "back", wanted, with, algorithm,
                                       strongroom_buffer_data(wrapped), 8, &failure),
                 STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_SERVICE);
    EXPECT_OK(strongroom_unwrap_key(client, "back", wanted, with, algorithm,
                                    strongroom_buffer_data(wrapped),
                                    strongroom_buffer_size(wrapped), &failure));
    CHECK(same_keys(client, "data", "back"));
    strongroom_buffer_free(wrapped);
    destroy(client, "back");
  }
  strongroom_buffer* none = NULL;
  EXPECT_FAILS(strongroom_wrap_key(client, "data", "kek", STRONGROOM_ALG_GCM, &none, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  CHECK(none == NULL);
  strongroom_key_attributes_free(wanted);
  for (int i = 0; i < 3; i++)
    destroy(client, (const char*[]){"kek", "rsa", "data"}[i]);
}

static void batches(strongroom_client* client) {
  const strongroom_algorithm ecdsa = STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256);
  const uint8_t* const texts[] = {kText, kInfo, NULL};
  const size_t sizes[] = {sizeof kText, sizeof kInfo, 0};
  const uint8_t digest[32] = {1};
  const uint8_t* const digests[] = {digest};
  const size_t digest_sizes[] = {sizeof digest};
  strongroom_signature_list* list = NULL;
  make(client, "signer", STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
       STRONGROOM_KEY_USAGE_SIGN_HASH | STRONGROOM_KEY_USAGE_VERIFY_HASH, ecdsa);
  EXPECT_OK(strongroom_sign_messages(client, "signer", ecdsa, texts, sizes, 3, &list, &failure));
  CHECK(strongroom_signature_list_count(list) == 3);
  for (size_t i = 0; i < 3; i++)
    EXPECT_OK(strongroom_verify_message(
        client, "signer", ecdsa, texts[i], sizes[i],
        strongroom_buffer_data(strongroom_signature_list_signature(list, i)), 64, &failure));
  CHECK(strongroom_signature_list_signature(list, 3) == NULL);
  strongroom_signature_list_free(list);
  EXPECT_OK(
      strongroom_sign_hashes(client, "signer", ecdsa, digests, digest_sizes, 1, &list, &failure));
  EXPECT_OK(strongroom_verify_hash(
      client, "signer", ecdsa, digest, sizeof digest,
      strongroom_buffer_data(strongroom_signature_list_signature(list, 0)), 64, &failure));
  strongroom_signature_list_free(list);
  EXPECT_FAILS(
      strongroom_sign_hashes(client, "signer", ecdsa, NULL, digest_sizes, 1, &list, &failure),
      STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  CHECK(list == NULL && strongroom_signature_list_count(list) == 0);
  destroy(client, "signer");
}

static void sealing(strongroom_client* client) {
  const strongroom_algorithm gcm = STRONGROOM_ALG_GCM;
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_AES, 256,
                    STRONGROOM_KEY_USAGE_ENCRYPT | STRONGROOM_KEY_USAGE_DECRYPT, gcm);
  CHECK(!strongroom_key_attributes_drawn_nonce_only(wanted));
  EXPECT_OK(strongroom_key_attributes_set_drawn_nonce_only(wanted, true, &failure));
  CHECK(strongroom_key_attributes_drawn_nonce_only(wanted));
  EXPECT_OK(strongroom_generate_key(client, "careful", wanted, &failure));
  strongroom_key_attributes_free(wanted);

  strongroom_sealed_text* sealed = NULL;
  strongroom_buffer* opened = NULL;
  EXPECT_OK(strongroom_aead_seal(client, "careful", gcm, kInfo, sizeof kInfo, kText, sizeof kText,
                                 &sealed, &failure));
  const strongroom_buffer* nonce = strongroom_sealed_text_nonce(sealed);
  const strongroom_buffer* ciphertext = strongroom_sealed_text_ciphertext(sealed);
  CHECK(strongroom_buffer_size(nonce) == 12);
  EXPECT_OK(strongroom_aead_decrypt(client, "careful", gcm, strongroom_buffer_data(nonce), 12,
                                    kInfo, sizeof kInfo, strongroom_buffer_data(ciphertext),
                                    strongroom_buffer_size(ciphertext), &opened, &failure));
  CHECK(same_bytes(opened, kText, sizeof kText));
  strongroom_buffer_free(opened);
  EXPECT_FAILS(strongroom_aead_encrypt(client, "careful", gcm, strongroom_buffer_data(nonce), 12,
                                       NULL, 0, kText, sizeof kText, &opened, &failure),
               STRONGROOM_STATUS_PSA_ERROR_NOT_PERMITTED, STRONGROOM_SOURCE_SERVICE);
  strongroom_sealed_text_free(sealed);

  strongroom_key_details* known = NULL;
  EXPECT_OK(strongroom_key_info(client, "careful", &known, &failure));
  CHECK(strongroom_key_attributes_drawn_nonce_only(strongroom_key_details_attributes(known)));
  strongroom_key_details_free(known);
  CHECK(strongroom_sealed_text_nonce(NULL) == NULL);
  CHECK(strongroom_sealed_text_ciphertext(NULL) == NULL);
  destroy(client, "careful");
}

static void edwards(strongroom_client* client) {
  const strongroom_algorithm eddsa = STRONGROOM_ALG_PURE_EDDSA;
  strongroom_buffer* signature = NULL;
  make(client, "edwards", STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_TWISTED_EDWARDS),
       255, STRONGROOM_KEY_USAGE_SIGN_MESSAGE | STRONGROOM_KEY_USAGE_VERIFY_MESSAGE, eddsa);
  EXPECT_OK(
      strongroom_sign_message(client, "edwards", eddsa, kText, sizeof kText, &signature, &failure));
  CHECK(strongroom_buffer_size(signature) == 64);
  EXPECT_OK(strongroom_verify_message(client, "edwards", eddsa, kText, sizeof kText,
                                      strongroom_buffer_data(signature), 64, &failure));
  strongroom_buffer_free(signature);
  destroy(client, "edwards");
}

void extensions(strongroom_client* client) {
  derivation(client);
  wrapping(client);
  batches(client);
  sealing(client);
  edwards(client);
}
