#include "providers/pkcs11/upkeep/kept_token_provider.h"

#include <utility>

namespace strongroom {
namespace {

constexpr DeviceWords kWords{.component = "pkcs11",
                             .device = "token",
                             .identity = "token",
                             .identity_note = "token",
                             .secret = "PIN",
                             .refusal_note = "refused pin",
                             .attempt_note = "tried pin"};

}  // namespace

Result<std::unique_ptr<KeptTokenProvider>> KeptTokenProvider::create(std::string instance_name,
                                                                     pkcs11::KeptToken::Make make,
                                                                     pkcs11::PinInUse::Source pin,
                                                                     Label label) {
  auto token = std::make_shared<pkcs11::KeptToken>(instance_name, std::move(make), std::move(pin));
  auto thread = TRY(pkcs11::TokenThread::start(token));
  auto software = TRY(SoftwareProvider::create(instance_name));
  return std::unique_ptr<KeptTokenProvider>(
      new KeptTokenProvider(std::move(instance_name), std::move(token), std::move(thread),
                            std::move(software), std::move(label)));
}

KeptTokenProvider::KeptTokenProvider(std::string instance_name,
                                     std::shared_ptr<pkcs11::KeptToken> token,
                                     std::shared_ptr<pkcs11::TokenThread> thread,
                                     std::unique_ptr<SoftwareProvider> software, Label label)
    : description_(pkcs11::token_description(std::move(instance_name))),
      label_(std::move(label)),
      thread_(std::move(thread)),
      access_(std::move(token),
              std::make_shared<Upkeep>(description_.identity.instance, kWords, thread_),
              std::move(software)) {
  std::weak_ptr<Upkeep> upkeep =
      std::static_pointer_cast<Upkeep>(access_.upkeep().shared_from_this());
  access_.token().pin_in_use().on_refused([upkeep](const RefusedSecret& refused) {
    if (const std::shared_ptr<Upkeep> told = upkeep.lock()) told->note_refused(refused);
  });
  access_.token().pin_in_use().on_attempt(
      {.begins =
           [upkeep](SecretBuffer attempt) {
             if (const std::shared_ptr<Upkeep> told = upkeep.lock())
               told->note_attempt(std::move(attempt));
           },
       .ends =
           [upkeep] {
             if (const std::shared_ptr<Upkeep> told = upkeep.lock()) told->forget_attempt();
           }});
}

Result<> KeptTokenProvider::supports(Capability capability,
                                     const psa::KeyAttributes& attributes) const {
  if (std::holds_alternative<psa::KeyWrap>(attributes.algorithm))
    return fail(Status::PsaErrorNotSupported, "no keys are wrapped");
  if (attributes.type.is_public_key()) return access_.software().supports(capability, attributes);
  return access_.use([&](const auto& token) { return token.supports(capability, attributes); });
}

void KeptTokenProvider::use_pin(pkcs11::PinInUse::Source pin) {
  access_.token().pin_in_use().use(std::move(pin));
}

}  // namespace strongroom
