// Operations with keys, hashes and random bytes.
#include <string.h>

#include "session.h"

static const uint8_t kMessage[] = "to be signed or hidden";
static const size_t kSize = sizeof kMessage - 1;
static const uint8_t kLabel[] = {1, 2, 3};
static const uint8_t kNonce[12] = {7};

// SHA-256 of "abc": FIPS 180-4, example.
static const uint8_t kAbcDigest[32] = {
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};

static void make(strongroom_client* client, const char* name, strongroom_key_type type,
                 uint32_t bits, strongroom_key_usage usage, strongroom_algorithm algorithm) {
  strongroom_key_attributes* wanted = attributes_of(type, bits, usage, algorithm);
  EXPECT_OK(strongroom_generate_key(client, name, wanted, &failure));
  strongroom_key_attributes_free(wanted);
}

void signatures(strongroom_client* client) {
  const strongroom_algorithm ecdsa = STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256);
  make(client, "signer", STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
       STRONGROOM_KEY_USAGE_SIGN_HASH | STRONGROOM_KEY_USAGE_VERIFY_HASH, ecdsa);
  strongroom_buffer* of_hash = NULL;
  strongroom_buffer* of_message = NULL;
  EXPECT_OK(strongroom_sign_hash(client, "signer", ecdsa, kAbcDigest, sizeof kAbcDigest, &of_hash,
                                 &failure));
  EXPECT_OK(strongroom_sign_message(client, "signer", ecdsa, (const uint8_t*)"abc", 3, &of_message,
                                    &failure));
  CHECK(strongroom_buffer_size(of_hash) == 64 && strongroom_buffer_size(of_message) == 64);

  // Each way of verifying takes what the other way of signing gave.
  EXPECT_OK(strongroom_verify_message(client, "signer", ecdsa, (const uint8_t*)"abc", 3,
                                      strongroom_buffer_data(of_hash), 64, &failure));
  EXPECT_OK(strongroom_verify_hash(client, "signer", ecdsa, kAbcDigest, sizeof kAbcDigest,
                                   strongroom_buffer_data(of_message), 64, &failure));
  EXPECT_FAILS(strongroom_verify_message(client, "signer", ecdsa, (const uint8_t*)"abd", 3,
                                         strongroom_buffer_data(of_hash), 64, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE, STRONGROOM_SOURCE_SERVICE);
  EXPECT_FAILS(strongroom_verify_hash(client, "signer", ecdsa, kAbcDigest, sizeof kAbcDigest,
                                      kAbcDigest, 32, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE, STRONGROOM_SOURCE_SERVICE);
  strongroom_buffer_free(of_hash);
  strongroom_buffer_free(of_message);
  EXPECT_OK(strongroom_destroy_key(client, "signer", &failure));
}

static void asymmetric(strongroom_client* client) {
  const strongroom_algorithm oaep = STRONGROOM_ALG_RSA_OAEP(STRONGROOM_ALG_SHA_256);
  make(client, "rsa", STRONGROOM_KEY_TYPE_RSA_KEY_PAIR, 2048,
       STRONGROOM_KEY_USAGE_ENCRYPT | STRONGROOM_KEY_USAGE_DECRYPT, oaep);
  strongroom_buffer* hidden = NULL;
  strongroom_buffer* shown = NULL;
  EXPECT_OK(strongroom_asymmetric_encrypt(client, "rsa", oaep, kMessage, kSize, kLabel,
                                          sizeof kLabel, &hidden, &failure));
  CHECK(strongroom_buffer_size(hidden) == 256);
  EXPECT_OK(strongroom_asymmetric_decrypt(client, "rsa", oaep, strongroom_buffer_data(hidden), 256,
                                          kLabel, sizeof kLabel, &shown, &failure));
  CHECK(same_bytes(shown, kMessage, kSize));
  strongroom_buffer_free(shown);
  EXPECT_FAILS(strongroom_asymmetric_decrypt(client, "rsa", oaep, strongroom_buffer_data(hidden),
                                             256, NULL, 0, &shown, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_PADDING, STRONGROOM_SOURCE_SERVICE);
  CHECK(shown == NULL);
  strongroom_buffer_free(hidden);
  EXPECT_OK(strongroom_destroy_key(client, "rsa", &failure));
}

static void aead(strongroom_client* client) {
  const strongroom_algorithm gcm = STRONGROOM_ALG_GCM;
  make(client, "aes", STRONGROOM_KEY_TYPE_AES, 128,
       STRONGROOM_KEY_USAGE_ENCRYPT | STRONGROOM_KEY_USAGE_DECRYPT, gcm);
  strongroom_buffer* hidden = NULL;
  strongroom_buffer* shown = NULL;
  EXPECT_OK(strongroom_aead_encrypt(client, "aes", gcm, kNonce, sizeof kNonce, kLabel,
                                    sizeof kLabel, kMessage, kSize, &hidden, &failure));
  CHECK(strongroom_buffer_size(hidden) == kSize + 16);
  EXPECT_OK(strongroom_aead_decrypt(client, "aes", gcm, kNonce, sizeof kNonce, kLabel,
                                    sizeof kLabel, strongroom_buffer_data(hidden), kSize + 16,
                                    &shown, &failure));
  CHECK(same_bytes(shown, kMessage, kSize));
  strongroom_buffer_free(shown);
  EXPECT_FAILS(
      strongroom_aead_decrypt(client, "aes", gcm, kNonce, sizeof kNonce, NULL, 0,
                              strongroom_buffer_data(hidden), kSize + 16, &shown, &failure),
      STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE, STRONGROOM_SOURCE_SERVICE);
  strongroom_buffer_free(hidden);

  // No plaintext at all, and its buffer has bytes to point at nevertheless.
  EXPECT_OK(strongroom_aead_encrypt(client, "aes", gcm, kNonce, sizeof kNonce, NULL, 0, NULL, 0,
                                    &hidden, &failure));
  EXPECT_OK(strongroom_aead_decrypt(client, "aes", gcm, kNonce, sizeof kNonce, NULL, 0,
                                    strongroom_buffer_data(hidden), 16, &shown, &failure));
  CHECK(strongroom_buffer_size(shown) == 0 && strongroom_buffer_data(shown) != NULL);
  strongroom_buffer_free(shown);
  strongroom_buffer_free(hidden);
  EXPECT_OK(strongroom_destroy_key(client, "aes", &failure));
}

void encryption(strongroom_client* client) {
  asymmetric(client);
  aead(client);
}

static void ciphers(strongroom_client* client) {
  strongroom_buffer* hidden = NULL;
  strongroom_buffer* shown = NULL;
  make(client, "aes", STRONGROOM_KEY_TYPE_AES, 128,
       STRONGROOM_KEY_USAGE_ENCRYPT | STRONGROOM_KEY_USAGE_DECRYPT, STRONGROOM_ALG_CTR);
  EXPECT_OK(strongroom_cipher_encrypt(client, "aes", STRONGROOM_ALG_CTR, kMessage, kSize, &hidden,
                                      &failure));
  CHECK(strongroom_buffer_size(hidden) == 16 + kSize);
  EXPECT_OK(strongroom_cipher_decrypt(client, "aes", STRONGROOM_ALG_CTR,
                                      strongroom_buffer_data(hidden), 16 + kSize, &shown,
                                      &failure));
  CHECK(same_bytes(shown, kMessage, kSize));
  strongroom_buffer_free(shown);
  shown = NULL;
  EXPECT_FAILS(
      strongroom_cipher_decrypt(client, "aes", STRONGROOM_ALG_CBC_PKCS7,
                                strongroom_buffer_data(hidden), 16 + kSize, &shown, &failure),
      STRONGROOM_STATUS_PSA_ERROR_NOT_PERMITTED, STRONGROOM_SOURCE_SERVICE);
  CHECK(shown == NULL);
  strongroom_buffer_free(hidden);
  EXPECT_OK(strongroom_destroy_key(client, "aes", &failure));
}

static void macs(strongroom_client* client) {
  strongroom_buffer* mac = NULL;
  make(client, "mac", STRONGROOM_KEY_TYPE_AES, 128,
       STRONGROOM_KEY_USAGE_SIGN_MESSAGE | STRONGROOM_KEY_USAGE_VERIFY_MESSAGE,
       STRONGROOM_ALG_CMAC);
  EXPECT_OK(
      strongroom_mac_compute(client, "mac", STRONGROOM_ALG_CMAC, kMessage, kSize, &mac, &failure));
  EXPECT_OK(strongroom_mac_verify(client, "mac", STRONGROOM_ALG_CMAC, kMessage, kSize,
                                  strongroom_buffer_data(mac), 16, &failure));
  EXPECT_FAILS(strongroom_mac_verify(client, "mac", STRONGROOM_ALG_CMAC, kMessage, kSize,
                                     kAbcDigest, 16, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE, STRONGROOM_SOURCE_SERVICE);
  strongroom_buffer_free(mac);
  EXPECT_OK(strongroom_destroy_key(client, "mac", &failure));
}

void ciphers_and_macs(strongroom_client* client) {
  ciphers(client);
  macs(client);
}

void agreement(strongroom_client* client) {
  const char* names[] = {"one", "two"};
  strongroom_buffer* points[2];
  strongroom_buffer* secrets[2];
  for (int i = 0; i < 2; i++) {
    make(client, names[i], STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
         STRONGROOM_KEY_USAGE_DERIVE, STRONGROOM_ALG_ECDH);
    EXPECT_OK(strongroom_export_public_key(client, names[i], &points[i], &failure));
  }
  for (int i = 0; i < 2; i++)
    EXPECT_OK(strongroom_raw_key_agreement(
        client, names[i], STRONGROOM_ALG_ECDH, strongroom_buffer_data(points[1 - i]),
        strongroom_buffer_size(points[1 - i]), &secrets[i], &failure));
  CHECK(same_bytes(secrets[0], strongroom_buffer_data(secrets[1]), 32));
  for (int i = 0; i < 2; i++) {
    strongroom_buffer_free(points[i]);
    strongroom_buffer_free(secrets[i]);
    EXPECT_OK(strongroom_destroy_key(client, names[i], &failure));
  }
}

void hashes_and_random(strongroom_client* client) {
  strongroom_buffer* hash = NULL;
  EXPECT_OK(strongroom_hash_compute(client, STRONGROOM_ALG_SHA_256, (const uint8_t*)"abc", 3, &hash,
                                    &failure));
  CHECK(same_bytes(hash, kAbcDigest, sizeof kAbcDigest));
  strongroom_buffer_free(hash);
  EXPECT_OK(strongroom_hash_compare(client, STRONGROOM_ALG_SHA_256, (const uint8_t*)"abc", 3,
                                    kAbcDigest, sizeof kAbcDigest, &failure));
  EXPECT_FAILS(strongroom_hash_compare(client, STRONGROOM_ALG_SHA_256, (const uint8_t*)"abd", 3,
                                       kAbcDigest, sizeof kAbcDigest, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE, STRONGROOM_SOURCE_SERVICE);

  strongroom_buffer* one = NULL;
  strongroom_buffer* two = NULL;
  EXPECT_OK(strongroom_generate_random(client, 32, &one, &failure));
  EXPECT_OK(strongroom_generate_random(client, 32, &two, &failure));
  CHECK(strongroom_buffer_size(one) == 32);
  CHECK(!same_bytes(one, strongroom_buffer_data(two), 32));
  strongroom_buffer_free(one);
  strongroom_buffer_free(two);
}
