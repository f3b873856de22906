// What OpenSSL's error codes mean to a caller, decided in one place. Both functions empty the
// calling thread's error queue.
#pragma once

#include <source_location>

#include "base/error.h"

namespace strongroom::software {

// The Status for one code of the error queue, by the table; PsaErrorGenericError for any other.
Status status_of_openssl(unsigned long code) noexcept;

// `call` failed for a reason only the queue knows.
Error openssl_error(const char* call, std::source_location where = std::source_location::current());

// `call` failed because what the caller sent is no good, which is `refusal`; unless the queue shows
// that memory or entropy ran out, which says nothing of the caller.
Error openssl_refusal(const char* call, Status refusal,
                      std::source_location where = std::source_location::current());

}  // namespace strongroom::software
