// What the parts of the session share: checks that count, and the clients.
#ifndef STRONGROOM_TESTS_C_API_SESSION_H
#define STRONGROOM_TESTS_C_API_SESSION_H

#include <strongroom/strongroom.h>

// Says on standard error what does not hold, and goes on.
#define CHECK(claim) check((claim), #claim, __FILE__, __LINE__)
void check(bool holds, const char* claim, const char* file, int line);

// The call succeeded and left no error; else prints the error and frees it.
#define EXPECT_OK(call) expect_ok((call), #call, __FILE__, __LINE__)
void expect_ok(strongroom_status status, const char* call, const char* file, int line);

// The call failed with this status, from there; its error is freed.
#define EXPECT_FAILS(call, status, source) \
  expect_fails((call), (status), (source), #call, __FILE__, __LINE__)
void expect_fails(strongroom_status returned, strongroom_status status, strongroom_source source,
                  const char* call, const char* file, int line);

int failures(void);

// The last argument of calls inside EXPECT_OK and EXPECT_FAILS.
extern strongroom_error* failure;

bool same_bytes(const strongroom_buffer* buffer, const void* bytes, size_t size);

// New; the caller frees them.
strongroom_client* open_client(const char* socket);
strongroom_key_attributes* attributes_of(strongroom_key_type type, uint32_t bits,
                                         strongroom_key_usage usage,
                                         strongroom_algorithm algorithm);

// Calls that end in a callback, waited for.
enum { kPatienceMs = 60000 };

// What came of one call; the handles of the answer are whoever looks at it's to free.
typedef struct Outcome {
  int runs;
  strongroom_status status;
  strongroom_source source;
  bool is_wire_version_1;
  strongroom_buffer* bytes;
  strongroom_provider_list* providers;
  strongroom_authenticator_list* authenticators;
  strongroom_opcode_list* opcodes;
  strongroom_key_list* keys;
  strongroom_application_list* applications;
  strongroom_key_details* details;
  strongroom_service_report* report;
  strongroom_reload_report* reload;
  strongroom_store_check* check;
  strongroom_signature_list* signatures;
  strongroom_sealed_text* sealed;
  strongroom_attestation_identity* identity;
  strongroom_tpm_statement* statement;
} Outcome;

// The callback of all; `userdata` is the Outcome.
void keep(strongroom_status status, strongroom_answer* answer, const strongroom_error* error,
          void* userdata);

strongroom_async* open_async(const char* socket);
void start(strongroom_async* async, const strongroom_request* request, Outcome* outcome,
           uint64_t* call);
void await(strongroom_async* async, const Outcome* outcome);
// Frees the request, as the next two.
void run(strongroom_async* async, strongroom_request* request, Outcome* outcome);
void run_ok(strongroom_async* async, strongroom_request* request, Outcome* outcome);
void run_refused(strongroom_async* async, strongroom_request* request, strongroom_status status);

void clients_and_options(const char* socket);
void discovery(strongroom_client* client);
void attributes(void);
void keys(strongroom_client* client);
void signatures(strongroom_client* client);
void encryption(strongroom_client* client);
void ciphers_and_macs(strongroom_client* client);
void agreement(strongroom_client* client);
void hashes_and_random(strongroom_client* client);
void administration(strongroom_client* client, strongroom_client* administrator);
void missing_arguments(strongroom_client* client);
void cancellation(strongroom_client* client);
void later(const char* socket, const char* admin_socket);
void extensions(strongroom_client* client);
void extensions_later(const char* socket);
void attestation(strongroom_client* client, const char* socket);
void data_in_parts(strongroom_client* client);
void failing_calls(strongroom_client* client);

#endif
