#include "client/cli/commands/data/signing.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/format/digest.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/names.h"
#include "client/cli/format/text_encoding.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

using Signature = psa::AsymmetricSignature;

constexpr std::size_t kMostRawBytes = std::size_t{64} * 1024;

bool is_for_messages_alone(const SigningKey& key, Direction direction) {
  if (key.is_eddsa()) return true;
  const psa::UsageFlags& usage = key.info.attributes.usage;
  if (direction == Direction::Sign) return usage.sign_message && !usage.sign_hash;
  return usage.verify_message && !usage.verify_hash;
}

// What sha256sum and its like print: hexadecimal up to the first space.
std::optional<SecretBytes> printed_digest(ByteView text) {
  std::string_view line = text_of(text);
  return from_hex(line.substr(0, line.find_first_of(" \t\r\n")));
}

Outcome<Bytes> digest_in(const std::optional<std::string>& file, const Signature& algorithm,
                         Streams& streams) {
  SecretBytes content = TRY(read_all(file, streams, kMostRawBytes));
  if (!algorithm.hash) return copy_of(content);
  std::size_t size = psa::digest_size(*algorithm.hash);
  if (content.size() == size) return copy_of(content);
  std::optional<SecretBytes> printed = printed_digest(content);
  if (printed && printed->size() == size) return copy_of(*printed);
  return failed(ExitCode::InvalidData,
                fmt::format("reading '{}': it holds no {} digest, which has {} bytes",
                            visible(file.value_or("-")), psa::to_string(*algorithm.hash), size),
                "without --digest the file itself is hashed");
}

// EdDSA hashes by itself, and twice.
Outcome<> check_takes_hash(const Arguments& arguments, const SigningKey& key) {
  if (!key.is_eddsa() || !(arguments.has("hash") || arguments.has("digest"))) return {};
  return failed(ExitCode::Usage, "eddsa signs the message itself, and no digest of it",
                "leave out --hash and --digest");
}

// The one that the key names, else that of --hash, else the one that goes with its size.
Outcome<psa::Hash> hash_for(const SigningKey& key, const std::optional<std::string>& option) {
  if (!option) return key.policy.hash.value_or(usual_hash(key.info.attributes.bits));
  psa::Hash hash = TRY(hash_from(*option));
  if (key.policy.hash && *key.policy.hash != hash)
    return permits_another(fmt::format("hashing with {}", psa::to_string(hash)), key.policy);
  return hash;
}

}  // namespace

Outcome<SigningKey> signing_key(const KeyInUse& key) {
  Signature policy =
      TRY(permitted<Signature>(key, "generate one with --algorithm ecdsa-sha256, for example"));
  return SigningKey{.info = key.info, .policy = policy};
}

Outcome<Signable> signable(const Invocation& invocation, const SigningKey& key,
                           const std::optional<std::string>& file, Direction direction) {
  Streams& streams = invocation.streams;
  TRY(check_takes_hash(invocation.arguments, key));
  std::optional<std::string> option = invocation.arguments.value("hash");
  psa::Hash hash = TRY(hash_for(key, option));
  Signature algorithm = key.policy;
  if (algorithm.takes_hash()) algorithm.hash = hash;
  bool is_given = key.policy.kind == Signature::Kind::RsaPkcs1v15Raw;
  if (key.policy.kind == Signature::Kind::EcdsaAny && invocation.arguments.has("digest"))
    is_given = !option;
  if (is_given) {
    SecretBytes given = TRY(read_all(file, streams, kMostRawBytes));
    return Signable{.algorithm = algorithm, .content = copy_of(given)};
  }
  if (invocation.arguments.has("digest")) {
    Signature expected{algorithm.kind, hash};
    Bytes digest = TRY(digest_in(file, expected, streams));
    return Signable{.algorithm = algorithm, .content = std::move(digest)};
  }
  if (is_for_messages_alone(key, direction)) {
    SecretBytes message = TRY(read_all(file, streams, kMostInput));
    return Signable{.algorithm = algorithm, .content = copy_of(message), .is_message = true};
  }
  Bytes digest = TRY(digest_of(hash, file, streams));
  return Signable{.algorithm = algorithm, .content = std::move(digest)};
}

Outcome<Signable> signable_bytes(const SigningKey& key, const Signature& algorithm, psa::Hash hash,
                                 ByteView bytes) {
  if (is_for_messages_alone(key, Direction::Sign))
    return Signable{.algorithm = algorithm, .content = copy_of(bytes), .is_message = true};
  Bytes digest = TRY(digest_of(hash, bytes));
  return Signable{.algorithm = algorithm, .content = std::move(digest)};
}

ClientResult<Bytes> sign_with(Client& holder, const SigningKey& key, const Signable& input) {
  const std::string& name = key.info.name;
  if (input.is_message) return holder.sign_message(name, input.algorithm, input.content);
  return holder.sign_hash(name, input.algorithm, input.content);
}

}  // namespace strongroom::cli
