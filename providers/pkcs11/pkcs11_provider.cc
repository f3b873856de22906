#include "providers/pkcs11/pkcs11_provider.h"

#include "base/bytes.h"

namespace strongroom {
namespace {

Result<pkcs11::Quirks> quirks_named(const std::vector<std::string>& names) {
  pkcs11::Quirks quirks;
  for (const std::string& name : names) {
    auto quirk = pkcs11::quirk_named(name);
    if (!quirk)
      return fail(Status::PsaErrorInvalidArgument,
                  fmt::format("'{}' is no quirk of tokens that is known", escaped(name)));
    quirks = quirks.with(*quirk);
  }
  return quirks;
}

}  // namespace

Result<> Pkcs11Provider::check(const Settings& settings) {
  std::ignore = TRY(pkcs11::TokenAddress::parse(settings.uri));
  std::ignore = TRY(quirks_named(settings.quirks));
  return {};
}

Result<std::unique_ptr<Pkcs11Provider>> Pkcs11Provider::create(std::string instance_name,
                                                               Settings settings) {
  auto address = TRY(in_context(pkcs11::TokenAddress::parse(settings.uri), "starting provider '{}'",
                                instance_name));
  auto quirks = TRY(quirks_named(settings.quirks));
  auto software = TRY(SoftwareProvider::create(instance_name));
  pkcs11::Token::Settings token{.provider = instance_name,
                                .address = std::move(address),
                                .remembered = std::move(settings.remembered),
                                .login = std::move(settings.login),
                                .quirks = quirks,
                                .most_sessions = settings.most_sessions,
                                .patience = settings.patience,
                                .pause = settings.pause};
  return std::unique_ptr<Pkcs11Provider>(new Pkcs11Provider(std::move(instance_name),
                                                            std::move(token), std::move(software),
                                                            std::move(settings.creation)));
}

Pkcs11Provider::Pkcs11Provider(std::string instance_name, pkcs11::Token::Settings token,
                               std::unique_ptr<SoftwareProvider> software,
                               pkcs11::Access::Creation creation)
    : description_(pkcs11::token_description(std::move(instance_name))),
      access_(std::move(token), std::move(software), std::move(creation)) {}

Result<> Pkcs11Provider::supports(Capability capability,
                                  const psa::KeyAttributes& attributes) const {
  return access_.capabilities().check_capability(capability, attributes);
}

}  // namespace strongroom
