// Clients, what the service is and has, and its administration.
#include <string.h>
#include <unistd.h>

#include "session.h"

void clients_and_options(const char* socket) {
  CHECK(strcmp(strongroom_library_version(), STRONGROOM_VERSION) == 0);

  strongroom_options* options = NULL;
  strongroom_client* client = NULL;
  strongroom_client* other = NULL;
  uint8_t provider = 0;
  EXPECT_OK(strongroom_options_new(&options, &failure));
  EXPECT_OK(strongroom_options_set_endpoint(options, socket, &failure));
  EXPECT_OK(strongroom_options_set_provider(options, STRONGROOM_PROVIDER_TPM, &failure));
  EXPECT_OK(strongroom_options_set_timeout_ms(options, 10000, &failure));
  EXPECT_OK(strongroom_options_set_max_answer_size(options, 4096, &failure));
  EXPECT_OK(strongroom_options_set_trust_any_socket(options, true, &failure));
  EXPECT_OK(strongroom_client_open(options, &client, &failure));
  EXPECT_OK(strongroom_client_provider(client, &provider, &failure));
  CHECK(provider == STRONGROOM_PROVIDER_TPM);
  CHECK(strcmp(strongroom_client_socket_path(client), socket) == 0);
  EXPECT_OK(
      strongroom_client_with_provider(client, STRONGROOM_PROVIDER_SOFTWARE, &other, &failure));
  EXPECT_OK(strongroom_client_provider(other, &provider, &failure));
  CHECK(provider == STRONGROOM_PROVIDER_SOFTWARE);

  strongroom_buffer* bytes = NULL;
  EXPECT_FAILS(strongroom_generate_random(other, 5000, &bytes, &failure),
               STRONGROOM_STATUS_RESPONSE_TOO_LARGE, STRONGROOM_SOURCE_ANSWER);
  CHECK(bytes == NULL);
  strongroom_client_free(client);
  strongroom_client_free(other);

  // With a name, it claims to be another application than the kernel says; here any name may.
  EXPECT_OK(strongroom_options_set_application_name(options, "elsewhere", &failure));
  EXPECT_OK(strongroom_client_open(options, &client, &failure));
  strongroom_key_list* keys = NULL;
  EXPECT_FAILS(strongroom_list_keys(client, &keys, &failure),
               STRONGROOM_STATUS_AUTHENTICATOR_NOT_REGISTERED, STRONGROOM_SOURCE_SERVICE);
  strongroom_client_free(client);
  strongroom_options_free(options);

  // All as by default: whatever socket that is.
  EXPECT_OK(strongroom_client_open(NULL, &client, &failure));
  CHECK(strlen(strongroom_client_socket_path(client)) > 0);
  strongroom_client_free(client);
}

static void providers(strongroom_client* client) {
  strongroom_provider_list* list = NULL;
  EXPECT_OK(strongroom_list_providers(client, &list, &failure));
  CHECK(strongroom_provider_list_count(list) == 2);
  CHECK(strongroom_provider_list_id(list, 0) == STRONGROOM_PROVIDER_SOFTWARE);
  CHECK(strongroom_provider_list_id(list, 1) == STRONGROOM_PROVIDER_CORE);
  CHECK(strlen(strongroom_provider_list_uuid(list, 0)) == 36);
  CHECK(strlen(strongroom_provider_list_description(list, 0)) > 0);
  CHECK(strongroom_provider_list_vendor(list, 0) != NULL);
  strongroom_release release = strongroom_provider_list_version(list, 0);
  CHECK(release.major_number + release.minor_number + release.revision > 0);
  CHECK(strongroom_provider_list_uuid(list, 2) == NULL);
  CHECK(strongroom_provider_list_version(list, 2).minor_number == 0);
  strongroom_provider_list_free(list);

  uint8_t provider = 0;
  EXPECT_OK(strongroom_client_provider(client, &provider, &failure));
  CHECK(provider == STRONGROOM_PROVIDER_SOFTWARE);
}

static void authenticators(strongroom_client* client) {
  strongroom_authenticator_list* list = NULL;
  EXPECT_OK(strongroom_list_authenticators(client, &list, &failure));
  CHECK(strongroom_authenticator_list_count(list) == 1);
  CHECK(strongroom_authenticator_list_id(list, 0) == 3);
  CHECK(strlen(strongroom_authenticator_list_description(list, 0)) > 0);
  strongroom_release release = strongroom_authenticator_list_version(list, 0);
  CHECK(release.major_number + release.minor_number + release.revision > 0);
  CHECK(strongroom_authenticator_list_description(list, 1) == NULL);
  strongroom_authenticator_list_free(list);
}

static void opcodes(strongroom_client* client) {
  const uint32_t sign_hash = 4;
  bool can_sign = false;
  strongroom_opcode_list* list = NULL;
  EXPECT_OK(strongroom_list_opcodes(client, STRONGROOM_PROVIDER_SOFTWARE, &list, &failure));
  for (size_t i = 0; i < strongroom_opcode_list_count(list); i++)
    can_sign = can_sign || strongroom_opcode_list_opcode(list, i) == sign_hash;
  CHECK(can_sign);
  CHECK(strongroom_opcode_list_opcode(list, strongroom_opcode_list_count(list)) == 0);
  strongroom_opcode_list_free(list);
  EXPECT_FAILS(strongroom_list_opcodes(client, 99, &list, &failure),
               STRONGROOM_STATUS_PROVIDER_DOES_NOT_EXIST, STRONGROOM_SOURCE_SERVICE);
  CHECK(list == NULL);
}

static void capabilities(strongroom_client* client) {
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
                    STRONGROOM_KEY_USAGE_SIGN_HASH, STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256));
  EXPECT_OK(strongroom_can_do_crypto(client, STRONGROOM_CRYPTO_CHECK_GENERATE, wanted, &failure));
  EXPECT_OK(strongroom_key_attributes_set_bits(wanted, 257, &failure));
  EXPECT_FAILS(strongroom_can_do_crypto(client, STRONGROOM_CRYPTO_CHECK_GENERATE, wanted, &failure),
               STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED, STRONGROOM_SOURCE_SERVICE);
  EXPECT_FAILS(strongroom_can_do_crypto(client, (strongroom_crypto_check)9, wanted, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
  strongroom_key_attributes_free(wanted);
}

void discovery(strongroom_client* client) {
  uint32_t major_number = 0;
  uint32_t minor_number = 99;
  EXPECT_OK(strongroom_ping(client, &major_number, &minor_number, &failure));
  CHECK(major_number == 1 && minor_number == 0);
  EXPECT_OK(strongroom_ping(client, NULL, NULL, &failure));
  providers(client);
  authenticators(client);
  opcodes(client);
  capabilities(client);
}

static void report(strongroom_client* administrator) {
  strongroom_service_report* told = NULL;
  EXPECT_OK(strongroom_service_status(administrator, &told, &failure));
  CHECK(strcmp(strongroom_service_report_version(told), STRONGROOM_VERSION) == 0);
  CHECK(strongroom_service_report_started_at(told) > 1700000000);
  CHECK(strongroom_service_report_uptime_s(told) < 3600);
  (void)strongroom_service_report_memory_is_locked(told);
  CHECK(strongroom_service_report_configuration_generation(told) == 1);
  CHECK(strongroom_service_report_last_reload(told) == STRONGROOM_RELOAD_NONE);
  CHECK(strongroom_service_report_last_reload_at(told) == 0);
  CHECK(strongroom_service_report_last_reload_message(told) == NULL);
  CHECK(strongroom_service_report_load(told, STRONGROOM_SIDE_ADMINISTRATORS,
                                       STRONGROOM_LOAD_CONNECTIONS) == 1);
  for (int load = STRONGROOM_LOAD_PRINCIPALS; load <= STRONGROOM_LOAD_REFUSED_CONNECTIONS; load++)
    CHECK(strongroom_service_report_load(told, STRONGROOM_SIDE_APPLICATIONS,
                                         (strongroom_load)load) < 1000000);
  CHECK(strongroom_service_report_lane_count(told) == 3);
  CHECK(strcmp(strongroom_service_report_lane_name(told, 0), "core") == 0);
  CHECK(strongroom_service_report_lane_name(told, 3) == NULL);
  for (size_t lane = 0; lane <= 3; lane++) {
    CHECK(strongroom_service_report_lane_queued(told, lane) == 0);
    CHECK(strongroom_service_report_lane_queued_cost_us(told, lane) < 1000000);
    CHECK(strongroom_service_report_lane_running(told, lane) <= 1);
    CHECK(strongroom_service_report_lane_oldest_wait_ms(told, lane) < 10000);
  }
  CHECK(!strongroom_service_report_store_is_degraded(told));
  (void)strongroom_service_report_store_is_checking(told);
  CHECK(strlen(strongroom_service_report_store_reason(told)) == 0);
  CHECK(strongroom_service_report_store_unreadable_records(told) == 0);
  strongroom_service_report_free(told);
}

static void reload(strongroom_client* administrator) {
  strongroom_reload_report* told = NULL;
  EXPECT_OK(strongroom_reload_configuration(administrator, &told, &failure));
  CHECK(strongroom_reload_report_outcome(told) == STRONGROOM_RELOAD_APPLIED);
  CHECK(strongroom_reload_report_generation(told) > 0);
  CHECK(strlen(strongroom_reload_report_message(told)) > 0);
  strongroom_reload_report_free(told);
}

static void check_of_the_store(strongroom_client* administrator) {
  strongroom_store_check* found = NULL;
  EXPECT_OK(strongroom_check_store(administrator, false, &found, &failure));
  CHECK(strongroom_store_check_records(found) == 1);
  CHECK(strongroom_store_check_verified(found) == 1);
  CHECK(!strongroom_store_check_is_accepted(found));
  CHECK(strongroom_store_check_finding_count(found) == 0);
  CHECK(strongroom_store_check_finding_kind(found, 0) == STRONGROOM_FINDING_UNKNOWN);
  CHECK(strongroom_store_check_finding_text(found, 0) == NULL);
  CHECK(strongroom_store_check_left_out(found) == 0);
  strongroom_store_check_free(found);
}

// Deletes the caller's own keys: what came before may have left some.
void administration(strongroom_client* client, strongroom_client* administrator) {
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
                    STRONGROOM_KEY_USAGE_SIGN_HASH, STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256));
  EXPECT_OK(strongroom_generate_key(client, "doomed", wanted, &failure));
  strongroom_key_attributes_free(wanted);
  report(administrator);
  reload(administrator);
  check_of_the_store(administrator);

  strongroom_service_report* told = NULL;
  EXPECT_FAILS(strongroom_service_status(client, &told, &failure),
               STRONGROOM_STATUS_ADMIN_OPERATION, STRONGROOM_SOURCE_SERVICE);
  strongroom_application_list* applications = NULL;
  EXPECT_FAILS(strongroom_list_applications(client, &applications, &failure),
               STRONGROOM_STATUS_ADMIN_OPERATION, STRONGROOM_SOURCE_SERVICE);
  EXPECT_OK(strongroom_list_applications(administrator, &applications, &failure));
  CHECK(strongroom_application_list_count(applications) == 1);
  const char* self = strongroom_application_list_name(applications, 0);
  CHECK(strongroom_application_list_name_size(applications, 0) == strlen(self));
  CHECK(strongroom_application_list_name(applications, 1) == NULL);

  strongroom_key_list* keys = NULL;
  EXPECT_OK(strongroom_delete_client(administrator, self, &failure));
  EXPECT_OK(strongroom_list_keys(client, &keys, &failure));
  CHECK(strongroom_key_list_count(keys) == 0);
  strongroom_key_list_free(keys);
  strongroom_application_list_free(applications);
}
