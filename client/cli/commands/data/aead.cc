// strongroom aead seal, strongroom aead open
#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/random.h>

#include "client/cli/commands/data/permitted.h"
#include "client/cli/format/text_encoding.h"
#include "strongroom/multipart.h"

namespace strongroom::cli {
namespace {

// Of nonces that are drawn: what GCM is made for (NIST SP 800-38D §8.2), CCM and ChaCha20-Poly1305
// take as well.
constexpr std::size_t kNonceSize = 12;

constexpr Option kAadOption = {"aad", "FILE", "additional data, which is sealed and not encrypted",
                               kFiles};
constexpr std::array kSealOptions = {
    Option{
        "nonce", "HEX",
        "the nonce, never twice with one key; else the service draws 12 bytes, which stand before "
        "the output"},
    kAadOption,
    kDataInOption,
    kDataOutOption,
    kOutputOption,
    kForceOption,
};
constexpr std::array kOpenOptions = {
    Option{"nonce", "HEX", "the nonce, else the first 12 bytes of the input"},
    kAadOption,
    kDataInOption,
    kDataOutOption,
    kOutputOption,
    kForceOption,
};
constexpr std::array kSealPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "what to seal, else standard input", kFiles},
};
constexpr std::array kOpenPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "what to open, else standard input", kFiles},
};
constexpr std::string_view kAdvice =
    "generate one with --type aes-256 --algorithm aes-gcm, for example";

Outcome<std::optional<Bytes>> given_nonce(const Invocation& invocation) {
  std::optional<std::string> text = invocation.arguments.value("nonce");
  if (!text) return std::optional<Bytes>();
  std::optional<SecretBytes> nonce = from_hex(*text);
  if (!nonce || nonce->empty())
    return failed(ExitCode::Usage, "reading the command line: --nonce is not hexadecimal");
  return std::optional(copy_of(*nonce));
}

Outcome<Bytes> drawn_nonce() {
  Bytes nonce(kNonceSize);
  ssize_t size = ::getrandom(nonce.data(), nonce.size(), 0);
  if (size == static_cast<ssize_t>(nonce.size())) return nonce;
  return failed(ExitCode::Other, fmt::format("drawing a nonce: getrandom: errno {}", errno));
}

Outcome<SecretBytes> additional_data(const Invocation& invocation) {
  std::optional<std::string> file = invocation.arguments.value("aad");
  if (!file) return SecretBytes();
  std::optional<std::string> input = invocation.arguments.positional(1);
  if (*file == "-" && input.value_or("-") == "-")
    return failed(ExitCode::Usage,
                  "reading the command line: input and --aad cannot both be standard input");
  return read_all(file, invocation.streams, kMostInput);
}

Bytes joined(ByteView nonce, ByteView ciphertext) {
  Bytes all = copy_of(nonce);
  all.insert(all.end(), ciphertext.begin(), ciphertext.end());
  return all;
}

// Services other than Strongroom leave the drawing to their callers.
Outcome<Bytes> sealed_with_drawn_nonce(KeyInUse& key, const psa::Aead& algorithm, ByteView aad,
                                       ByteView plaintext) {
  ClientResult<SealedText> sealed = key.holder.aead_seal(key.name, algorithm, aad, plaintext);
  bool is_unknown = !sealed && sealed.error().source() == ErrorSource::Service &&
                    sealed.error().status() == Status::OpcodeDoesNotExist;
  if (!is_unknown) {
    SealedText text = TRY(during(key.task, std::move(sealed)));
    return joined(text.nonce, text.ciphertext);
  }
  Bytes nonce = TRY(drawn_nonce());
  Bytes ciphertext =
      TRY(during(key.task, key.holder.aead_encrypt(key.name, algorithm, nonce, aad, plaintext)));
  return joined(nonce, ciphertext);
}

// nullopt: it has to go in one piece.
Outcome<std::optional<Bytes>> sealed_in_parts(const KeyInUse& key, const psa::Aead& algorithm,
                                              const std::optional<Bytes>& nonce, ByteView aad,
                                              ByteView plaintext) {
  Bytes text;
  auto keep = [&text](ByteView ciphertext) {
    text.insert(text.end(), ciphertext.begin(), ciphertext.end());
    return true;
  };
  auto sealing =
      nonce ? AeadEncryption::begin_with_nonce(key.holder, key.name, algorithm, *nonce, aad, keep)
            : AeadEncryption::begin(key.holder, key.name, algorithm, aad, keep);
  if (!sealing && has_no_parts(sealing.error())) return std::optional<Bytes>();
  AeadEncryption operation = TRY(during(key.task, std::move(sealing)));
  if (!nonce) text = copy_of(operation.nonce());
  TRY(during(key.task, operation.update(plaintext)));
  Bytes tag = TRY(during(key.task, operation.finish()));
  return std::optional(joined(text, tag));
}

Outcome<Bytes> sealed_text(KeyInUse& key, const psa::Aead& algorithm,
                           const std::optional<Bytes>& nonce, ByteView aad, ByteView plaintext) {
  if (plaintext.size() >= kLeastInParts) {
    std::optional<Bytes> sealed = TRY(sealed_in_parts(key, algorithm, nonce, aad, plaintext));
    if (sealed) return *std::move(sealed);
  }
  if (!nonce) return sealed_with_drawn_nonce(key, algorithm, aad, plaintext);
  return during(key.task, key.holder.aead_encrypt(key.name, algorithm, *nonce, aad, plaintext));
}

// nullopt: it has to come in one piece.
Outcome<std::optional<SecretBytes>> opened_in_parts(const KeyInUse& key, const psa::Aead& algorithm,
                                                    ByteView nonce, ByteView aad, ByteView sealed) {
  MemoryQuarantine text(kMostInParts);
  auto opening = AeadDecryption::begin(key.holder, key.name, algorithm, nonce, aad, text);
  if (!opening && has_no_parts(opening.error())) return std::optional<SecretBytes>();
  AeadDecryption operation = TRY(during(key.task, std::move(opening)));
  const std::size_t tag = std::min<std::size_t>(algorithm.tag_size(), sealed.size());
  TRY(during(key.task, operation.update(sealed.first(sealed.size() - tag))));
  TRY(during(key.task, operation.finish(sealed.last(tag))));
  return std::optional(text.take());
}

Outcome<SecretBytes> opened_text(KeyInUse& key, const psa::Aead& algorithm, ByteView nonce,
                                 ByteView aad, ByteView sealed) {
  if (sealed.size() >= kLeastInParts) {
    std::optional<SecretBytes> opened = TRY(opened_in_parts(key, algorithm, nonce, aad, sealed));
    if (opened) return *std::move(opened);
  }
  return during(key.task, key.holder.aead_decrypt(key.name, algorithm, nonce, aad, sealed));
}

Outcome<> seal(const Invocation& invocation) {
  std::optional<Bytes> given = TRY(given_nonce(invocation));
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Encrypt, "sealing with key"));
  psa::Aead algorithm = TRY(permitted<psa::Aead>(key, kAdvice));
  SecretBytes aad = TRY(additional_data(invocation));
  SecretBytes plaintext = TRY(read_data(invocation, kMostInParts));
  Bytes sealed = TRY(sealed_text(key, algorithm, given, aad, plaintext));
  return write_data(invocation, sealed, Secrecy::Public);
}

Outcome<> open(const Invocation& invocation) {
  std::optional<Bytes> given = TRY(given_nonce(invocation));
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Decrypt, "opening with key"));
  psa::Aead algorithm = TRY(permitted<psa::Aead>(key, kAdvice));
  SecretBytes aad = TRY(additional_data(invocation));
  SecretBytes input = TRY(read_data(invocation, kMostInParts));
  ByteView sealed = input;
  if (!given && sealed.size() < kNonceSize)
    return failed(ExitCode::InvalidData,
                  fmt::format("{}: {} bytes are too few for a nonce and a tag", key.task.doing,
                              sealed.size()));
  ByteView nonce = given ? ByteView(*given) : sealed.first(kNonceSize);
  if (!given) sealed = sealed.subspan(kNonceSize);
  SecretBytes plaintext = TRY(opened_text(key, algorithm, nonce, aad, sealed));
  return write_data(invocation, plaintext, Secrecy::Secret);
}

}  // namespace

const Command kAeadSeal = {
    .words = "aead seal",
    .summary = "encrypt and authenticate: nonce (unless --nonce gives it), ciphertext, tag",
    .options = kSealOptions,
    .positionals = kSealPositionals,
    .run = seal,
};

const Command kAeadOpen = {
    .words = "aead open",
    .summary = "decrypt what aead seal wrote, if nothing of it was altered",
    .options = kOpenOptions,
    .positionals = kOpenPositionals,
    .run = open,
};

}  // namespace strongroom::cli
