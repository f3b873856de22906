// Keeps exceptions of the standard library from crossing ours.
#pragma once

#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "strongroom/client_error.h"

namespace strongroom::client {

// The words are short enough for a string that allocates nothing.
inline std::unexpected<ClientError> out_of_memory() noexcept {
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorInsufficientMemory, "out of memory"));
}

// What `work` yields, a ClientResult; lack of memory and sizes past all bounds become an error.
template <typename Work>
std::invoke_result_t<Work&> guarded(Work&& work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::length_error&) {
    return out_of_memory();
  } catch (...) {
    return std::unexpected(
        ClientError(ErrorSource::Caller, Status::PsaErrorGenericError, "internal fault"));
  }
}

}  // namespace strongroom::client
