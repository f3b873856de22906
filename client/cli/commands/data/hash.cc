// strongroom hash
#include <array>
#include <optional>
#include <utility>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/format/digest.h"
#include "strongroom/multipart.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"hash", "NAME", "sha256 (by default), sha384, sha512, sha3-256 …", such_as(hash_names)},
    Option{"service", "", "let the provider hash"},
    Option{"out-format", "FORMAT", "raw, hex or base64; hex by default", one_of(data_formats)},
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"FILE", Positional::Need::Optional, "what to hash, else standard input", kFiles},
};

// What comes is kept until it is more than one request takes; then it goes in parts. To a service
// that has none it all goes in one piece.
class ServiceHash {
 public:
  ServiceHash(Client& client, psa::Hash hash) : client_(client), hash_(hash) {}

  ClientResult<> add(ByteView piece) {
    if (operation_) return operation_->update(piece);
    kept_.insert(kept_.end(), piece.begin(), piece.end());
    if (kept_.size() > kMostInput)
      return std::unexpected(ClientError(ErrorSource::Caller, Status::BodySizeExceedsLimit,
                                         "hashing: more than one request may carry"));
    if (kept_.size() < kLeastInParts || is_in_one_piece_) return {};
    ClientResult<HashOperation> begun = HashOperation::begin(client_, hash_);
    is_in_one_piece_ = !begun && has_no_parts(begun.error());
    if (is_in_one_piece_) return {};
    if (!begun) return std::unexpected(std::move(begun).error());
    operation_ = *std::move(begun);
    return operation_->update(std::exchange(kept_, {}));
  }

  ClientResult<Bytes> finish() {
    return operation_ ? operation_->finish() : client_.hash_compute(hash_, kept_);
  }

 private:
  Client& client_;
  const psa::Hash hash_;
  SecretBytes kept_;
  std::optional<HashOperation> operation_;
  bool is_in_one_piece_ = false;
};

Outcome<Bytes> hashed_by_service(const Invocation& invocation, psa::Hash hash) {
  Client client = TRY(invocation.open_client());
  Task task{.kind = Task::Kind::Hash,
            .doing = fmt::format("hashing with {}", psa::to_string(hash)),
            .socket_path = client.socket_path()};
  ServiceHash hashing(client, hash);
  ClientResult<> added;
  TRY(read_pieces(invocation.arguments.positional(0), invocation.streams, [&](ByteView piece) {
    if (added) added = hashing.add(piece);
  }));
  TRY(during(task, std::move(added)));
  return during(task, hashing.finish());
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
