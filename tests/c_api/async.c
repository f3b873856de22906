// Requests and the calls that end in a callback.
#include <poll.h>

#include "session.h"

// The requests below are made into this one, and freed by run().
static strongroom_request* request;

static void discovery_later(strongroom_async* async) {
  Outcome told;
  EXPECT_OK(strongroom_request_ping(&request, &failure));
  run_ok(async, request, &told);
  CHECK(told.is_wire_version_1);
  EXPECT_OK(strongroom_request_list_providers(&request, &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_provider_list_count(told.providers) == 2);
  strongroom_provider_list_free(told.providers);
  EXPECT_OK(strongroom_request_list_authenticators(&request, &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_authenticator_list_count(told.authenticators) == 1);
  strongroom_authenticator_list_free(told.authenticators);
  EXPECT_OK(strongroom_request_list_opcodes(STRONGROOM_PROVIDER_CORE, &request, &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_opcode_list_count(told.opcodes) > 0);
  strongroom_opcode_list_free(told.opcodes);
}

static void keys_later(strongroom_async* async) {
  Outcome told;
  Outcome point;
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
                    STRONGROOM_KEY_USAGE_EXPORT | STRONGROOM_KEY_USAGE_DERIVE, STRONGROOM_ALG_ECDH);
  EXPECT_OK(strongroom_request_can_do_crypto(STRONGROOM_CRYPTO_CHECK_GENERATE, wanted, &request,
                                             &failure));
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_generate_key("later", wanted, &request, &failure));
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_export_key("later", &request, &failure));
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_import_key("copy", wanted, strongroom_buffer_data(told.bytes),
                                          strongroom_buffer_size(told.bytes), &request, &failure));
  strongroom_buffer_free(told.bytes);
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_list_keys(&request, &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_key_list_count(told.keys) == 2);
  strongroom_key_list_free(told.keys);
  EXPECT_OK(strongroom_request_key_info("later", &request, &failure));
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_export_public_key("later", &request, &failure));
  run_ok(async, request, &point);
  CHECK(same_bytes(strongroom_key_details_public_key(told.details),
                   strongroom_buffer_data(point.bytes), 65));
  strongroom_key_details_free(told.details);
  EXPECT_OK(strongroom_request_raw_key_agreement(
      "copy", STRONGROOM_ALG_ECDH, strongroom_buffer_data(point.bytes), 65, &request, &failure));
  run_ok(async, request, &told);
  CHECK(strongroom_buffer_size(told.bytes) == 32);
  strongroom_buffer_free(told.bytes);
  strongroom_buffer_free(point.bytes);
  EXPECT_OK(strongroom_request_destroy_key("copy", &request, &failure));
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_destroy_key("copy", &request, &failure));
  run_refused(async, request, STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_OK(strongroom_request_destroy_key("later", &request, &failure));
  run_ok(async, request, &told);
  strongroom_key_attributes_free(wanted);
}

static const uint8_t kText[] = "abc";

static void generate_later(strongroom_async* async, const char* name, strongroom_key_type type,
                           uint32_t bits, strongroom_key_usage usage,
                           strongroom_algorithm algorithm) {
  Outcome told;
  strongroom_key_attributes* wanted = attributes_of(type, bits, usage, algorithm);
  EXPECT_OK(strongroom_request_generate_key(name, wanted, &request, &failure));
  run_ok(async, request, &told);
  strongroom_key_attributes_free(wanted);
}

static void destroy_later(strongroom_async* async, const char* name) {
  Outcome told;
  EXPECT_OK(strongroom_request_destroy_key(name, &request, &failure));
  run_ok(async, request, &told);
}

static void signatures_later(strongroom_async* async) {
  const strongroom_algorithm ecdsa = STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256);
  Outcome hash;
  Outcome signature;
  Outcome told;
  generate_later(async, "signer", STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1),
                 256, STRONGROOM_KEY_USAGE_SIGN_HASH | STRONGROOM_KEY_USAGE_VERIFY_HASH, ecdsa);
  EXPECT_OK(strongroom_request_hash_compute(STRONGROOM_ALG_SHA_256, kText, 3, &request, &failure));
  run_ok(async, request, &hash);
  const uint8_t* digest = strongroom_buffer_data(hash.bytes);
  EXPECT_OK(strongroom_request_hash_compare(STRONGROOM_ALG_SHA_256, kText, 3, digest, 32, &request,
                                            &failure));
  run_ok(async, request, &told);
  EXPECT_OK(strongroom_request_sign_hash("signer", ecdsa, digest, 32, &request, &failure));
  run_ok(async, request, &signature);
  EXPECT_OK(strongroom_request_verify_message(
      "signer", ecdsa, kText, 3, strongroom_buffer_data(signature.bytes), 64, &request, &failure));
  run_ok(async, request, &told);
  strongroom_buffer_free(signature.bytes);
  EXPECT_OK(strongroom_request_sign_message("signer", ecdsa, kText, 3, &request, &failure));
  run_ok(async, request, &signature);
  EXPECT_OK(strongroom_request_verify_hash("signer", ecdsa, digest, 32,
                                           strongroom_buffer_data(signature.bytes), 64, &request,
                                           &failure));
  run_ok(async, request, &told);
  strongroom_buffer_free(signature.bytes);
  strongroom_buffer_free(hash.bytes);
  destroy_later(async, "signer");
}

static void encryption_later(strongroom_async* async) {
  const strongroom_key_usage both = STRONGROOM_KEY_USAGE_ENCRYPT | STRONGROOM_KEY_USAGE_DECRYPT;
  const strongroom_algorithm oaep = STRONGROOM_ALG_RSA_OAEP(STRONGROOM_ALG_SHA_256);
  const uint8_t nonce[12] = {0};
  Outcome hidden;
  Outcome shown;
  generate_later(async, "rsa", STRONGROOM_KEY_TYPE_RSA_KEY_PAIR, 2048, both, oaep);
  EXPECT_OK(
      strongroom_request_asymmetric_encrypt("rsa", oaep, kText, 3, NULL, 0, &request, &failure));
  run_ok(async, request, &hidden);
  EXPECT_OK(strongroom_request_asymmetric_decrypt("rsa", oaep, strongroom_buffer_data(hidden.bytes),
                                                  256, NULL, 0, &request, &failure));
  run_ok(async, request, &shown);
  CHECK(same_bytes(shown.bytes, kText, 3));
  strongroom_buffer_free(shown.bytes);
  strongroom_buffer_free(hidden.bytes);
  destroy_later(async, "rsa");

  generate_later(async, "aes", STRONGROOM_KEY_TYPE_AES, 128, both, STRONGROOM_ALG_GCM);
  EXPECT_OK(strongroom_request_aead_encrypt("aes", STRONGROOM_ALG_GCM, nonce, 12, kText, 3, kText,
                                            3, &request, &failure));
  run_ok(async, request, &hidden);
  EXPECT_OK(strongroom_request_aead_decrypt("aes", STRONGROOM_ALG_GCM, nonce, 12, kText, 3,
                                            strongroom_buffer_data(hidden.bytes), 19, &request,
                                            &failure));
  run_ok(async, request, &shown);
  CHECK(same_bytes(shown.bytes, kText, 3));
  strongroom_buffer_free(shown.bytes);
  strongroom_buffer_free(hidden.bytes);

  destroy_later(async, "aes");
}

static void ciphers_and_macs_later(strongroom_async* async) {
  Outcome hidden;
  Outcome shown;
  Outcome mac;
  generate_later(async, "aes", STRONGROOM_KEY_TYPE_AES, 128,
                 STRONGROOM_KEY_USAGE_ENCRYPT | STRONGROOM_KEY_USAGE_DECRYPT, STRONGROOM_ALG_CTR);
  EXPECT_OK(
      strongroom_request_cipher_encrypt("aes", STRONGROOM_ALG_CTR, kText, 3, &request, &failure));
  run_ok(async, request, &hidden);
  EXPECT_OK(strongroom_request_cipher_decrypt(
      "aes", STRONGROOM_ALG_CTR, strongroom_buffer_data(hidden.bytes), 19, &request, &failure));
  run_ok(async, request, &shown);
  CHECK(same_bytes(shown.bytes, kText, 3));
  strongroom_buffer_free(shown.bytes);
  strongroom_buffer_free(hidden.bytes);
  destroy_later(async, "aes");

  generate_later(async, "mac", STRONGROOM_KEY_TYPE_AES, 128,
                 STRONGROOM_KEY_USAGE_SIGN_MESSAGE | STRONGROOM_KEY_USAGE_VERIFY_MESSAGE,
                 STRONGROOM_ALG_CMAC);
  EXPECT_OK(
      strongroom_request_mac_compute("mac", STRONGROOM_ALG_CMAC, kText, 3, &request, &failure));
  run_ok(async, request, &mac);
  EXPECT_OK(strongroom_request_mac_verify("mac", STRONGROOM_ALG_CMAC, kText, 3,
                                          strongroom_buffer_data(mac.bytes), 16, &request,
                                          &failure));
  run_ok(async, request, &shown);
  EXPECT_OK(strongroom_request_mac_verify("mac", STRONGROOM_ALG_CMAC, kText, 3, kText, 3, &request,
                                          &failure));
  run_refused(async, request, STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE);
  strongroom_buffer_free(mac.bytes);
  destroy_later(async, "mac");
}

static void administration_later(strongroom_async* administrator) {
  Outcome told;
  EXPECT_OK(strongroom_request_service_status(&request, &failure));
  run_ok(administrator, request, &told);
  CHECK(strongroom_service_report_lane_count(told.report) == 3);
  strongroom_service_report_free(told.report);
  EXPECT_OK(strongroom_request_reload_configuration(&request, &failure));
  run_ok(administrator, request, &told);
  CHECK(strongroom_reload_report_outcome(told.reload) == STRONGROOM_RELOAD_APPLIED);
  strongroom_reload_report_free(told.reload);
  EXPECT_OK(strongroom_request_check_store(false, &request, &failure));
  run_ok(administrator, request, &told);
  CHECK(strongroom_store_check_finding_count(told.check) == 0);
  strongroom_store_check_free(told.check);
  EXPECT_OK(strongroom_request_list_applications(&request, &failure));
  run_ok(administrator, request, &told);
  CHECK(strongroom_application_list_count(told.applications) == 0);
  strongroom_application_list_free(told.applications);
  EXPECT_OK(strongroom_request_delete_client("64999", &request, &failure));
  run(administrator, request, &told);
  CHECK(told.status == STRONGROOM_STATUS_SUCCESS ||
        told.status == STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST);
}

// One request many times, all in flight, and one of them cancelled before anything is sent.
static void many_at_once(strongroom_async* async) {
  enum { kCount = 100, kCancelled = 42 };
  static Outcome outcomes[kCount];
  uint64_t calls[kCount];
  EXPECT_OK(strongroom_request_generate_random(16, &request, &failure));
  EXPECT_OK(strongroom_request_set_timeout_ms(request, 10000, &failure));
  EXPECT_OK(strongroom_request_set_provider(request, STRONGROOM_PROVIDER_SOFTWARE, &failure));
  for (int i = 0; i < kCount; i++)
    start(async, request, &outcomes[i], &calls[i]);
  strongroom_request_free(request);
  EXPECT_OK(strongroom_async_cancel(async, calls[kCancelled], &failure));
  for (int i = 0; i < kCount; i++) {
    await(async, &outcomes[i]);
    if (i == kCancelled) {
      CHECK(outcomes[i].source == STRONGROOM_SOURCE_CANCELLED);
      continue;
    }
    CHECK(outcomes[i].status == STRONGROOM_STATUS_SUCCESS);
    CHECK(strongroom_buffer_size(outcomes[i].bytes) == 16);
    strongroom_buffer_free(outcomes[i].bytes);
  }
}

typedef struct Chain {
  strongroom_async* async;
  int left;
} Chain;

// Starts the next call; after the last, frees the handle that runs it.
static void go_on(strongroom_status status, strongroom_answer* answer,
                  const strongroom_error* error, void* userdata) {
  Chain* chain = userdata;
  strongroom_request* next = NULL;
  CHECK(status == STRONGROOM_STATUS_SUCCESS && answer != NULL && error == NULL);
  if (--chain->left == 0) {
    strongroom_async_free(chain->async);
    chain->async = NULL;
    return;
  }
  EXPECT_OK(strongroom_request_ping(&next, &failure));
  EXPECT_OK(strongroom_async_start(chain->async, next, go_on, chain, NULL, &failure));
  strongroom_request_free(next);
}

static void callbacks_that_start_and_free(const char* socket) {
  Chain chain = {open_async(socket), 3};
  struct pollfd waited = {strongroom_async_descriptor(chain.async), POLLIN, 0};
  EXPECT_OK(strongroom_request_ping(&request, &failure));
  EXPECT_OK(strongroom_async_start(chain.async, request, go_on, &chain, NULL, &failure));
  strongroom_request_free(request);
  for (int turns = 0; chain.async != NULL && turns < 1000; turns++) {
    CHECK(poll(&waited, 1, kPatienceMs) == 1);
    EXPECT_OK(strongroom_async_process(chain.async, &failure));
  }
  CHECK(chain.async == NULL && chain.left == 0);
}

static void missing_arguments_later(strongroom_async* async) {
  Outcome outcome;
  EXPECT_FAILS(strongroom_request_destroy_key(NULL, &request, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  CHECK(request == NULL);
  EXPECT_FAILS(strongroom_async_start(async, NULL, keep, &outcome, NULL, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_OK(strongroom_request_ping(&request, &failure));
  EXPECT_FAILS(strongroom_async_start(async, request, NULL, &outcome, NULL, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_async_start(NULL, request, keep, &outcome, NULL, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_async_process(NULL, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_async_cancel(NULL, 1, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  CHECK(strongroom_async_descriptor(NULL) == -1);
  strongroom_async_free(NULL);
  strongroom_request_free(NULL);

  // What has not run when the handle goes never runs.
  strongroom_async* other = open_async("/nonexistent/socket");
  start(other, request, &outcome, NULL);
  strongroom_async_free(other);
  CHECK(outcome.runs == 0);
  strongroom_request_free(request);
}

void later(const char* socket, const char* admin_socket) {
  strongroom_async* async = open_async(socket);
  strongroom_async* administrator = open_async(admin_socket);
  discovery_later(async);
  keys_later(async);
  signatures_later(async);
  encryption_later(async);
  ciphers_and_macs_later(async);
  administration_later(administrator);
  many_at_once(async);
  callbacks_that_start_and_free(socket);
  missing_arguments_later(async);
  strongroom_async_free(administrator);
  strongroom_async_free(async);
}
