// Signs several messages at once, on one connection and in one thread, on a poll loop.
//
//   cc async_sign.c $(pkg-config --cflags --libs strongroom) -o async_sign
//   ./async_sign KEY MESSAGE…
//
// KEY is one that sign_file made.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strongroom/strongroom.h>

static int waiting = 0;
static int failures = 0;

static void on_signed(strongroom_status status, strongroom_answer* answer,
                      const strongroom_error* error, void* userdata) {
  const char* message = userdata;
  waiting--;
  if (status != STRONGROOM_STATUS_SUCCESS) {
    failures++;
    fprintf(stderr, "signing '%s': %s\n", message, strongroom_error_message(error));
    return;
  }
  strongroom_buffer* signature = strongroom_answer_take_buffer(answer);
  printf("'%s': %zu bytes of signature\n", message, strongroom_buffer_size(signature));
  strongroom_buffer_free(signature);
}

static void start(strongroom_async* async, const char* key, char* message) {
  strongroom_request* request = NULL;
  strongroom_error* error = NULL;
  if (strongroom_request_sign_message(key, STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256),
                                      (const uint8_t*)message, strlen(message), &request, &error) ||
      strongroom_async_start(async, request, on_signed, message, NULL, &error)) {
    failures++;
    fprintf(stderr, "signing '%s': %s\n", message, strongroom_error_message(error));
    strongroom_error_free(error);
  } else {
    waiting++;
  }
  strongroom_request_free(request);
}

int main(int argc, char** argv) {
  strongroom_async* async = NULL;
  strongroom_error* error = NULL;
  if (argc < 3) {
    fprintf(stderr, "usage: async_sign KEY MESSAGE...\n");
    return EXIT_FAILURE;
  }
  if (strongroom_async_open(NULL, &async, &error)) {
    fprintf(stderr, "opening the client: %s\n", strongroom_error_message(error));
    strongroom_error_free(error);
    return EXIT_FAILURE;
  }
  for (int i = 2; i < argc; i++)
    start(async, argv[1], argv[i]);

  // A program of your own has other descriptors to poll, too.
  struct pollfd polled = {strongroom_async_descriptor(async), POLLIN, 0};
  while (waiting > 0 && poll(&polled, 1, -1) >= 0)
    strongroom_async_process(async, NULL);
  strongroom_async_free(async);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
