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

// `doing` as "signing with key 'web'".
inline std::unexpected<Failure> permits_another(std::string_view doing,
                                                const psa::Algorithm& permitted,
                                                std::string_view advice = "") {
  return failed(ExitCode::NotPermitted,
                fmt::format("{}: the key permits {} alone", doing, algorithm_name(permitted)),
                std::string(advice));
}

// The key's policy, when it is one of this kind of algorithm; NotPermitted else.
template <typename Algorithm>
Outcome<Algorithm> permitted(const KeyInUse& key, std::string_view advice) {
  if (const auto* policy = std::get_if<Algorithm>(&key.info.attributes.algorithm)) return *policy;
  return permits_another(key.task.doing, key.info.attributes.algorithm, advice);
}

// --out-format or --in-format of data; `otherwise` when it is not given.
inline Encoding data_encoding(const std::optional<std::string>& name, Encoding otherwise) {
  Encoding encoding = encoding_from(name);
  return encoding == Encoding::Native ? otherwise : encoding;
}

inline constexpr Option kDataOutOption = {
    "out-format", "FORMAT", "raw, hex or base64; raw by default", one_of(data_formats)};
inline constexpr Option kDataInOption = {
    "in-format", "FORMAT", "raw, hex or base64; raw by default", one_of(data_formats)};

// What a request may carry, beside its other fields. The service's own limit may be lower.
inline constexpr std::size_t kMostInput = std::size_t{16} * 1024 * 1024;
// What goes in parts: more than the usual limit leaves room for, and no more than is held in memory
// until all of it is known to be right.
inline constexpr std::size_t kLeastInParts = std::size_t{512} * 1024;
inline constexpr std::size_t kMostInParts = std::size_t{256} * 1024 * 1024;

// Whether the service has no operations in parts, or not this one. Where it keeps no connections
// the first part fails for that; whatever else is wrong with them fails the request that is sent
// instead.
inline bool has_no_parts(const ClientError& error) {
  return error.source() == ErrorSource::Connection ||
         (error.source() == ErrorSource::Service &&
          (error.status() == Status::OpcodeDoesNotExist ||
           error.status() == Status::PsaErrorNotSupported));
}

// The second positional or standard input, decoded.
inline Outcome<SecretBytes> read_data(const Invocation& invocation,
                                      std::size_t limit = kMostInput) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = data_encoding(arguments.value("in-format"), Encoding::Raw);
  SecretBytes input = TRY(read_all(arguments.positional(1), invocation.streams, limit));
  return decoded(std::move(input), encoding);
}

// To --output or standard output.
inline Outcome<> write_data(const Invocation& invocation, ByteView bytes, Secrecy secrecy,
                            Encoding otherwise = Encoding::Raw) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = data_encoding(arguments.value("out-format"), otherwise);
  Output output{.file = arguments.value("output"), .encoding = encoding, .secrecy = secrecy};
  return write_output(invocation, output, bytes);
}

}  // namespace strongroom::cli
