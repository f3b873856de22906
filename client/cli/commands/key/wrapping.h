// What `key wrap` and `key unwrap` do alike: find the key that does it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {

inline constexpr Option kWithOption = {
    "with", "KEY", "the key that encrypts the other one, for aes-kwp or rsa-oaep-sha256-aes-kwp",
    kKeys};

struct WrappingKey {
  KeyInUse key;
  psa::KeyWrap algorithm;
};

// The key of --with; `doing` as "wrapping key", which `name` is.
inline Outcome<WrappingKey> wrapping_key(const Invocation& invocation, Task::Kind kind,
                                         std::string_view doing, const std::string& name) {
  std::optional<std::string> with = invocation.arguments.value("with");
  if (!with)
    return failed(ExitCode::Usage, "reading the command line: --with is missing",
                  "it names the key that encrypts the other one");
  KeyInUse key = TRY(
      key_in_use(invocation, kind, fmt::format("{} '{}' with key", doing, visible(name)), *with));
  psa::KeyWrap algorithm = TRY(permitted<psa::KeyWrap>(
      key, "generate one with --type aes-256 --algorithm aes-kwp, for example"));
  return WrappingKey{.key = std::move(key), .algorithm = algorithm};
}

}  // namespace strongroom::cli
