#include "providers/software/key_manager.h"

#include <algorithm>

#include "providers/software/keys/ec_key.h"
#include "providers/software/keys/rsa_key.h"

namespace strongroom::software {
namespace {

using Kind = psa::KeyType::Kind;

Result<NewKey> symmetric_key(const psa::KeyAttributes& attributes, Result<SecretBuffer> material) {
  NewKey key;
  key.attributes = attributes;
  auto bytes = TRY(std::move(material));
  key.attributes.bits = static_cast<std::uint32_t>(8 * bytes.size());
  key.material = std::move(bytes);
  return key;
}

Result<NewKey> import_symmetric_key(const psa::KeyAttributes& attributes, ByteView data) {
  bool is_asked = attributes.bits == 0 || attributes.bits == 8 * data.size();
  auto bits = static_cast<std::uint32_t>(std::min<std::size_t>(data.size(), 1024) * 8);
  if (!is_asked || !is_offered(attributes.type, bits))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are no key '{}'", data.size(),
                            to_string(attributes.type, attributes.bits)));
  return symmetric_key(attributes, SecretBuffer::copy_of(data));
}

}  // namespace

Result<NewKey> EvpKeyManager::generate(const psa::KeyAttributes& attributes, std::stop_token stop) {
  if (attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot be generated");
  if (!is_offered(attributes.type, attributes.bits))
    return key_not_offered(attributes.type, attributes.bits);
  return cache_.with_room([&]() -> Result<NewKey> {
    if (attributes.type.is_rsa()) return generate_rsa(attributes, stop);
    if (attributes.type.is_ecc()) return generate_ec(attributes);
    return symmetric_key(attributes, SecretBuffer::random(attributes.bits / 8));
  });
}

Result<NewKey> EvpKeyManager::import(const psa::KeyAttributes& attributes, ByteView data) {
  TRY(check_key_type(attributes.type, attributes.bits));
  auto key = cache_.with_room([&] { return import_offered(attributes, data); });
  return in_context(std::move(key), "importing a key '{}'",
                    to_string(attributes.type, attributes.bits));
}

Result<NewKey> EvpKeyManager::import_offered(const psa::KeyAttributes& attributes, ByteView data) {
  switch (attributes.type.kind) {
    case Kind::RsaKeyPair: return import_rsa_pair(attributes, data);
    case Kind::RsaPublicKey: return import_rsa_public_key(attributes, data);
    case Kind::EccKeyPair: return import_ec_pair(algorithms_, attributes, data);
    case Kind::EccPublicKey: return import_ec_public_key(attributes, data);
    default: return import_symmetric_key(attributes, data);
  }
}

Result<SecretBuffer> EvpKeyManager::export_key(const KeyRecord& key) {
  if (key.attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key has nothing secret to export");
  return SecretBuffer::copy_of(key.material.reveal());
}

Result<> EvpKeyManager::destroy(const KeyRecord& key) {
  cache_.destroy(key.serial);
  return {};
}

}  // namespace strongroom::software
