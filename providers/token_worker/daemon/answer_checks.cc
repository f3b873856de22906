#include "providers/token_worker/daemon/answer_checks.h"

#include <fmt/format.h>

#include "providers/pkcs11/facets/access.h"
#include "providers/pkcs11/objects/curves.h"
#include "providers/pkcs11/objects/key_material.h"
#include "providers/software/capabilities.h"

namespace strongroom::token_worker {
namespace {

std::unexpected<Error> no_answer(std::string why) {
  return fail(Status::PsaErrorCommunicationFailure, std::move(why));
}

std::unexpected<Error> another_key() {
  return no_answer("a token worker made another key than it was asked for");
}

std::size_t size_in_bytes(const KeyRecord& key) {
  return (key.attributes.bits + 7) / 8;
}

}  // namespace

Result<> check_size(std::size_t size, std::size_t expected) {
  if (size == expected) return {};
  return no_answer(fmt::format("it answers with {} bytes instead of {}", size, expected));
}

Result<> check_no_longer(std::size_t size, std::size_t most) {
  if (size <= most) return {};
  return no_answer(fmt::format("it answers with {} bytes, which can be {} at most", size, most));
}

std::size_t signature_size(const KeyRecord& key) {
  const psa::KeyType& type = key.attributes.type;
  if (type.is_rsa()) return size_in_bytes(key);
  const auto curve = pkcs11::token_curve_of(type, key.attributes.bits);
  return curve ? curve->signature_size : 0;
}

std::size_t agreed_size(const KeyRecord& key) {
  const auto curve = pkcs11::token_curve_of(key.attributes.type, key.attributes.bits);
  return curve ? curve->secret_size : size_in_bytes(key);
}

std::size_t mac_size(const KeyRecord& key, const psa::Mac& algorithm) {
  const std::size_t full = software::full_mac_size(algorithm, key.attributes.type.kind);
  return algorithm.truncated_size.value_or(static_cast<std::uint32_t>(full));
}

Result<> check_generated(SoftwareProvider& software, const NewKey& made,
                         const psa::KeyAttributes& wanted, const SecretBuffer& material) {
  if (made.attributes != wanted || made.material != material) return another_key();
  if (!wanted.type.is_key_pair()) {
    if (made.public_key.empty()) return {};
    return another_key();
  }
  const KeyRecord pair{.id = {}, .attributes = wanted, .material = {}, .public_key = {}};
  auto taken = software.keys()->import(pkcs11::public_half(pair).attributes, made.public_key);
  if (!taken)
    return no_answer("a token worker made a key that is none: " + taken.error().message());
  if (taken->public_key == made.public_key) return {};
  return no_answer("a token worker wrote a public key in another way than it is written");
}

Result<> check_imported(const NewKey& made, const NewKey& given, const SecretBuffer& material) {
  const bool is_same = made.attributes == given.attributes && made.material == material &&
                       made.public_key == given.public_key;
  if (is_same) return {};
  return another_key();
}

Result<> check_own(const std::vector<SecretBuffer>& materials) {
  for (const SecretBuffer& each : materials) {
    const auto id = pkcs11::from_stored(each);
    if (!id || pkcs11::is_foreign(each))
      return no_answer("a token worker lists what is no key that was made here");
  }
  return {};
}

Result<> check_exported(SoftwareProvider& software, const SecretBuffer& exported,
                        const KeyRecord& key) {
  auto taken = software.keys()->import(key.attributes, exported.reveal());
  if (taken && taken->attributes == key.attributes && taken->public_key == key.public_key)
    return {};
  return no_answer("a token worker gave out another key than it was asked for");
}

}  // namespace strongroom::token_worker
