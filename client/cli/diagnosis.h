// From what the library reports to a cause in words and a next step.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "client/cli/failure.h"
#include "strongroom/client_error.h"

namespace strongroom::cli {

// What a command was about when a call failed.
struct Task {
  enum class Kind : std::uint8_t {
    Discover,
    Generate,
    Import,
    Export,
    ExportPublic,
    Delete,
    Sign,
    Verify,
    Encrypt,
    Decrypt,
    Mac,
    Derive,
    DeriveKey,
    Wrap,
    Unwrap,
    Hash,
    Random,
    Attest,
    Administrate,
    ControlProvider,
  };
  Kind kind = Kind::Discover;
  std::string doing;  // "signing with key 'web'"
  std::string socket_path;
  std::string nearest_key = "";  // the one that a name that is not there may have meant
  bool is_listed = false;        // the service has listed the key
};

Failure explain(const ClientError& error, const Task& task);

// The value of a call, or its failure explained.
template <typename T>
Outcome<T> during(const Task& task, ClientResult<T> result) {
  if (!result) return std::unexpected(explain(result.error(), task));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}

}  // namespace strongroom::cli
