// Calls that end in a callback, for programs with a poll loop of their own.
#ifndef STRONGROOM_C_ASYNC_H
#define STRONGROOM_C_ASYNC_H

#include <strongroom/c/administration.h>
#include <strongroom/c/client.h>
#include <strongroom/c/discovery.h>
#include <strongroom/c/extensions.h>
#include <strongroom/c/keys.h>
#include <strongroom/c/request.h>

STRONGROOM_BEGIN

// What a request was answered with. Belongs to the library and ends with the callback that gets it;
// what is taken from it belongs to the callback, which frees it.
typedef struct strongroom_answer strongroom_answer;

// NULL when the answer is of another kind or was taken before. Bytes are the answer to requests
// whose call has a strongroom_buffer for it.
STRONGROOM_API strongroom_buffer* strongroom_answer_take_buffer(strongroom_answer* answer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_provider_list* strongroom_answer_take_providers(strongroom_answer* answer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_authenticator_list* strongroom_answer_take_authenticators(
    strongroom_answer* answer) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_opcode_list* strongroom_answer_take_opcodes(strongroom_answer* answer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_key_list* strongroom_answer_take_keys(strongroom_answer* answer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_application_list* strongroom_answer_take_applications(
    strongroom_answer* answer) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_key_details* strongroom_answer_take_key_details(strongroom_answer* answer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_service_report* strongroom_answer_take_service_report(
    strongroom_answer* answer) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_reload_report* strongroom_answer_take_reload_report(
    strongroom_answer* answer) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_store_check* strongroom_answer_take_store_check(strongroom_answer* answer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_signature_list* strongroom_answer_take_signatures(
    strongroom_answer* answer) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_sealed_text* strongroom_answer_take_sealed_text(strongroom_answer* answer)
    STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_attestation_identity* strongroom_answer_take_attestation_identity(
    strongroom_answer* answer) STRONGROOM_NOEXCEPT;
STRONGROOM_API strongroom_tpm_statement* strongroom_answer_take_tpm_statement(
    strongroom_answer* answer) STRONGROOM_NOEXCEPT;
// The answer to strongroom_request_ping(); false, and nothing is written, for others. Either
// pointer may be NULL.
STRONGROOM_API bool strongroom_answer_wire_version(const strongroom_answer* answer,
                                                   uint32_t* major_number,
                                                   uint32_t* minor_number) STRONGROOM_NOEXCEPT;

// The outcome of one call. `answer` is NULL after a failure, `error` after a success; both end with
// the callback, which frees neither. `userdata` is what strongroom_async_start() was given. It may
// start and cancel calls and may free the strongroom_async. It must not throw or longjmp() out.
typedef void (*strongroom_callback)(strongroom_status status, strongroom_answer* answer,
                                    const strongroom_error* error, void* userdata);

// A client whose calls share one connection and wait for nothing. Owned by one thread, in which
// strongroom_async_process() and through it the callbacks run; there is no other thread. It belongs
// to the process and the effective user id that opened it: in others, after fork() or seteuid(),
// nothing can be started.
typedef struct strongroom_async strongroom_async;

// Connects to nothing yet. `options` may be NULL: all as by default.
STRONGROOM_API strongroom_status
strongroom_async_open(const strongroom_options* options, strongroom_async** async,
                      strongroom_error** error) STRONGROOM_NOEXCEPT;
// To be polled for POLLIN, and for nothing else; strongroom_async_process() is due when it is
// readable. The same as long as the handle lives, closed with it and on exec. -1 for NULL.
STRONGROOM_API int strongroom_async_descriptor(const strongroom_async* async) STRONGROOM_NOEXCEPT;
// Does what can be done without waiting: connects, sends, receives, ends calls whose time is up,
// and runs the callbacks of those that have ended.
STRONGROOM_API strongroom_status
strongroom_async_process(strongroom_async* async, strongroom_error** error) STRONGROOM_NOEXCEPT;
// Sends the request as soon as that is possible, with others in flight. `callback` runs exactly
// once, from strongroom_async_process() and never from within this function, unless this function
// fails or the handle is freed before: then never. *call, if wanted, names the call for
// strongroom_async_cancel(). The request may be freed or started again at once.
STRONGROOM_API strongroom_status strongroom_async_start(
    strongroom_async* async, const strongroom_request* request, strongroom_callback callback,
    void* userdata, uint64_t* call, strongroom_error** error) STRONGROOM_NOEXCEPT;
// The callback runs with source Cancelled, from the next strongroom_async_process(); an answer that
// still comes is dropped. A call that has ended is not affected.
STRONGROOM_API strongroom_status strongroom_async_cancel(
    strongroom_async* async, uint64_t call, strongroom_error** error) STRONGROOM_NOEXCEPT;
// Drops the callbacks that have not run.
STRONGROOM_API void strongroom_async_free(strongroom_async* async) STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
