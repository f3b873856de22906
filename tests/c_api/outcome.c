// Calls that end in a callback, waited for.
#include <poll.h>
#include <string.h>

#include "session.h"

void keep(strongroom_status status, strongroom_answer* answer, const strongroom_error* error,
          void* userdata) {
  Outcome* outcome = userdata;
  uint32_t major_number = 0;
  outcome->runs++;
  outcome->status = status;
  CHECK((answer == NULL) == (status != STRONGROOM_STATUS_SUCCESS));
  CHECK((error == NULL) == (status == STRONGROOM_STATUS_SUCCESS));
  CHECK(strongroom_error_status(error) == status);
  outcome->source = strongroom_error_source(error);
  outcome->is_wire_version_1 =
      strongroom_answer_wire_version(answer, &major_number, NULL) && major_number == 1;
  outcome->bytes = strongroom_answer_take_buffer(answer);
  CHECK(strongroom_answer_take_buffer(answer) == NULL);
  outcome->providers = strongroom_answer_take_providers(answer);
  outcome->authenticators = strongroom_answer_take_authenticators(answer);
  outcome->opcodes = strongroom_answer_take_opcodes(answer);
  outcome->keys = strongroom_answer_take_keys(answer);
  outcome->applications = strongroom_answer_take_applications(answer);
  outcome->details = strongroom_answer_take_key_details(answer);
  outcome->report = strongroom_answer_take_service_report(answer);
  outcome->reload = strongroom_answer_take_reload_report(answer);
  outcome->check = strongroom_answer_take_store_check(answer);
  outcome->signatures = strongroom_answer_take_signatures(answer);
  outcome->sealed = strongroom_answer_take_sealed_text(answer);
  outcome->identity = strongroom_answer_take_attestation_identity(answer);
  outcome->statement = strongroom_answer_take_tpm_statement(answer);
}

void start(strongroom_async* async, const strongroom_request* request, Outcome* outcome,
           uint64_t* call) {
  memset(outcome, 0, sizeof *outcome);
  EXPECT_OK(strongroom_async_start(async, request, keep, outcome, call, &failure));
  CHECK(outcome->runs == 0);
}

void await(strongroom_async* async, const Outcome* outcome) {
  struct pollfd waited = {strongroom_async_descriptor(async), POLLIN, 0};
  for (int turns = 0; outcome->runs == 0 && turns < 10000; turns++) {
    CHECK(poll(&waited, 1, kPatienceMs) == 1);
    EXPECT_OK(strongroom_async_process(async, &failure));
  }
  CHECK(outcome->runs == 1);
}

void run(strongroom_async* async, strongroom_request* request, Outcome* outcome) {
  CHECK(request != NULL);
  memset(outcome, 0, sizeof *outcome);
  if (request == NULL) return;
  start(async, request, outcome, NULL);
  strongroom_request_free(request);
  await(async, outcome);
}

void run_ok(strongroom_async* async, strongroom_request* request, Outcome* outcome) {
  run(async, request, outcome);
  CHECK(outcome->status == STRONGROOM_STATUS_SUCCESS);
}

void run_refused(strongroom_async* async, strongroom_request* request, strongroom_status status) {
  Outcome outcome;
  run(async, request, &outcome);
  CHECK(outcome.status == status && outcome.source == STRONGROOM_SOURCE_SERVICE);
}

strongroom_async* open_async(const char* socket) {
  strongroom_options* options = NULL;
  strongroom_async* async = NULL;
  EXPECT_OK(strongroom_options_new(&options, &failure));
  EXPECT_OK(strongroom_options_set_endpoint(options, socket, &failure));
  EXPECT_OK(strongroom_options_set_trust_any_socket(options, true, &failure));
  EXPECT_OK(strongroom_async_open(options, &async, &failure));
  strongroom_options_free(options);
  return async;
}
