#include "providers/pkcs11/objects/description.h"

#include <algorithm>
#include <array>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/psa_names.h"
#include "providers/pkcs11/objects/curves.h"
#include "providers/pkcs11/objects/public_keys.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/keys/numbers.h"

namespace strongroom::pkcs11 {
namespace {

using Kind = psa::KeyType::Kind;

constexpr std::size_t kLongestLabel = 128;  // bytes, those of others
constexpr std::size_t kShownLabel = 64;
constexpr std::size_t kLongestModulus = 2048;
constexpr std::size_t kLongestParameters = 1024;

std::string_view name_of_class(CK_ULONG object_class) {
  if (object_class == CKO_PRIVATE_KEY) return "private key";
  if (object_class == CKO_PUBLIC_KEY) return "public key";
  return object_class == CKO_SECRET_KEY ? "secret key" : "object that is no key";
}

struct Shown {
  std::string type;                              // and size
  std::optional<psa::KeyAttributes> public_key;  // where there is one, and its size is known
};

psa::KeyAttributes public_key_of(psa::KeyType type, std::uint32_t bits) {
  return {.type = type, .bits = bits, .usage = {}, .algorithm = psa::NoAlgorithm()};
}

Outcome<Shown> rsa_shown(Session& session, CK_OBJECT_HANDLE object) {
  auto modulus = TRY(attribute(session, object, CKA_MODULUS, kLongestModulus));
  if (!modulus) return Shown{"rsa", std::nullopt};
  const auto bits = static_cast<std::uint32_t>(software::bit_length(*modulus));
  return Shown{psa::short_name({Kind::RsaKeyPair, {}}, bits),
               public_key_of({Kind::RsaPublicKey, {}}, bits)};
}

// Of whatever type the token takes keys on curves for.
Outcome<Shown> ec_shown(Session& session, CK_OBJECT_HANDLE object, CK_ULONG key_type) {
  auto parameters = TRY(attribute(session, object, CKA_EC_PARAMS, kLongestParameters));
  if (!parameters) return Shown{fmt::format("of type {:#x}", key_type), std::nullopt};
  for (auto family = psa::EccFamily::SecpK1; family <= psa::EccFamily::TwistedEdwards;
       family = static_cast<psa::EccFamily>(static_cast<std::uint8_t>(family) + 1)) {
    const psa::KeyType type{Kind::EccPublicKey, family};
    for (const std::uint32_t bits : curve_sizes(type))
      if (auto curve = token_curve_of(type, bits); curve && are_parameters_of(*curve, *parameters))
        return Shown{psa::short_name({Kind::EccKeyPair, family}, bits), public_key_of(type, bits)};
  }
  return Shown{"ecc on a curve that is not known", std::nullopt};
}

Outcome<Shown> cipher_key_shown(Session& session, CK_OBJECT_HANDLE object, Kind kind) {
  auto size = TRY(number_attribute(session, object, CKA_VALUE_LEN));
  const auto bits = static_cast<std::uint32_t>(8 * size.value_or(0));
  return Shown{psa::short_name({kind, {}}, bits), std::nullopt};
}

// For HMAC or for derivation, which the token does not tell apart.
Outcome<Shown> secret_shown(Session& session, CK_OBJECT_HANDLE object) {
  auto size = TRY(number_attribute(session, object, CKA_VALUE_LEN));
  if (!size) return Shown{"a secret", std::nullopt};
  return Shown{fmt::format("a secret of {} bytes", *size), std::nullopt};
}

Outcome<Shown> shown(Session& session, CK_OBJECT_HANDLE object) {
  auto type = TRY(number_attribute(session, object, CKA_KEY_TYPE));
  if (!type) return Shown{"of a type that it does not show", std::nullopt};
  switch (*type) {
    case CKK_RSA: return rsa_shown(session, object);
    case CKK_AES: return cipher_key_shown(session, object, Kind::Aes);
    case CKK_DES2:
    case CKK_DES3: return cipher_key_shown(session, object, Kind::Des);
    case CKK_DH: return Shown{"dh", std::nullopt};
    case CKK_GENERIC_SECRET: return secret_shown(session, object);
    default: return ec_shown(session, object, *type);
  }
}

// SHA-256 of the SubjectPublicKeyInfo; empty for what libcrypto takes for none.
std::string fingerprint(const psa::KeyAttributes& attributes, Bytes public_key) {
  auto key = software::key_of_record(KeyRecord{
      .id = {}, .attributes = attributes, .material = {}, .public_key = std::move(public_key)});
  if (!key) return {};
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key->get(), &der);
  if (size <= 0) return {};
  std::array<unsigned char, 32> digest{};
  const bool is_made = EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr,
                                  EVP_sha256(), nullptr) == 1;
  OPENSSL_free(der);
  return is_made ? to_hex(std::as_bytes(std::span(digest))) : std::string();
}

Outcome<std::string> fingerprint_in(Session& session, CK_OBJECT_HANDLE object,
                                    const psa::KeyAttributes& attributes) {
  if (attributes.type.is_rsa()) {
    auto public_key = TRY(rsa_public_key_of(session, object, attributes.bits));
    return fingerprint(attributes, std::move(public_key));
  }
  auto curve = token_curve_of(attributes.type, attributes.bits);
  if (!curve) return std::string();
  auto public_key = TRY(ec_public_key_of(session, object, *curve));
  return fingerprint(attributes, std::move(public_key));
}

// Halves of a pair say the same of their type.
void add(std::vector<std::string>& words, std::string word) {
  if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
}

struct Description {
  std::vector<std::string> classes;
  std::vector<std::string> details;
};

Outcome<> add_object(Description& description, Session& session, CK_OBJECT_HANDLE object) {
  auto object_class = TRY(number_attribute(session, object, CKA_CLASS));
  if (!object_class) return {};
  add(description.classes, std::string(name_of_class(*object_class)));
  auto key = TRY(shown(session, object));
  add(description.details, key.type);
  auto local = TRY(attribute(session, object, CKA_LOCAL, sizeof(CK_BBOOL)));
  if (local && !local->empty())
    add(description.details, local->front() != std::byte{0} ? "made in the token" : "imported");
  if (*object_class == CKO_PUBLIC_KEY && key.public_key)
    if (auto print = fingerprint_in(session, object, *key.public_key); print && !print->empty())
      add(description.details, "fingerprint " + *print);
  auto label = TRY(attribute(session, object, CKA_LABEL, kLongestLabel));
  if (label && !label->empty())
    add(description.details, fmt::format("label '{}'", escaped(text_of(*label), kShownLabel)));
  return {};
}

}  // namespace

Outcome<std::string> description_of(Session& session, const ObjectId& id) {
  Template wanted;
  wanted.add(CKA_ID, ByteView(id)).add(CKA_TOKEN, true);
  auto objects = TRY(find_objects(session, wanted));
  Description description;
  for (CK_OBJECT_HANDLE object : objects)
    TRY(add_object(description, session, object));
  if (description.classes.empty())
    return std::unexpected(Pkcs11Error(
        Error(Status::PsaErrorDoesNotExist, "the token has no object of that CKA_ID any more")));
  return fmt::format("CKA_ID {}: {}; {}", to_hex(id), fmt::join(description.classes, " and "),
                     fmt::join(description.details, ", "));
}

}  // namespace strongroom::pkcs11
