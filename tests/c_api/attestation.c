// Proofs of a TPM, of which the service here has none: that calls arrive and are refused. What they
// carry is tested with a service that can answer.
#include "session.h"

static const uint8_t kNonce[20] = {1};
static const strongroom_register_selection kRegisters = {STRONGROOM_ALG_SHA_256, 0x81};
static const strongroom_status kNotSupported = STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED;

static void refusals(strongroom_client* client) {
  strongroom_attestation_identity* identity = NULL;
  strongroom_tpm_statement* statement = NULL;
  strongroom_buffer* enclosed = NULL;
  EXPECT_FAILS(strongroom_prepare_key_attestation(client, "web", &identity, &failure),
               kNotSupported, STRONGROOM_SOURCE_SERVICE);
  EXPECT_FAILS(strongroom_prepare_key_attestation(client, NULL, &identity, &failure), kNotSupported,
               STRONGROOM_SOURCE_SERVICE);
  EXPECT_FAILS(strongroom_attest_key(client, "web", kNonce, sizeof kNonce, kNonce, sizeof kNonce,
                                     &enclosed, &failure),
               kNotSupported, STRONGROOM_SOURCE_SERVICE);
  EXPECT_FAILS(strongroom_attest_key(client, NULL, kNonce, sizeof kNonce, kNonce, sizeof kNonce,
                                     &enclosed, &failure),
               kNotSupported, STRONGROOM_SOURCE_SERVICE);
  EXPECT_FAILS(strongroom_certify_key(client, "web", kNonce, sizeof kNonce, &statement, &failure),
               kNotSupported, STRONGROOM_SOURCE_SERVICE);
  EXPECT_FAILS(
      strongroom_quote(client, &kRegisters, 1, kNonce, sizeof kNonce, &statement, &failure),
      kNotSupported, STRONGROOM_SOURCE_SERVICE);
  CHECK(identity == NULL && statement == NULL && enclosed == NULL);
}

static void wrong_arguments(strongroom_client* client) {
  const strongroom_register_selection no_bank = {STRONGROOM_ALG_GCM, 1};
  strongroom_tpm_statement* statement = NULL;
  EXPECT_FAILS(strongroom_certify_key(client, NULL, kNonce, sizeof kNonce, &statement, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_quote(client, NULL, 1, kNonce, sizeof kNonce, &statement, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_quote(client, &no_bank, 1, kNonce, sizeof kNonce, &statement, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
}

static void nothing(void) {
  CHECK(strongroom_attestation_identity_name(NULL) == NULL);
  CHECK(strongroom_attestation_identity_public_area(NULL) == NULL);
  CHECK(strongroom_attestation_identity_endorsement_key(NULL) == NULL);
  strongroom_attestation_identity_free(NULL);
  CHECK(strongroom_tpm_statement_attest(NULL) == NULL);
  CHECK(strongroom_tpm_statement_signature(NULL) == NULL);
  CHECK(strongroom_tpm_statement_attestation_key(NULL) == NULL);
  CHECK(strongroom_tpm_statement_key(NULL) == NULL);
  CHECK(strongroom_tpm_statement_value_count(NULL) == 0);
  CHECK(strongroom_tpm_statement_value(NULL, 0) == NULL);
  strongroom_tpm_statement_free(NULL);
}

static void later_refusals(strongroom_async* async) {
  strongroom_request* request = NULL;
  EXPECT_OK(strongroom_request_prepare_key_attestation("web", &request, &failure));
  run_refused(async, request, kNotSupported);
  EXPECT_OK(strongroom_request_attest_key(NULL, kNonce, sizeof kNonce, kNonce, sizeof kNonce,
                                          &request, &failure));
  run_refused(async, request, kNotSupported);
  EXPECT_OK(strongroom_request_certify_key("web", kNonce, sizeof kNonce, &request, &failure));
  run_refused(async, request, kNotSupported);
  EXPECT_OK(strongroom_request_quote(&kRegisters, 1, kNonce, sizeof kNonce, &request, &failure));
  run_refused(async, request, kNotSupported);
}

void attestation(strongroom_client* client, const char* socket) {
  refusals(client);
  wrong_arguments(client);
  nothing();
  strongroom_async* async = open_async(socket);
  later_refusals(async);
  strongroom_async_free(async);
}
