// Data that goes in parts.
#include <stdlib.h>
#include <string.h>

#include "session.h"

enum { kParts = 40, kPartSize = 50000, kSize = kParts * kPartSize };

static uint8_t text[kSize];

static void hashes(strongroom_client* client) {
  strongroom_hash_operation* operation = NULL;
  strongroom_buffer* once = NULL;
  strongroom_buffer* whole = NULL;
  EXPECT_OK(strongroom_hash_compute(client, STRONGROOM_ALG_SHA_256, text, 2 * kPartSize, &whole,
                                    &failure));
  EXPECT_OK(strongroom_hash_begin(client, STRONGROOM_ALG_SHA_256, &operation, &failure));
  for (int i = 0; i < 2; i++)
    EXPECT_OK(strongroom_hash_update(operation, text + i * kPartSize, kPartSize, &failure));
  EXPECT_OK(strongroom_hash_finish(operation, &once, &failure));
  CHECK(same_bytes(once, strongroom_buffer_data(whole), 32));
  EXPECT_FAILS(strongroom_hash_update(operation, text, 1, &failure),
               STRONGROOM_STATUS_PSA_ERROR_BAD_STATE, STRONGROOM_SOURCE_CALLER);
  strongroom_hash_operation_free(operation);
  EXPECT_OK(strongroom_hash_begin(client, STRONGROOM_ALG_SHA_256, &operation, &failure));
  EXPECT_OK(strongroom_hash_update(operation, text, kPartSize, &failure));
  EXPECT_FAILS(strongroom_hash_verify(operation, strongroom_buffer_data(whole), 32, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE, STRONGROOM_SOURCE_SERVICE);
  strongroom_hash_operation_free(operation);
  strongroom_buffer_free(once);
  strongroom_buffer_free(whole);
}

typedef struct Kept {
  uint8_t bytes[kSize];
  size_t size;
  int released;
  int discarded;
} Kept;

static bool add(const uint8_t* data, size_t size, void* userdata) {
  Kept* kept = userdata;
  if (size > sizeof kept->bytes - kept->size) return false;
  memcpy(kept->bytes + kept->size, data, size);
  kept->size += size;
  return true;
}

static bool release(void* userdata) {
  ((Kept*)userdata)->released++;
  return true;
}

static void discard(void* userdata) {
  ((Kept*)userdata)->discarded++;
}

static Kept sealed;
static Kept opened;

// With a tag of which the last byte is `last` apart from the right one.
static strongroom_status open_sealed(strongroom_client* client, const strongroom_buffer* nonce,
                                     const strongroom_buffer* tag, uint8_t last) {
  strongroom_aead_decryption* opening = NULL;
  uint8_t given[16];
  memset(&opened, 0, sizeof opened);
  memcpy(given, strongroom_buffer_data(tag), sizeof given);
  given[15] ^= last;
  EXPECT_OK(strongroom_aead_decryption_begin(
      client, "parts", STRONGROOM_ALG_GCM, strongroom_buffer_data(nonce),
      strongroom_buffer_size(nonce), text, 3, add, release, discard, &opened, &opening, &failure));
  for (int i = 0; i < kParts; i++)
    EXPECT_OK(strongroom_aead_decryption_update(opening, sealed.bytes + i * kPartSize, kPartSize,
                                                &failure));
  CHECK(opened.released == 0 && opened.discarded == 0);
  const strongroom_status status =
      strongroom_aead_decryption_finish(opening, given, sizeof given, NULL);
  strongroom_aead_decryption_free(opening);
  return status;
}

static void sealing(strongroom_client* client) {
  strongroom_key_attributes* wanted = attributes_of(
      STRONGROOM_KEY_TYPE_AES, 256, STRONGROOM_KEY_USAGE_ENCRYPT | STRONGROOM_KEY_USAGE_DECRYPT,
      STRONGROOM_ALG_GCM);
  strongroom_aead_encryption* operation = NULL;
  strongroom_buffer* tag = NULL;
  const uint8_t nonce[12] = {1};
  EXPECT_OK(strongroom_generate_key(client, "parts", wanted, &failure));
  for (int i = 0; i < 2; i++) {
    memset(&sealed, 0, sizeof sealed);
    EXPECT_OK(strongroom_aead_encryption_begin(client, "parts", STRONGROOM_ALG_GCM, nonce,
                                               i == 0 ? sizeof nonce : 0, text, 3, add, &sealed,
                                               &operation, &failure));
    const strongroom_buffer* used = strongroom_aead_encryption_nonce(operation);
    CHECK(strongroom_buffer_size(used) == 12);
    CHECK(same_bytes(used, nonce, sizeof nonce) == (i == 0));
    for (int part = 0; part < kParts; part++)
      EXPECT_OK(strongroom_aead_encryption_update(operation, text + part * kPartSize, kPartSize,
                                                  &failure));
    EXPECT_OK(strongroom_aead_encryption_finish(operation, &tag, &failure));
    CHECK(sealed.size == kSize && strongroom_buffer_size(tag) == 16);

    CHECK(open_sealed(client, used, tag, 0) == STRONGROOM_STATUS_SUCCESS);
    CHECK(opened.released == 1 && opened.discarded == 0 && opened.size == kSize);
    CHECK(memcmp(opened.bytes, text, kSize) == 0);
    CHECK(open_sealed(client, used, tag, 1) == STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE);
    CHECK(opened.released == 0 && opened.discarded == 1);
    strongroom_buffer_free(tag);
    strongroom_aead_encryption_free(operation);
  }
  strongroom_key_attributes_free(wanted);
  EXPECT_OK(strongroom_destroy_key(client, "parts", &failure));
}

static void missing(strongroom_client* client) {
  strongroom_hash_operation* hash = NULL;
  strongroom_aead_encryption* encryption = NULL;
  strongroom_aead_decryption* decryption = NULL;
  EXPECT_FAILS(strongroom_hash_begin(NULL, STRONGROOM_ALG_SHA_256, &hash, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_hash_update(NULL, text, 1, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_aead_encryption_begin(client, "parts", STRONGROOM_ALG_GCM, NULL, 0, NULL,
                                                0, NULL, NULL, &encryption, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(
      strongroom_aead_decryption_begin(client, "parts", STRONGROOM_ALG_GCM, text, 12, NULL, 0, add,
                                       release, NULL, &opened, &decryption, &failure),
      STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  memset(&opened, 0, sizeof opened);
  EXPECT_FAILS(
      strongroom_aead_decryption_begin(client, NULL, STRONGROOM_ALG_GCM, text, 12, NULL, 0, add,
                                       release, discard, &opened, &decryption, &failure),
      STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  CHECK(opened.released == 0 && opened.discarded == 1);
  CHECK(hash == NULL && encryption == NULL && decryption == NULL);
  CHECK(strongroom_aead_encryption_nonce(NULL) == NULL);
}

void data_in_parts(strongroom_client* client) {
  for (size_t i = 0; i < kSize; i++)
    text[i] = (uint8_t)(i * 7);
  hashes(client);
  sealing(client);
  missing(client);
}
