// The C interface of libstrongroom: C11, and C++ as well. Link with `pkg-config --libs strongroom`.
//
// Handles. Everything is an opaque handle or a plain number. A call that makes a handle writes it
// to its out parameter, which it sets to NULL first; who receives a handle owns it and gives it to
// the `_free` of its type, which takes NULL. What an accessor returns belongs to the handle asked
// and lives as long. A handle that is passed as `const` is only read and may be freed afterwards:
// nothing keeps a pointer to an argument beyond the call.
//
// Outcomes. A call that can fail returns STRONGROOM_STATUS_SUCCESS, which is 0, or the status of
// the Parsec wire protocol 1.0 that says why, and takes `error` as its last argument. That may be
// NULL; otherwise *error is NULL after a success and after a failure a new strongroom_error (NULL
// all the same when there is no memory for one). What *error held before is overwritten and not
// freed. Out parameters other than handles are written on success only.
//
// NULL. Where a handle, a string or an out parameter is needed, NULL gives
// STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT and nothing is sent; accessors give 0, false or
// NULL for a NULL handle and for an index that is too large. Bytes come as pointer and length;
// the pointer may be NULL when the length is 0. Strings end with a NUL and are UTF-8.
//
// Threads. Calls may be made from any thread, with one strongroom_client from several at once.
// Other handles are used by one thread at a time; those that are only read, by any number. A handle
// must not be freed while another thread uses it. No call raises a signal or starts a thread; none
// is a place for pthread_cancel(3), which would end the process.
//
// Numbers. Key types, algorithms and usage flags are those of the PSA Crypto API 1.1, so that
// <psa/crypto_values.h> and this header may be used for each other; key wrapping has those of 1.4.
#ifndef STRONGROOM_STRONGROOM_H
#define STRONGROOM_STRONGROOM_H

#include <strongroom/c/administration.h>
#include <strongroom/c/async.h>
#include <strongroom/c/attestation.h>
#include <strongroom/c/client.h>
#include <strongroom/c/cryptography.h>
#include <strongroom/c/discovery.h>
#include <strongroom/c/error.h>
#include <strongroom/c/extensions.h>
#include <strongroom/c/key_attributes.h>
#include <strongroom/c/keys.h>
#include <strongroom/c/multipart.h>
#include <strongroom/c/psa_values.h>
#include <strongroom/c/request.h>

#endif
