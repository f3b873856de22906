// Strongroom's extensions, prepared now and started later.
#include "session.h"

static const uint8_t kText[] = "abc";
// Made into by the makers, and freed by run().
static strongroom_request* request;

static void generate(strongroom_async* async, const char* name,
                     const strongroom_key_attributes* wanted) {
  Outcome told;
  EXPECT_OK(strongroom_request_generate_key(name, wanted, &request, &failure));
  run_ok(async, request, &told);
}

static void destroy(strongroom_async* async, const char* name) {
  Outcome told;
  EXPECT_OK(strongroom_request_destroy_key(name, &request, &failure));
  run_ok(async, request, &told);
}

static void keys_from_keys(strongroom_async* async) {
  const strongroom_algorithm hkdf = STRONGROOM_ALG_HKDF(STRONGROOM_ALG_SHA_256);
  const strongroom_key_usage both = STRONGROOM_KEY_USAGE_WRAP | STRONGROOM_KEY_USAGE_UNWRAP;
  Outcome told;
  Outcome wrapped;
  strongroom_key_attributes* secret =
      attributes_of(STRONGROOM_KEY_TYPE_DERIVE, 256, STRONGROOM_KEY_USAGE_DERIVE, hkdf);
  strongroom_key_attributes* kek =
      attributes_of(STRONGROOM_KEY_TYPE_AES, 256, both, STRONGROOM_ALG_KWP);
  strongroom_key_attributes* data =
      attributes_of(STRONGROOM_KEY_TYPE_AES, 128, STRONGROOM_KEY_USAGE_EXPORT, STRONGROOM_ALG_GCM);
  generate(async, "secret", secret);
  generate(async, "kek", kek);
  EXPECT_OK(strongroom_request_derive_key("secret", hkdf, NULL, "data", data, &request, &failure));
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_wrap_key("data", "kek", STRONGROOM_ALG_KWP, &request, &failure));
  run_ok(async, request, &wrapped);
  CHECK(strongroom_buffer_size(wrapped.bytes) == 24);
  EXPECT_OK(strongroom_request_unwrap_key("back", data, "kek", STRONGROOM_ALG_KWP,
                                          strongroom_buffer_data(wrapped.bytes), 24, &request,
                                          &failure));
  run_ok(async, request, &told);
  strongroom_buffer_free(wrapped.bytes);
  strongroom_key_attributes_free(secret);
  strongroom_key_attributes_free(kek);
  strongroom_key_attributes_free(data);
  for (int i = 0; i < 4; i++)
    destroy(async, (const char*[]){"secret", "kek", "data", "back"}[i]);
}

static void batches(strongroom_async* async) {
  const strongroom_algorithm ecdsa = STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256);
  const uint8_t digest[32] = {1};
  const uint8_t* const inputs[] = {digest, digest};
  const size_t sizes[] = {sizeof digest, sizeof digest};
  Outcome told;
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
                    STRONGROOM_KEY_USAGE_SIGN_HASH, ecdsa);
  generate(async, "signer", wanted);
  EXPECT_OK(strongroom_request_sign_hashes("signer", ecdsa, inputs, sizes, 2, &request, &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_signature_list_count(told.signatures) == 2);
  strongroom_signature_list_free(told.signatures);
  EXPECT_OK(
      strongroom_request_sign_messages("signer", ecdsa, inputs, sizes, 1, &request, &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_signature_list_count(told.signatures) == 1);
  strongroom_signature_list_free(told.signatures);
  strongroom_key_attributes_free(wanted);
  destroy(async, "signer");
}

static void sealing(strongroom_async* async) {
  Outcome told;
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_AES, 128, STRONGROOM_KEY_USAGE_ENCRYPT, STRONGROOM_ALG_GCM);
  generate(async, "aes", wanted);
  EXPECT_OK(strongroom_request_aead_seal("aes", STRONGROOM_ALG_GCM, NULL, 0, kText, 3, &request,
                                         &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_buffer_size(strongroom_sealed_text_nonce(told.sealed)) == 12);
  CHECK(strongroom_buffer_size(strongroom_sealed_text_ciphertext(told.sealed)) == 3 + 16);
  strongroom_sealed_text_free(told.sealed);
  strongroom_key_attributes_free(wanted);
  destroy(async, "aes");
}

void extensions_later(const char* socket) {
  strongroom_async* async = open_async(socket);
  keys_from_keys(async);
  batches(async);
  sealing(async);
  strongroom_async_free(async);
}
