// strongroom hash
#include <array>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/format/digest.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"hash", "NAME", "sha256 (by default), sha384, sha512, sha3-256 …", such_as(hash_names)},
    Option{"service", "", "let the provider hash, which takes what fits in a request"},
    Option{"out-format", "FORMAT", "raw, hex or base64; hex by default", one_of(data_formats)},
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"FILE", Positional::Need::Optional, "what to hash, else standard input", kFiles},
};

Outcome<Bytes> hashed_by_service(const Invocation& invocation, psa::Hash hash) {
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::Hash,
            .doing = fmt::format("hashing with {}", psa::to_string(hash)),
            .socket_path = client.socket_path()};
  SecretBytes input =
      TRY(read_all(invocation.arguments.positional(0), invocation.streams, kMostInput));
  return during(task, client.hash_compute(hash, input));
}

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  psa::Hash hash = TRY(hash_from(arguments.value("hash").value_or("sha256")));
  auto digest =
      TRY(arguments.has("service") ? hashed_by_service(invocation, hash)
                                   : digest_of(hash, arguments.positional(0), invocation.streams));
  return write_data(invocation, digest, Secrecy::Public, Encoding::Hex);
}

}  // namespace

const Command kHash = {
    .words = "hash",
    .summary = "hash a file: here, whatever its size, or with --service in the provider",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
