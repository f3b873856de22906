// What calls do with arguments that are missing or wrong, and without a service.
#include <errno.h>
#include <string.h>

#include "session.h"

#define EXPECT_INVALID(call) \
  EXPECT_FAILS(call, STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER)

static void missing_clients(void) {
  strongroom_buffer* made = NULL;
  strongroom_key_list* keys = NULL;
  uint8_t provider = 0;
  EXPECT_INVALID(strongroom_ping(NULL, NULL, NULL, &failure));
  EXPECT_INVALID(strongroom_client_provider(NULL, &provider, &failure));
  EXPECT_INVALID(strongroom_list_keys(NULL, &keys, &failure));
  EXPECT_INVALID(strongroom_destroy_key(NULL, "key", &failure));
  EXPECT_INVALID(strongroom_generate_random(NULL, 1, &made, &failure));
  strongroom_client* other = NULL;
  EXPECT_INVALID(strongroom_client_with_provider(NULL, 1, &other, &failure));
  CHECK(strongroom_client_socket_path(NULL) == NULL);
}

static void missing_handles(strongroom_client* client) {
  EXPECT_INVALID(strongroom_generate_key(client, "key", NULL, &failure));
  EXPECT_INVALID(strongroom_can_do_crypto(client, STRONGROOM_CRYPTO_CHECK_USE, NULL, &failure));
  EXPECT_INVALID(strongroom_key_attributes_set_bits(NULL, 1, &failure));
  EXPECT_INVALID(strongroom_options_set_timeout_ms(NULL, 1, &failure));
  CHECK(strongroom_key_attributes_type(NULL) == STRONGROOM_KEY_TYPE_NONE);
  CHECK(strongroom_key_list_count(NULL) == 0);
  CHECK(strongroom_provider_list_uuid(NULL, 0) == NULL);
  CHECK(strongroom_key_details_public_key(NULL) == NULL);
  CHECK(strongroom_service_report_version(NULL) == NULL);
  CHECK(strongroom_service_report_lane_count(NULL) == 0);
  CHECK(strongroom_buffer_data(NULL) == NULL && strongroom_buffer_size(NULL) == 0);
  CHECK(strongroom_error_status(NULL) == STRONGROOM_STATUS_SUCCESS);
  CHECK(strongroom_error_message(NULL) == NULL);
}

static void missing_strings_and_bytes(strongroom_client* client) {
  const strongroom_algorithm ecdsa = STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256);
  const uint8_t byte = 0;
  strongroom_buffer* made = NULL;
  EXPECT_INVALID(strongroom_destroy_key(client, NULL, &failure));
  EXPECT_INVALID(strongroom_delete_client(client, NULL, &failure));
  EXPECT_INVALID(strongroom_sign_hash(client, "key", ecdsa, NULL, 32, &made, &failure));
  EXPECT_INVALID(strongroom_sign_hash(client, "key", ecdsa, &byte, 1, NULL, &failure));
  EXPECT_INVALID(strongroom_verify_hash(client, "key", ecdsa, &byte, 1, NULL, 64, &failure));
  EXPECT_INVALID(strongroom_options_new(NULL, &failure));
  CHECK(made == NULL);
}

static void missing_things_to_free(void) {
  strongroom_authenticator_list_free(NULL);
  strongroom_buffer_free(NULL);
  strongroom_client_free(NULL);
  strongroom_application_list_free(NULL);
  strongroom_error_free(NULL);
  strongroom_key_attributes_free(NULL);
  strongroom_key_details_free(NULL);
  strongroom_key_list_free(NULL);
  strongroom_opcode_list_free(NULL);
  strongroom_options_free(NULL);
  strongroom_provider_list_free(NULL);
  strongroom_reload_report_free(NULL);
  strongroom_service_report_free(NULL);
  strongroom_store_check_free(NULL);
}

void missing_arguments(strongroom_client* client) {
  missing_clients();
  missing_handles(client);
  missing_strings_and_bytes(client);
  missing_things_to_free();
  // And nobody has to take the error.
  CHECK(strongroom_destroy_key(client, NULL, NULL) == STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT);
}

static void wrong_algorithms(strongroom_client* client) {
  const uint8_t digest[32] = {0};
  strongroom_buffer* made = NULL;
  EXPECT_INVALID(
      strongroom_sign_hash(client, "key", STRONGROOM_ALG_SHA_256, digest, 32, &made, &failure));
  EXPECT_INVALID(strongroom_hash_compute(client, STRONGROOM_ALG_GCM, digest, 32, &made, &failure));
  EXPECT_INVALID(strongroom_raw_key_agreement(
      client, "key",
      STRONGROOM_ALG_KEY_AGREEMENT(STRONGROOM_ALG_ECDH,
                                   STRONGROOM_ALG_HKDF(STRONGROOM_ALG_SHA_256)),
      digest, 32, &made, &failure));
  const strongroom_algorithm ed25519ph = 0x0600090b;
  EXPECT_FAILS(strongroom_sign_message(client, "key", ed25519ph, digest, 32, &made, &failure),
               STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED, STRONGROOM_SOURCE_CALLER);
  EXPECT_INVALID(strongroom_destroy_key(client, "\xff", &failure));
}

static void wrong_endpoint(void) {
  strongroom_options* options = NULL;
  strongroom_client* client = NULL;
  strongroom_async* async = NULL;
  EXPECT_OK(strongroom_options_new(&options, &failure));
  EXPECT_OK(strongroom_options_set_endpoint(options, "http://example.org/", &failure));
  EXPECT_INVALID(strongroom_client_open(options, &client, &failure));
  EXPECT_INVALID(strongroom_async_open(options, &async, &failure));
  CHECK(client == NULL && async == NULL);
  strongroom_options_free(options);
}

void failing_calls(strongroom_client* client) {
  wrong_algorithms(client);
  wrong_endpoint();

  strongroom_client* nowhere = open_client("/nonexistent/socket");
  strongroom_error* error = NULL;
  CHECK(strongroom_ping(nowhere, NULL, NULL, &error) != STRONGROOM_STATUS_SUCCESS);
  CHECK(strongroom_error_source(error) == STRONGROOM_SOURCE_ENDPOINT);
  CHECK(strongroom_error_errno(error) == ENOENT);
  CHECK(!strongroom_error_outcome_is_unknown(error));
  CHECK(strstr(strongroom_error_message(error), "/nonexistent/socket") != NULL);
  strongroom_error_free(error);
  strongroom_client_free(nowhere);

  CHECK(strcmp(strongroom_status_name(STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST),
               "PsaErrorDoesNotExist") == 0);
  CHECK(strcmp(strongroom_status_name((strongroom_status)999), "Unknown") == 0);
}
