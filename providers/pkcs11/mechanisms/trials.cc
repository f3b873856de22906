#include "providers/pkcs11/mechanisms/trials.h"

#include "providers/pkcs11/objects/agreement.h"
#include "providers/pkcs11/objects/calls.h"
#include "providers/pkcs11/objects/public_keys.h"

namespace strongroom::pkcs11 {
namespace {

// Whether it would fail all the same another time.
bool is_an_answer(const Pkcs11Error& error) {
  return !is_lost(error.code()) && error.status() != Status::PsaErrorInsufficientMemory &&
         error.status() != Status::PsaErrorInsufficientStorage;
}

// Empty for a failure that is an answer.
template <typename T>
Outcome<std::optional<T>> if_any(Outcome<T> outcome) {
  if (outcome) return *std::move(outcome);
  if (!is_an_answer(outcome.error())) return std::unexpected(std::move(outcome).error());
  return std::nullopt;
}

struct Pair {
  CK_OBJECT_HANDLE public_half = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_half = CK_INVALID_HANDLE;
};

// Empty when the token refuses.
Outcome<std::optional<Pair>> session_pair(Session& session, const TokenCurve& curve,
                                          CK_ATTRIBUTE_TYPE use) {
  auto parameters = TRY(ec_parameters_of(curve, session.connection.quirks));
  Template public_half;
  public_half.add(CKA_TOKEN, false).add(CKA_EC_PARAMS, parameters);
  if (use == CKA_SIGN) public_half.add(CKA_VERIFY, true);
  Template private_half;
  private_half.add(CKA_TOKEN, false).add(CKA_PRIVATE, true).add(use, true);
  CK_MECHANISM mechanism{curve.generation, nullptr, 0};
  Pair made;
  CK_RV code = session.functions.call<&CK_FUNCTION_LIST::C_GenerateKeyPair>(
      session.handle, &mechanism, public_half.data(), public_half.size(), private_half.data(),
      private_half.size(), &made.public_half, &made.private_half);
  auto outcome = outcome_of("C_GenerateKeyPair", code);
  if (!outcome && !is_an_answer(outcome.error()))
    return std::unexpected(std::move(outcome).error());
  if (!outcome) return std::nullopt;
  return made;
}

Result<KeyRecord> software_pair(SoftwareProvider& software, const psa::KeyType& type,
                                std::uint32_t bits) {
  auto made = TRY(software.keys()->generate({type, bits, {}, psa::NoAlgorithm()}, {}));
  KeyRecord pair{.id = {},
                 .attributes = made.attributes,
                 .material = std::move(made.material),
                 .public_key = std::move(made.public_key)};
  return pair;
}

}  // namespace

Outcome<bool> makes_pair(Session& session, const TokenCurve& curve) {
  const bool signs = curve.form != TokenCurve::Form::Montgomery;
  auto made = TRY(session_pair(session, curve, signs ? CKA_SIGN : CKA_DERIVE));
  if (!made) return false;
  const SessionObject first(session, made->public_half);
  const SessionObject second(session, made->private_half);
  return true;
}

Outcome<bool> agrees(Session& session, SoftwareProvider& software, const psa::KeyType& type,
                     std::uint32_t bits) {
  const TokenCurve curve = *token_curve_of(type, bits, session.connection.quirks);
  auto made = TRY(session_pair(session, curve, CKA_DERIVE));
  if (!made) return false;
  const SessionObject public_half(session, made->public_half);
  const SessionObject private_half(session, made->private_half);
  auto ours = TRY(software_pair(software, type, bits));
  auto point = TRY(if_any(ec_public_key_of(session, public_half.handle(), curve)));
  if (!point) return false;
  auto expected = TRY(software.key_agreer()->agree(ours, psa::RawKeyAgreement::Ecdh, *point));
  auto secret =
      TRY(if_any(shared_secret(session, private_half.handle(), ours.public_key, expected.size())));
  return secret && *secret == expected;
}

}  // namespace strongroom::pkcs11
