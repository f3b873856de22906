// strongroom mac
#include <array>
#include <ostream>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/format/text_encoding.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"verify", "MAC", "check this MAC, in hexadecimal, instead of computing one"},
    kDataInOption,
    Option{"out-format", "FORMAT", "raw, hex or base64; hex by default", one_of(data_formats)},
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "what to authenticate, else standard input",
               kFiles},
};

Outcome<> run(const Invocation& invocation) {
  std::optional<std::string> text = invocation.arguments.value("verify");
  std::optional<SecretBytes> expected = from_hex(text.value_or(""));
  if (text && (!expected || expected->empty()))
    return failed(ExitCode::Usage, "reading the command line: --verify is not hexadecimal");
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Mac, "authenticating with key"));
  psa::Mac algorithm = TRY(permitted<psa::Mac>(
      key, "generate one with --type aes-256 --algorithm aes-cmac, for example"));
  SecretBytes input = TRY(read_data(invocation));
  if (text) {
    TRY(during(key.task, key.holder.mac_verify(key.name, algorithm, input, *expected)));
    invocation.streams.out << "Verified OK\n";
    return {};
  }
  Bytes mac = TRY(during(key.task, key.holder.mac_compute(key.name, algorithm, input)));
  return write_data(invocation, mac, Secrecy::Public, Encoding::Hex);
}

}  // namespace

const Command kMac = {
    .words = "mac",
    .summary = "compute or check a message authentication code",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
