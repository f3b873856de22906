#include "providers/pkcs11/pkcs11_provider.h"
#include "providers/pkcs11/upkeep/stored_identity.h"
#include "service/migration/key_ids.h"
#include "service/provider_use/token_in_use.h"
#include "service/store_use/parsec_keys.h"

namespace strongroom {
namespace {

// As Parsec's service compares them.
std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

class KeysInToken final : public KeysInDevice {
 public:
  explicit KeysInToken(std::unique_ptr<Pkcs11Provider> token) : token_(std::move(token)) {}

  Result<NewKey> take(const parsec::MovableKey& key) override {
    TRY(check_token(trimmed(key.source.token_serial)));
    const Bytes id = TRY(parsec::parse_object_id(key.mapping.key_id));
    if (key.attributes.bits == 0)
      return fail(Status::PsaErrorNotSupported,
                  "nobody has said its size when it was imported; import it here");
    return token_->token_keys().take_over(id, key.attributes);
  }
  Result<Bytes> identity() override {
    const pkcs11::TokenIdentity identity = TRY(token_->identity());
    return pkcs11::to_stored(identity);
  }

 private:
  Result<> check_token(std::string_view serial) {
    const pkcs11::TokenIdentity identity = TRY(token_->identity());
    if (serial.empty() || serial == identity.serial) return {};
    return fail(Status::PsaErrorDoesNotExist,
                fmt::format("it is in the token with serial '{}', and the provider has {}",
                            escaped(serial, 64), to_string(identity)));
  }

  std::unique_ptr<Pkcs11Provider> token_;
};

}  // namespace

Result<std::unique_ptr<KeysInDevice>> keys_in_token(const config::Provider& settings) {
  auto token = TRY(open_token(settings));
  return std::make_unique<KeysInToken>(std::move(token));
}

}  // namespace strongroom
