// A call that another thread ends.
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "session.h"

typedef struct Waiting {
  strongroom_client* client;
  atomic_bool has_ended;
  strongroom_status status;
  strongroom_error* error;
} Waiting;

// An RSA key of this size takes many times longer than what a cancellation waits for.
static void* generate(void* argument) {
  Waiting* waiting = argument;
  strongroom_key_attributes* wanted =
      attributes_of(STRONGROOM_KEY_TYPE_RSA_KEY_PAIR, 4096, STRONGROOM_KEY_USAGE_SIGN_HASH,
                    STRONGROOM_ALG_RSA_PSS(STRONGROOM_ALG_SHA_256));
  waiting->status = strongroom_generate_key(waiting->client, "cancelled", wanted, &waiting->error);
  strongroom_key_attributes_free(wanted);
  atomic_store(&waiting->has_ended, true);
  return NULL;
}

// Again and again: the call may not have begun yet.
static void cancel_until_it_ends(strongroom_client* client, Waiting* waiting) {
  const struct timespec moment = {0, 20000000};
  while (!atomic_load(&waiting->has_ended)) {
    nanosleep(&moment, NULL);
    EXPECT_OK(strongroom_client_cancel(client, &failure));
  }
}

void cancellation(strongroom_client* client) {
  // Between calls it ends nothing.
  EXPECT_OK(strongroom_client_cancel(client, &failure));
  EXPECT_OK(strongroom_ping(client, NULL, NULL, &failure));

  Waiting waiting = {client, false, STRONGROOM_STATUS_SUCCESS, NULL};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, generate, &waiting) == 0);
  cancel_until_it_ends(client, &waiting);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK(waiting.status != STRONGROOM_STATUS_SUCCESS);
  CHECK(strongroom_error_source(waiting.error) == STRONGROOM_SOURCE_CANCELLED);
  strongroom_error_free(waiting.error);

  // It may have been made all the same; then it is not to stay.
  (void)strongroom_destroy_key(client, "cancelled", NULL);
  EXPECT_FAILS(strongroom_client_cancel(NULL, &failure),
               STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, STRONGROOM_SOURCE_CALLER);
}
