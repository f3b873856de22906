#include "providers/pkcs11/objects/new_objects.h"

#include <algorithm>
#include <array>

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/pkcs11/objects/dh_groups.h"
#include "providers/pkcs11/objects/key_objects.h"
#include "providers/pkcs11/objects/public_keys.h"
#include "providers/software/keys/der.h"
#include "providers/software/keys/numbers.h"

namespace strongroom::pkcs11 {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::array kExponent = {std::byte{1}, std::byte{0}, std::byte{1}};

// RFC 8017 §A.1.2, after the version.
constexpr std::array kRsaNumbers = {CKA_MODULUS,    CKA_PUBLIC_EXPONENT, CKA_PRIVATE_EXPONENT,
                                    CKA_PRIME_1,    CKA_PRIME_2,         CKA_EXPONENT_1,
                                    CKA_EXPONENT_2, CKA_COEFFICIENT};
using RsaKey = std::array<ByteView, kRsaNumbers.size() + 1>;

// What has been made of a key goes when the rest fails.
template <typename T>
Outcome<T> or_nothing(Session& session, const ObjectId& id, Outcome<T> outcome) {
  if (!outcome) std::ignore = destroy_objects(session, id);
  return outcome;
}

std::unexpected<Pkcs11Error> not_protected(const char* what) {
  return std::unexpected(Pkcs11Error(
      Error(Status::PsaErrorNotSupported,
            fmt::format("the token was told to keep the key, and {}; if that is not so, the quirk "
                        "'protection-not-shown' says it",
                        what))));
}

// There are tokens that pass over what they do not know in a template.
Outcome<> check_protection(Session& session, CK_OBJECT_HANDLE key,
                           const psa::KeyAttributes& attributes) {
  if (attributes.usage.may_export) return {};
  if (session.connection.quirks.has(Quirk::ProtectionNotShown)) return {};
  const auto is_sensitive = TRY(truth_attribute(session, key, CKA_SENSITIVE));
  const auto is_extractable = TRY(truth_attribute(session, key, CKA_EXTRACTABLE));
  if (is_sensitive == false) return not_protected("shows it as not sensitive");
  if (is_extractable == true) return not_protected("shows it as extractable");
  if (!is_sensitive || !is_extractable) return not_protected("does not show that it does");
  return {};
}

Outcome<Bytes> public_key_of(Session& session, CK_OBJECT_HANDLE object,
                             const psa::KeyAttributes& attributes) {
  if (attributes.type.is_rsa()) return rsa_public_key_of(session, object, attributes.bits);
  if (attributes.type.is_dh()) return dh_public_key_of(session, object, attributes.bits);
  return ec_public_key_of(session, object, *token_curve_of(attributes.type, attributes.bits));
}

Outcome<> create_pair(Session& session, const psa::KeyAttributes& attributes,
                      Template& private_half, Template* public_half) {
  const CK_OBJECT_HANDLE made = TRY(create_object(session, private_half));
  TRY(check_protection(session, made, attributes));
  if (public_half != nullptr) std::ignore = TRY(create_object(session, *public_half));
  return {};
}

Outcome<> create_rsa(Session& session, const KeyTemplates& templates, const NewKey& key,
                     bool has_public_half) {
  RsaKey numbers;
  TRY(software::parse_integers(key.material.reveal(), numbers));
  Template private_half = templates.private_half();
  for (std::size_t i = 0; i < kRsaNumbers.size(); ++i)
    private_half.add(kRsaNumbers[i], numbers[i + 1]);
  Template public_half = templates.public_half();
  public_half.add(CKA_MODULUS, numbers[1]).add(CKA_PUBLIC_EXPONENT, numbers[2]);
  return create_pair(session, key.attributes, private_half,
                     has_public_half ? &public_half : nullptr);
}

Outcome<> create_ec(Session& session, const KeyTemplates& templates, const NewKey& key,
                    bool has_public_half) {
  const Quirks& quirks = session.connection.quirks;
  auto curve = token_curve_of(key.attributes.type, key.attributes.bits, quirks);
  auto parameters = TRY(ec_parameters_of(*curve, quirks));
  Bytes point = quirks.has(Quirk::BarePoints) ? key.public_key : wrapped_point(key.public_key);
  Template private_half = templates.private_half();
  private_half.add(CKA_EC_PARAMS, parameters).add(CKA_VALUE, key.material.reveal());
  Template public_half = templates.public_half();
  public_half.add(CKA_EC_PARAMS, parameters).add(CKA_EC_POINT, point);
  return create_pair(session, key.attributes, private_half,
                     has_public_half ? &public_half : nullptr);
}

Outcome<> create_dh(Session& session, const KeyTemplates& templates, const NewKey& key,
                    bool has_public_half) {
  auto prime = TRY(dh_prime(key.attributes.bits));
  Template private_half = templates.private_half();
  private_half.add(CKA_PRIME, prime)
      .add(CKA_BASE, kDhGenerator)
      .add(CKA_VALUE, key.material.reveal());
  Template public_half = templates.public_half();
  public_half.add(CKA_PRIME, prime).add(CKA_BASE, kDhGenerator).add(CKA_VALUE, key.public_key);
  return create_pair(session, key.attributes, private_half,
                     has_public_half ? &public_half : nullptr);
}

Outcome<SecretBuffer> exported_rsa(Session& session, CK_OBJECT_HANDLE object) {
  constexpr std::size_t kLongestNumber = 2048;
  std::array<SecretBuffer, kRsaNumbers.size()> values;
  RsaKey numbers;  // the version is 0, which has no bytes
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = TRY(secret_attribute(session, object, kRsaNumbers[i], kLongestNumber));
    numbers[i + 1] = software::without_leading_zeros(values[i].reveal());
  }
  auto der = TRY(SecretBuffer::of_size(software::size_of_integers(numbers)));
  software::write_integers(numbers, der.reveal_mutable());
  return der;
}

Outcome<SecretBuffer> exported_bytes(Session& session, CK_OBJECT_HANDLE object, std::size_t size) {
  auto value = TRY(secret_attribute(session, object, CKA_VALUE, size));
  if (value.size() == size) return value;
  return std::unexpected(malformed_answer("C_GetAttributeValue", "a key of another size"));
}

// Tokens may leave out leading zeros.
Outcome<SecretBuffer> exported_number(Session& session, CK_OBJECT_HANDLE object, std::size_t size) {
  auto value = TRY(secret_attribute(session, object, CKA_VALUE, size));
  if (value.size() == size) return value;
  auto wide = TRY(SecretBuffer::of_size(size));
  std::ranges::copy(value.reveal(), wide.reveal_mutable().last(value.size()).begin());
  return wide;
}

// What the new pair's numbers are from: `group` holds what `public_half` refers to.
Outcome<> add_group(Template& public_half, CK_MECHANISM& mechanism, Bytes& group,
                    const Session& session, const psa::KeyAttributes& attributes) {
  if (attributes.type.is_rsa()) {
    mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
    public_half.add(CKA_MODULUS_BITS, CK_ULONG{attributes.bits})
        .add(CKA_PUBLIC_EXPONENT, kExponent);
  } else if (attributes.type.is_dh()) {
    mechanism.mechanism = CKM_DH_PKCS_KEY_PAIR_GEN;
    group = TRY(dh_prime(attributes.bits));
    public_half.add(CKA_PRIME, group).add(CKA_BASE, kDhGenerator);
  } else {
    auto curve = token_curve_of(attributes.type, attributes.bits, session.connection.quirks);
    mechanism.mechanism = curve->generation;
    group = TRY(ec_parameters_of(*curve, session.connection.quirks));
    public_half.add(CKA_EC_PARAMS, group);
  }
  return {};
}

CK_MECHANISM_TYPE generation_of(const psa::KeyAttributes& secret) {
  switch (secret.type.kind) {
    case Kind::Aes: return CKM_AES_KEY_GEN;
    case Kind::Des: return des_generation(secret.bits);
    default: return CKM_GENERIC_SECRET_KEY_GEN;
  }
}

}  // namespace

Outcome<Bytes> generate_pair(Session& session, const KeyTemplates& templates,
                             const psa::KeyAttributes& attributes, const ObjectId& id) {
  Bytes group;  // a curve or a prime
  CK_MECHANISM mechanism{};
  Template public_half = templates.public_half();
  TRY(add_group(public_half, mechanism, group, session, attributes));
  Template private_half = templates.private_half();
  CK_OBJECT_HANDLE public_object = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_object = CK_INVALID_HANDLE;
  TRY(outcome_of("C_GenerateKeyPair",
                 session.functions.call<&CK_FUNCTION_LIST::C_GenerateKeyPair>(
                     session.handle, &mechanism, public_half.data(), public_half.size(),
                     private_half.data(), private_half.size(), &public_object, &private_object)));
  auto is_kept = check_protection(session, private_object, attributes);
  TRY(or_nothing(session, id, std::move(is_kept)));
  return or_nothing(session, id, public_key_of(session, public_object, attributes));
}

Outcome<> generate_secret(Session& session, const KeyTemplates& templates,
                          const psa::KeyAttributes& attributes, const ObjectId& id) {
  Template secret = templates.secret_key();
  CK_MECHANISM mechanism{generation_of(attributes), nullptr, 0};
  if (attributes.type.kind != Kind::Des) secret.add(CKA_VALUE_LEN, CK_ULONG{attributes.bits / 8});
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  TRY(outcome_of("C_GenerateKey",
                 session.functions.call<&CK_FUNCTION_LIST::C_GenerateKey>(
                     session.handle, &mechanism, secret.data(), secret.size(), &handle)));
  return or_nothing(session, id, check_protection(session, handle, attributes));
}

Outcome<> create_objects(Session& session, const KeyTemplates& templates, const NewKey& key,
                         const ObjectId& id, bool has_public_half) {
  if (key.attributes.type.is_rsa())
    return or_nothing(session, id, create_rsa(session, templates, key, has_public_half));
  if (key.attributes.type.is_ecc())
    return or_nothing(session, id, create_ec(session, templates, key, has_public_half));
  if (key.attributes.type.is_dh())
    return or_nothing(session, id, create_dh(session, templates, key, has_public_half));
  Template secret = templates.secret_key();
  secret.add(CKA_VALUE, key.material.reveal());
  const CK_OBJECT_HANDLE made = TRY(create_object(session, secret));
  return or_nothing(session, id, check_protection(session, made, key.attributes));
}

Outcome<SecretBuffer> exported(Session& session, CK_OBJECT_HANDLE object,
                               const psa::KeyAttributes& attributes) {
  if (attributes.type.is_rsa()) return exported_rsa(session, object);
  if (attributes.type.is_dh()) return exported_number(session, object, attributes.bits / 8);
  if (!attributes.type.is_ecc()) return exported_bytes(session, object, attributes.bits / 8);
  auto curve = token_curve_of(attributes.type, attributes.bits);
  return curve->is_weierstrass() ? exported_number(session, object, curve->scalar_size)
                                 : exported_bytes(session, object, curve->scalar_size);
}

}  // namespace strongroom::pkcs11
