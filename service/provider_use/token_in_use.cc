#include "service/provider_use/token_in_use.h"

#include "providers/pkcs11/pkcs11_provider.h"
#include "providers/pkcs11/token/token_address.h"
#include "providers/pkcs11/upkeep/kept_token_provider.h"
#include "service/provider_use/provider_secrets.h"

namespace strongroom {
namespace {

// Between two looks at a token that is away the upkeep makes the pauses.
constexpr std::chrono::milliseconds kPause{200};

// RFC 3986 §2.1; all but what is unreserved.
std::string percent_encoded(std::string_view text, std::string_view kept = "") {
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_unreserved = (letter >= 'a' && letter <= 'z') ||
                               (letter >= 'A' && letter <= 'Z') ||
                               (letter >= '0' && letter <= '9') ||
                               std::string_view("-._~").find(letter) != std::string_view::npos;
    if (is_unreserved || kept.find(letter) != kept.npos)
      encoded += letter;
    else
      encoded += fmt::format("%{:02X}", byte);
  }
  return encoded;
}

// RFC 7512, of what the configuration says in keys of their own.
std::string uri_of(const config::Provider& settings) {
  if (!settings.uri.text.empty()) return settings.uri.text;
  std::string path;
  const auto add = [&path](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    path += fmt::format("{}{}={}", path.empty() ? "" : ";", name, value);
  };
  add("token", percent_encoded(settings.token.name));
  add("serial", percent_encoded(settings.serial.name));
  if (settings.slot.number) add("slot-id", std::to_string(*settings.slot.number));
  return fmt::format("pkcs11:{}?module-path={}", path,
                     percent_encoded(settings.module.native(), "/"));
}

// Empty where there is no PIN: the token asks for none, or has a keypad of its own.
pkcs11::PinInUse::Source pin_of(const config::Provider& settings) {
  if (settings.pin.kind == config::SecretSource::Kind::None) return {};
  return secret_of(settings, config::kPin);
}

Pkcs11Provider::Settings provider_settings(const config::Provider& settings) {
  Pkcs11Provider::Settings result;
  result.uri = uri_of(settings);
  for (const config::TokenQuirk& quirk : settings.quirks)
    result.quirks.push_back(quirk.name);
  result.most_sessions = settings.sessions;
  result.pause = kPause;
  result.creation.may_export = settings.allow_export;
  result.creation.asks_each_time = settings.always_authenticate;
  return result;
}

}  // namespace

Result<std::unique_ptr<Provider>> make_token_provider(const config::Provider& settings) {
  TRY(in_context(pkcs11::TokenAddress::parse(uri_of(settings)), "starting provider '{}'",
                 settings.name));
  auto make = [settings](
                  std::optional<pkcs11::TokenIdentity> remembered,
                  pkcs11::Login::Settings login) -> Result<std::unique_ptr<pkcs11::TokenBackend>> {
    Pkcs11Provider::Settings wanted = provider_settings(settings);
    wanted.remembered = std::move(remembered);
    wanted.login = std::move(login);
    std::unique_ptr<pkcs11::TokenBackend> made =
        TRY(Pkcs11Provider::create(settings.name, std::move(wanted)));
    return made;
  };
  std::unique_ptr<Provider> made =
      TRY(KeptTokenProvider::create(settings.name, std::move(make), pin_of(settings)));
  return made;
}

void use_token_pin(Provider& provider, const config::Provider& settings) {
  if (auto* token = dynamic_cast<KeptTokenProvider*>(&provider)) token->use_pin(pin_of(settings));
}

}  // namespace strongroom
