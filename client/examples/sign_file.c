// Signs a file with a key that the service keeps, and verifies the signature. The whole file is
// sent, so there is a bound to its size: hash larger ones, and sign the hash by
// strongroom_sign_hash() with a key that may do so.
//
//   cc sign_file.c $(pkg-config --cflags --libs strongroom) -o sign_file
//   ./sign_file KEY FILE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strongroom/strongroom.h>

static const strongroom_algorithm kEcdsa = STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256);

// Prints why a call failed, frees the error and returns false.
static bool failed(const char* doing, strongroom_error* error) {
  fprintf(stderr, "%s: %s\n", doing, strongroom_error_message(error));
  strongroom_error_free(error);
  return false;
}

// A P-256 key that may sign and verify; one of that name that is there already will do.
static bool make_key(strongroom_client* client, const char* name) {
  strongroom_key_attributes* attributes = NULL;
  strongroom_error* error = NULL;
  if (strongroom_key_attributes_new(&attributes, &error)) return failed("making attributes", error);
  strongroom_key_attributes_set_type(
      attributes, STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(STRONGROOM_ECC_FAMILY_SECP_R1), NULL);
  strongroom_key_attributes_set_bits(attributes, 256, NULL);
  strongroom_key_attributes_set_usage(
      attributes, STRONGROOM_KEY_USAGE_SIGN_MESSAGE | STRONGROOM_KEY_USAGE_VERIFY_MESSAGE, NULL);
  strongroom_key_attributes_set_algorithm(attributes, kEcdsa, NULL);
  strongroom_status status = strongroom_generate_key(client, name, attributes, &error);
  strongroom_key_attributes_free(attributes);
  if (status == STRONGROOM_STATUS_SUCCESS) return true;
  if (status != STRONGROOM_STATUS_PSA_ERROR_ALREADY_EXISTS)
    return failed("generating the key", error);
  strongroom_error_free(error);
  return true;
}

static bool sign(strongroom_client* client, const char* key, const uint8_t* text, size_t size) {
  strongroom_buffer* signature = NULL;
  strongroom_error* error = NULL;
  if (strongroom_sign_message(client, key, kEcdsa, text, size, &signature, &error))
    return failed("signing", error);
  printf("%zu bytes of file, %zu bytes of signature\n", size, strongroom_buffer_size(signature));
  strongroom_status status =
      strongroom_verify_message(client, key, kEcdsa, text, size, strongroom_buffer_data(signature),
                                strongroom_buffer_size(signature), &error);
  strongroom_buffer_free(signature);
  if (status) return failed("verifying", error);
  printf("the signature is good\n");
  return true;
}

// Gives its length; nothing is cut off.
static bool read_file(const char* path, uint8_t* text, size_t capacity, size_t* size) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    return false;
  }
  *size = fread(text, 1, capacity, file);
  const bool is_longer = *size == capacity && fgetc(file) != EOF;
  const bool is_broken = ferror(file) != 0;
  fclose(file);
  if (is_longer) fprintf(stderr, "%s: longer than %zu bytes\n", path, capacity);
  if (is_broken) fprintf(stderr, "%s: cannot be read\n", path);
  return !is_longer && !is_broken;
}

int main(int argc, char** argv) {
  static uint8_t text[1 << 16];
  size_t size = 0;
  if (argc != 3) {
    fprintf(stderr, "usage: sign_file KEY FILE\n");
    return EXIT_FAILURE;
  }
  if (!read_file(argv[2], text, sizeof text, &size)) return EXIT_FAILURE;

  strongroom_client* client = NULL;
  strongroom_error* error = NULL;
  if (strongroom_client_open(NULL, &client, &error)) {
    failed("opening the client", error);
    return EXIT_FAILURE;
  }
  bool is_done = make_key(client, argv[1]) && sign(client, argv[1], text, size);
  strongroom_client_free(client);
  return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
