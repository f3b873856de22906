// What the commands that use a key on data have in common.
#pragma once

#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/names.h"

namespace strongroom::cli {

// A key found by its name, a client for its provider, and what is said when something fails.
struct KeyInUse {
  std::string name;
  KeyInfo info;
  Client holder;
  Task task;
};

// The key that the first positional names; `doing` as "encrypting with key".
inline Outcome<KeyInUse> key_in_use(const Invocation& invocation, Task::Kind kind,
                                    std::string_view doing) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(kind, doing, name, client);
  KeyInfo info = TRY(find_key(invocation, client, name, task));
  Client holder = client.with_provider(info.provider);
  return KeyInUse{.name = std::move(name),
                  .info = std::move(info),
                  .holder = std::move(holder),
                  .task = std::move(task)};
}

inline std::unexpected<Failure> not_for_this(const KeyInUse& key, std::string_view advice) {
  return failed(ExitCode::NotPermitted,
                fmt::format("{}: the key permits {} alone", key.task.doing,
                            algorithm_name(key.info.attributes.algorithm)),
                std::string(advice));
}

// The key's policy, when it is one of this kind of algorithm; NotPermitted else.
template <typename Algorithm>
Outcome<Algorithm> permitted(const KeyInUse& key, std::string_view advice) {
  if (const auto* policy = std::get_if<Algorithm>(&key.info.attributes.algorithm)) return *policy;
  return not_for_this(key, advice);
}

// --out-format or --in-format of data that has no PEM or DER; `otherwise` when it is not given.
inline Outcome<Encoding> data_encoding(const std::optional<std::string>& name, Encoding otherwise) {
  Encoding encoding = TRY(encoding_from(name));
  if (encoding == Encoding::Pem || encoding == Encoding::Der)
    return failed(ExitCode::NotSupported,
                  "reading the command line: this data is raw, hex or base64");
  return encoding == Encoding::Native ? otherwise : encoding;
}

inline constexpr Option kDataOutOption = {"out-format", "FORMAT",
                                          "raw, hex or base64; raw by default"};
inline constexpr Option kDataInOption = {"in-format", "FORMAT",
                                         "raw, hex or base64; raw by default"};

// What a request may carry, beside its other fields. The service's own limit may be lower.
inline constexpr std::size_t kMostInput = std::size_t{16} * 1024 * 1024;

// The second positional or standard input, decoded.
inline Outcome<SecretBytes> read_data(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = TRY(data_encoding(arguments.value("in-format"), Encoding::Raw));
  SecretBytes input = TRY(read_all(arguments.positional(1), invocation.streams, kMostInput));
  return decoded(std::move(input), encoding);
}

// To --output or standard output.
inline Outcome<> write_data(const Invocation& invocation, ByteView bytes, Secrecy secrecy,
                            Encoding otherwise = Encoding::Raw) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = TRY(data_encoding(arguments.value("out-format"), otherwise));
  Output output{.file = arguments.value("output"), .encoding = encoding, .secrecy = secrecy};
  return write_output(invocation, output, bytes);
}

}  // namespace strongroom::cli
