// strongroom random
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/format/input_output.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"out-format", "FORMAT", "raw, hex or base64; raw by default", one_of(data_formats)},
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"BYTES", Positional::Need::Required, "how many"},
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output", kFiles},
};

Outcome<std::uint64_t> count_from(const std::string& text) {
  std::uint64_t count = 0;
  const char* end = text.data() + text.size();
  auto [stop, code] = std::from_chars(text.data(), end, count);
  if (code != std::errc() || stop != end)
    return failed(
        ExitCode::Usage,
        fmt::format("reading the command line: '{}' is no number of bytes", escaped(text)));
  return count;
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Encoding encoding = encoding_from(arguments.value("out-format"));
  std::optional<std::string> file = TRY(output_file(arguments, 1));
  std::uint64_t count = TRY(count_from(arguments.positional(0).value_or("")));
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::Random,
            .doing = fmt::format("drawing {} random bytes", count),
            .socket_path = client.socket_path()};
  SecretBytes bytes = TRY(during(task, client.generate_random(count)));
  Output output{.file = std::move(file), .encoding = encoding, .secrecy = Secrecy::Secret};
  return write_output(invocation, output, bytes);
}

}  // namespace

const Command kRandom = {
    .words = "random",
    .summary = "draw random bytes from a provider",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
