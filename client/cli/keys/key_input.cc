#include "client/cli/keys/key_input.h"

#include <fmt/format.h>

#include "client/cli/keys/curves.h"
#include "client/cli/keys/key_file.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} * 1024;

bool is_bare(Encoding encoding) {
  return encoding == Encoding::Raw || encoding == Encoding::Hex || encoding == Encoding::Base64;
}

// Bytes that the user has explained, although by chance they might pass for something else.
bool is_as_declared(const KeyInput& input, ByteView content) {
  if (!input.type) return false;
  const psa::KeyType& type = input.type->type;
  bool is_symmetric = !type.is_rsa() && !type.is_ecc();
  const Curve* curve = type.is_ecc() ? curve_of(type, input.type->bits) : nullptr;
  return is_symmetric || (curve != nullptr && content.size() == curve->private_size());
}

// nullopt: by the user's word alone.
std::optional<KeyForm> form_for(const KeyInput& input, ByteView content) {
  if (input.encoding == Encoding::Pem) return KeyForm::Pem;
  if (input.encoding == Encoding::Der) return KeyForm::Der;
  std::optional<KeyForm> form = form_of(content);
  if (form != KeyForm::Pem && is_as_declared(input, content)) return std::nullopt;
  if (is_bare(input.encoding) && form != KeyForm::Der) return std::nullopt;
  return form;
}

Outcome<KeyMaterial> key_in(const KeyInput& input, ByteView content, const AskPassphrase& ask) {
  std::optional<KeyForm> form = form_for(input, content);
  if (form) return read_key(content, *form, ask);
  if (input.type) return read_bare_key(content, *input.type, ask);
  if (content.empty()) return not_a_key("it is empty");
  if (is_bare(input.encoding))
    return failed(ExitCode::Usage, "bytes alone do not say what kind of key they are",
                  "say it, for example --type ecc-p256");
  return not_a_key("it is neither PEM nor DER nor an OpenSSH public key",
                   "for other forms say --in-format raw, hex or base64, and --type");
}

}  // namespace

std::string reading(const std::optional<std::string>& file) {
  if (!file || *file == "-") return "reading standard input";
  return fmt::format("reading '{}'", visible(*file));
}

Outcome<KeyMaterial> read_key_file(const Invocation& invocation, const KeyInput& input) {
  SecretBytes content = TRY(read_all(input.file, invocation.streams, kMostBytes));
  SecretBytes bytes = TRY(decoded(std::move(content), input.encoding));
  Outcome<KeyMaterial> key = key_in(input, bytes, passphrase_for(invocation, input.file));
  if (!key) {
    Failure failure = std::move(key).error();
    failure.message = fmt::format("{}: {}", reading(input.file), failure.message);
    return std::unexpected(std::move(failure));
  }
  return key;
}

}  // namespace strongroom::cli
