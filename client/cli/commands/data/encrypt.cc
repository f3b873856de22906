// strongroom encrypt, strongroom decrypt
#include <array>

#include "client/cli/commands/data/permitted.h"

namespace strongroom::cli {
namespace {

constexpr Option kLabelOption = {"label", "TEXT", "the label of RSA-OAEP; empty by default"};
constexpr std::array kOptions = {
    kLabelOption, kDataInOption, kDataOutOption, kOutputOption, kForceOption,
};
constexpr std::array kEncryptPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "what to encrypt, else standard input", kFiles},
};
constexpr std::array kDecryptPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "what to decrypt, else standard input", kFiles},
};
constexpr std::string_view kAdvice =
    "generate one with --type rsa-2048 --algorithm rsa-oaep-sha256, for example; keys for AEADs "
    "are "
    "used by 'strongroom aead'";

Outcome<> check_label(const Invocation& invocation, const KeyInUse& key) {
  const auto* policy = std::get_if<psa::AsymmetricEncryption>(&key.info.attributes.algorithm);
  bool has_label = policy != nullptr && policy->kind == psa::AsymmetricEncryption::Kind::RsaOaep;
  if (has_label || !invocation.arguments.has("label")) return {};
  return failed(ExitCode::Usage, fmt::format("{}: only RSA-OAEP has a label", key.task.doing),
                "leave out --label");
}

Outcome<> encrypt(const Invocation& invocation) {
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Encrypt, "encrypting with key"));
  TRY(check_label(invocation, key));
  if (const auto* cipher = std::get_if<psa::Cipher>(&key.info.attributes.algorithm)) {
    SecretBytes plaintext = TRY(read_data(invocation));
    Bytes sealed = TRY(during(key.task, key.holder.cipher_encrypt(key.name, *cipher, plaintext)));
    return write_data(invocation, sealed, Secrecy::Public);
  }
  psa::AsymmetricEncryption algorithm = TRY(permitted<psa::AsymmetricEncryption>(key, kAdvice));
  SecretBytes plaintext = TRY(read_data(invocation));
  std::string label = invocation.arguments.value("label").value_or("");
  Bytes sealed = TRY(during(
      key.task, key.holder.asymmetric_encrypt(key.name, algorithm, plaintext, view_of(label))));
  return write_data(invocation, sealed, Secrecy::Public);
}

Outcome<> decrypt(const Invocation& invocation) {
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Decrypt, "decrypting with key"));
  TRY(check_label(invocation, key));
  if (const auto* cipher = std::get_if<psa::Cipher>(&key.info.attributes.algorithm)) {
    SecretBytes sealed = TRY(read_data(invocation));
    SecretBytes plaintext =
        TRY(during(key.task, key.holder.cipher_decrypt(key.name, *cipher, sealed)));
    return write_data(invocation, plaintext, Secrecy::Secret);
  }
  psa::AsymmetricEncryption algorithm = TRY(permitted<psa::AsymmetricEncryption>(key, kAdvice));
  SecretBytes sealed = TRY(read_data(invocation));
  std::string label = invocation.arguments.value("label").value_or("");
  SecretBytes plaintext = TRY(
      during(key.task, key.holder.asymmetric_decrypt(key.name, algorithm, sealed, view_of(label))));
  return write_data(invocation, plaintext, Secrecy::Secret);
}

}  // namespace

const Command kEncrypt = {
    .words = "encrypt",
    .summary = "encrypt a short text with an RSA key, or data with a cipher key",
    .options = kOptions,
    .positionals = kEncryptPositionals,
    .run = encrypt,
};

const Command kDecrypt = {
    .words = "decrypt",
    .summary = "decrypt what encrypt wrote",
    .options = kOptions,
    .positionals = kDecryptPositionals,
    .run = decrypt,
};

}  // namespace strongroom::cli
