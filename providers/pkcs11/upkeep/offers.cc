#include "providers/pkcs11/upkeep/offers.h"

namespace strongroom::pkcs11 {
namespace {

// All of them: some flag has to go with the algorithm.
constexpr psa::UsageFlags kAnyUse{.encrypt = true,
                                  .decrypt = true,
                                  .sign_message = true,
                                  .verify_message = true,
                                  .sign_hash = true,
                                  .verify_hash = true};

std::string text_of(const KeyRecord& key, const psa::Algorithm& algorithm) {
  return fmt::format("'{}' with '{}'", to_string(key.attributes.type, key.attributes.bits),
                     to_string(algorithm));
}

std::unexpected<Error> not_offered(const std::string& what) {
  return fail(Status::PsaErrorNotSupported, "the token does not offer " + what);
}

bool is_refusal(const Result<>& answer) {
  return !answer && answer.error().status() == Status::PsaErrorNotSupported;
}

}  // namespace

template <typename Ask>
Result<> Offers::ask_once(std::string what, Ask ask) {
  const unsigned token = access_.upkeep().times_replaced();
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(token_, token) != token) known_.clear();
    if (const auto known = known_.find(what); known != known_.end())
      return known->second ? Result<>() : not_offered(what);
  }
  const Result<> answer = access_.use(ask);
  if (!answer && !is_refusal(answer)) return {};
  const std::lock_guard lock(mutex_);
  if (token_ == token) known_.emplace(std::move(what), answer.has_value());
  return answer;
}

Result<> Offers::check(const KeyRecord& key, const psa::Algorithm& algorithm) {
  if (key.attributes.type.is_public_key()) return {};
  psa::KeyAttributes asked = key.attributes;
  asked.algorithm = algorithm;
  asked.usage = kAnyUse;
  return ask_once(text_of(key, algorithm),
                  [&](auto& token) { return token.supports(Capability::Use, asked); });
}

// It is asked to decrypt nothing at all under the label: which it refuses in another way.
Result<> Offers::check_label(const KeyRecord& key, const psa::AsymmetricEncryption& algorithm,
                             ByteView label) {
  if (label.empty() || key.attributes.type.is_public_key()) return {};
  return ask_once(text_of(key, algorithm) + " and a label", [&](auto& token) -> Result<> {
    const auto nothing = token.encrypter()->decrypt(key, algorithm, {}, label);
    if (nothing || nothing.error().status() == Status::PsaErrorInvalidArgument) return {};
    return std::unexpected(nothing.error());
  });
}

}  // namespace strongroom::pkcs11
