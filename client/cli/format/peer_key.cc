#include "client/cli/format/peer_key.h"

#include <fmt/format.h>

#include "client/cli/keys/key_file.h"

namespace strongroom::cli {
namespace {

std::unexpected<Failure> no_public_key(std::string_view cause) {
  return failed(ExitCode::InvalidData, fmt::format("reading the peer's key: {}", cause),
                "give it as 'openssl pkey -pubout' or 'strongroom key export-public' writes it");
}

Outcome<SecretBytes> no_passphrase() {
  return no_public_key("it is a private one");
}

// nullopt: what stands in the file is the key itself.
std::optional<KeyForm> form_for(ByteView input, Encoding encoding) {
  if (encoding == Encoding::Native) return form_of(input);
  if (encoding == Encoding::Pem) return KeyForm::Pem;
  if (encoding == Encoding::Der) return KeyForm::Der;
  return std::nullopt;
}

}  // namespace

Outcome<Bytes> peer_public_key(ByteView input, Encoding encoding) {
  std::optional<KeyForm> form = form_for(input, encoding);
  if (!form) {
    SecretBytes bytes = TRY(decoded(SecretBytes(input.begin(), input.end()), encoding));
    return copy_of(bytes);
  }
  Outcome<KeyMaterial> key = read_key(input, *form, no_passphrase);
  if (!key) return no_public_key(key.error().message);
  if (key->type.kind != psa::KeyType::Kind::EccPublicKey ||
      key->type.curve_family == psa::EccFamily::TwistedEdwards)
    return no_public_key("it is not a public one on a curve");
  return copy_of(key->data);
}

}  // namespace strongroom::cli
