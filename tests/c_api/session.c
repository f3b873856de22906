// Drives every function of strongroom.h against a real service. The caller may administrate it.
// Usage: c_api_session SOCKET ADMIN_SOCKET
#include "session.h"

#include <stdio.h>
#include <string.h>

static int failed = 0;
strongroom_error* failure = NULL;

void check(bool holds, const char* claim, const char* file, int line) {
  if (holds) return;
  failed++;
  fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
}

void expect_ok(strongroom_status status, const char* call, const char* file, int line) {
  check(status == STRONGROOM_STATUS_SUCCESS && failure == NULL, call, file, line);
  if (failure != NULL) fprintf(stderr, "  %s\n", strongroom_error_message(failure));
  strongroom_error_free(failure);
  failure = NULL;
}

void expect_fails(strongroom_status returned, strongroom_status status, strongroom_source source,
                  const char* call, const char* file, int line) {
  bool is_expected =
      returned == status && failure != NULL && strongroom_error_status(failure) == status &&
      strongroom_error_source(failure) == source && strlen(strongroom_error_message(failure)) > 0;
  check(is_expected, call, file, line);
  if (!is_expected)
    fprintf(stderr, "  %s: %s\n", strongroom_status_name(returned),
            failure != NULL ? strongroom_error_message(failure) : "no error");
  strongroom_error_free(failure);
  failure = NULL;
}

int failures(void) {
  return failed;
}

bool same_bytes(const strongroom_buffer* buffer, const void* bytes, size_t size) {
  return strongroom_buffer_size(buffer) == size &&
         memcmp(strongroom_buffer_data(buffer), bytes, size) == 0;
}

strongroom_client* open_client(const char* socket) {
  strongroom_options* options = NULL;
  strongroom_client* client = NULL;
  EXPECT_OK(strongroom_options_new(&options, &failure));
  EXPECT_OK(strongroom_options_set_endpoint(options, socket, &failure));
  // The daemon's user is one that nobody has a reason to trust.
  EXPECT_OK(strongroom_options_set_trust_any_socket(options, true, &failure));
  EXPECT_OK(strongroom_client_open(options, &client, &failure));
  strongroom_options_free(options);
  return client;
}

strongroom_key_attributes* attributes_of(strongroom_key_type type, uint32_t bits,
                                         strongroom_key_usage usage,
                                         strongroom_algorithm algorithm) {
  strongroom_key_attributes* made = NULL;
  EXPECT_OK(strongroom_key_attributes_new(&made, &failure));
  EXPECT_OK(strongroom_key_attributes_set_type(made, type, &failure));
  EXPECT_OK(strongroom_key_attributes_set_bits(made, bits, &failure));
  EXPECT_OK(strongroom_key_attributes_set_usage(made, usage, &failure));
  EXPECT_OK(strongroom_key_attributes_set_algorithm(made, algorithm, &failure));
  return made;
}

int main(int count, char** words) {
  if (count != 3) {
    fprintf(stderr, "usage: %s SOCKET ADMIN_SOCKET\n", words[0]);
    return 2;
  }
  strongroom_client* client = open_client(words[1]);
  strongroom_client* administrator = open_client(words[2]);
  clients_and_options(words[1]);
  discovery(client);
  attributes();
  keys(client);
  signatures(client);
  encryption(client);
  ciphers_and_macs(client);
  agreement(client);
  hashes_and_random(client);
  missing_arguments(client);
  failing_calls(client);
  administration(client, administrator);
  extensions(client);
  later(words[1], words[2]);
  extensions_later(words[1]);
  attestation(client, words[1]);
  data_in_parts(client);
  cancellation(client);
  strongroom_client_free(administrator);
  strongroom_client_free(client);
  return failures() == 0 ? 0 : 1;
}
