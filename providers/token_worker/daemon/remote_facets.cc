#include "providers/token_worker/daemon/remote_facets.h"

#include <algorithm>

#include "providers/pkcs11/mechanisms/capabilities.h"

namespace strongroom::token_worker {
namespace {

constexpr std::size_t kRandomAtOnce = std::size_t{16} * 1024;

// The worker has made what it was asked for.
Result<NewKey> checked(NewKey made, const psa::KeyAttributes& wanted,
                       const SecretBuffer& material) {
  psa::KeyAttributes expected = wanted;
  if (expected.bits == 0) expected.bits = made.attributes.bits;
  if (made.attributes == expected && made.material == material) return made;
  return fail(Status::PsaErrorCommunicationFailure,
              "a token worker made another key than it was asked for");
}

}  // namespace

Result<NewKey> RemoteKeyManager::generate(const psa::KeyAttributes& attributes,
                                          std::stop_token stop) {
  auto material = TRY(new_material());
  return generate_as(std::move(material), attributes, std::move(stop));
}

Result<NewKey> RemoteKeyManager::import(const psa::KeyAttributes& attributes, ByteView data) {
  auto material = TRY(new_material());
  return import_as(std::move(material), attributes, data);
}

Result<SecretBuffer> RemoteKeyManager::new_material() const {
  auto id = TRY(pkcs11::new_object_id());
  return pkcs11::to_stored(id);
}

// A token cannot be stopped in the middle of it.
Result<NewKey> RemoteKeyManager::generate_as(SecretBuffer material,
                                             const psa::KeyAttributes& attributes,
                                             std::stop_token stop) {
  if (stop.stop_requested()) return fail(Status::PsaErrorGenericError, "stopped");
  auto made = TRY(pool_.call<Operation::Generate>(material, attributes));
  return checked(std::move(made), attributes, material);
}

Result<NewKey> RemoteKeyManager::import_as(SecretBuffer material,
                                           const psa::KeyAttributes& attributes, ByteView data) {
  if (pkcs11::is_kept_in_software(attributes.type))
    return software_.keys()->import(attributes, data);
  auto made = TRY(pool_.call<Operation::Import>(material, attributes, data));
  return checked(std::move(made), attributes, material);
}

Result<SecretBuffer> RemoteKeyManager::export_key(const KeyRecord& key) {
  return pool_.call<Operation::Export>(key);
}

Result<> RemoteKeyManager::destroy(const KeyRecord& key) {
  TRY(software_.keys()->destroy(key));
  if (key.material.is_empty()) return {};
  return pool_.call<Operation::Destroy>(key);
}

Result<std::vector<SecretBuffer>> RemoteInventory::materials() {
  auto ids = TRY(pool_.call<Operation::IdsInToken>());
  std::vector<SecretBuffer> result;
  result.reserve(ids.size());
  for (const pkcs11::ObjectId& id : ids) {
    auto material = TRY(pkcs11::to_stored(id));
    result.push_back(std::move(material));
  }
  return result;
}

Result<> RemoteInventory::look_for(const KeyRecord& key) {
  return pool_.call<Operation::LookFor>(key);
}

Result<Bytes> RemoteSigner::sign_hash(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView hash) {
  return pool_.call<Operation::SignHash>(key, algorithm, hash);
}

Result<> RemoteSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash, ByteView signature) {
  if (key.attributes.type.is_public_key())
    return software_.signer()->verify_hash(key, algorithm, hash, signature);
  return pool_.call<Operation::VerifyHash>(key, algorithm, hash, signature);
}

Result<Bytes> RemoteSigner::sign_message(const KeyRecord& key,
                                         const psa::AsymmetricSignature& algorithm,
                                         ByteView message) {
  return pool_.call<Operation::SignMessage>(key, algorithm, message);
}

Result<> RemoteSigner::verify_message(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView message,
                                      ByteView signature) {
  if (key.attributes.type.is_public_key())
    return software_.signer()->verify_message(key, algorithm, message, signature);
  return pool_.call<Operation::VerifyMessage>(key, algorithm, message, signature);
}

Result<Bytes> RemoteEncrypter::encrypt(const KeyRecord& key,
                                       const psa::AsymmetricEncryption& algorithm,
                                       ByteView plaintext, ByteView label) {
  return pool_.call<Operation::AsymmetricEncrypt>(key, algorithm, plaintext, label);
}

Result<SecretBuffer> RemoteEncrypter::decrypt(const KeyRecord& key,
                                              const psa::AsymmetricEncryption& algorithm,
                                              ByteView ciphertext, ByteView label) {
  return pool_.call<Operation::AsymmetricDecrypt>(key, algorithm, ciphertext, label);
}

Result<Bytes> RemoteAead::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                  const AeadInput& input, ByteView plaintext) {
  return pool_.call<Operation::AeadEncrypt>(key, algorithm, input, plaintext);
}

Result<SecretBuffer> RemoteAead::decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                         const AeadInput& input, ByteView ciphertext) {
  return pool_.call<Operation::AeadDecrypt>(key, algorithm, input, ciphertext);
}

Result<Bytes> RemoteCipher::encrypt(const KeyRecord& key, psa::Cipher algorithm,
                                    ByteView plaintext) {
  return pool_.call<Operation::CipherEncrypt>(key, algorithm, plaintext);
}

Result<SecretBuffer> RemoteCipher::decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                           ByteView ciphertext) {
  return pool_.call<Operation::CipherDecrypt>(key, algorithm, ciphertext);
}

Result<Bytes> RemoteMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                       ByteView input) {
  return pool_.call<Operation::ComputeMac>(key, algorithm, input);
}

Result<> RemoteMacSigner::verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                                 ByteView mac) {
  return pool_.call<Operation::VerifyMac>(key, algorithm, input, mac);
}

Result<SecretBuffer> RemoteKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                            ByteView peer) {
  return pool_.call<Operation::Agree>(key, algorithm, peer);
}

Result<SecretBuffer> RemoteRandomSource::generate(std::size_t size) {
  auto all = TRY(SecretBuffer::of_size(size));
  MutableByteView rest = all.reveal_mutable();
  while (!rest.empty()) {
    const std::uint64_t next = std::min(rest.size(), kRandomAtOnce);
    auto piece = TRY(pool_.call<Operation::Random>(next));
    if (piece.size() != next)
      return fail(Status::PsaErrorCommunicationFailure,
                  fmt::format("a token worker gave {} random bytes for {}", piece.size(), next));
    std::ranges::copy(piece.reveal(), rest.begin());
    rest = rest.subspan(next);
  }
  return all;
}

}  // namespace strongroom::token_worker
