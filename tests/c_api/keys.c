// Attributes, and the life of keys.
#include <stdio.h>
#include <string.h>

#include "session.h"

void attributes(void) {
  strongroom_key_attributes* made = NULL;
  EXPECT_OK(strongroom_key_attributes_new(&made, &failure));
  CHECK(strongroom_key_attributes_type(made) == STRONGROOM_KEY_TYPE_NONE);
  CHECK(strongroom_key_attributes_bits(made) == 0);
  CHECK(strongroom_key_attributes_usage(made) == 0);
  CHECK(strongroom_key_attributes_algorithm(made) == STRONGROOM_ALG_NONE);
  strongroom_key_attributes_free(made);

  made = attributes_of(STRONGROOM_KEY_TYPE_RSA_KEY_PAIR, 2048, STRONGROOM_KEY_USAGE_SIGN_HASH,
                       STRONGROOM_ALG_RSA_PSS(STRONGROOM_ALG_ANY_HASH));
  const strongroom_key_type aria = 0x2406;
  EXPECT_FAILS(strongroom_key_attributes_set_type(made, aria, &failure),
               STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_key_attributes_set_usage(made, 0x80000000, &failure),
               STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED, STRONGROOM_SOURCE_CALLER);
  EXPECT_FAILS(strongroom_key_attributes_set_algorithm(made, STRONGROOM_ALG_UNENCODABLE, &failure),
               STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED, STRONGROOM_SOURCE_CALLER);
  CHECK(strongroom_key_attributes_type(made) == STRONGROOM_KEY_TYPE_RSA_KEY_PAIR);
  CHECK(strongroom_key_attributes_usage(made) == STRONGROOM_KEY_USAGE_SIGN_HASH);
  CHECK(strongroom_key_attributes_algorithm(made) ==
        STRONGROOM_ALG_RSA_PSS(STRONGROOM_ALG_ANY_HASH));
  strongroom_key_attributes_free(made);
}

static const char kName[] = "a key, with \xf0\x9f\x94\x91";

static bool same_attributes(const strongroom_key_attributes* left,
                            const strongroom_key_attributes* right) {
  return strongroom_key_attributes_type(left) == strongroom_key_attributes_type(right) &&
         strongroom_key_attributes_bits(left) == strongroom_key_attributes_bits(right) &&
         strongroom_key_attributes_usage(left) == strongroom_key_attributes_usage(right) &&
         strongroom_key_attributes_algorithm(left) == strongroom_key_attributes_algorithm(right);
}

static void listing(strongroom_client* client, const strongroom_key_attributes* wanted) {
  strongroom_key_list* list = NULL;
  EXPECT_OK(strongroom_list_keys(client, &list, &failure));
  CHECK(strongroom_key_list_count(list) == 1);
  CHECK(strcmp(strongroom_key_list_name(list, 0), kName) == 0);
  CHECK(strongroom_key_list_name_size(list, 0) == strlen(kName));
  CHECK(strongroom_key_list_provider(list, 0) == STRONGROOM_PROVIDER_SOFTWARE);
  CHECK(same_attributes(strongroom_key_list_attributes(list, 0), wanted));
  CHECK(strongroom_key_list_name(list, 1) == NULL);
  CHECK(strongroom_key_list_attributes(list, 1) == NULL);
  strongroom_key_list_free(list);
}

static void details(strongroom_client* client, const strongroom_key_attributes* wanted) {
  strongroom_key_details* known = NULL;
  strongroom_buffer* point = NULL;
  EXPECT_OK(strongroom_key_info(client, kName, &known, &failure));
  EXPECT_OK(strongroom_export_public_key(client, kName, &point, &failure));
  CHECK(same_attributes(strongroom_key_details_attributes(known), wanted));
  CHECK(strongroom_key_details_provider(known) == STRONGROOM_PROVIDER_SOFTWARE);
  CHECK(strongroom_key_details_created(known) > 1700000000);
  CHECK(strongroom_key_details_protection(known) == STRONGROOM_PROTECTION_SOFTWARE);
  const strongroom_buffer* public_key = strongroom_key_details_public_key(known);
  CHECK(strongroom_buffer_size(public_key) == 65);
  CHECK(same_bytes(point, strongroom_buffer_data(public_key), 65));
  strongroom_buffer_free(point);
  strongroom_key_details_free(known);
}

void keys(strongroom_client* client) {
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), 256,
                    STRONGROOM_KEY_USAGE_EXPORT | STRONGROOM_KEY_USAGE_SIGN_HASH |
                        STRONGROOM_KEY_USAGE_SIGN_MESSAGE,
                    STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256));
  EXPECT_OK(strongroom_generate_key(client, kName, wanted, &failure));
  EXPECT_FAILS(strongroom_generate_key(client, kName, wanted, &failure),
               STRONGROOM_STATUS_PSA_ERROR_ALREADY_EXISTS, STRONGROOM_SOURCE_SERVICE);
  listing(client, wanted);
  details(client, wanted);

  // What is exported comes back under another name.
  strongroom_buffer* scalar = NULL;
  strongroom_buffer* again = NULL;
  EXPECT_OK(strongroom_export_key(client, kName, &scalar, &failure));
  CHECK(strongroom_buffer_size(scalar) == 32);
  EXPECT_OK(strongroom_import_key(client, "copy", wanted, strongroom_buffer_data(scalar),
                                  strongroom_buffer_size(scalar), &failure));
  EXPECT_OK(strongroom_export_key(client, "copy", &again, &failure));
  CHECK(same_bytes(again, strongroom_buffer_data(scalar), 32));
  strongroom_buffer_free(scalar);
  strongroom_buffer_free(again);
  strongroom_key_attributes_free(wanted);

  EXPECT_OK(strongroom_destroy_key(client, "copy", &failure));
  EXPECT_OK(strongroom_destroy_key(client, kName, &failure));
  EXPECT_FAILS(strongroom_destroy_key(client, kName, &failure),
               STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST, STRONGROOM_SOURCE_SERVICE);
  strongroom_key_details* known = NULL;
  EXPECT_FAILS(strongroom_key_info(client, kName, &known, &failure),
               STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST, STRONGROOM_SOURCE_SERVICE);
  CHECK(known == NULL);
}
