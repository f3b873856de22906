#include "providers/token_worker/daemon/remote_facets.h"

#include <algorithm>

#include "providers/pkcs11/facets/access.h"
#include "providers/token_worker/daemon/answer_checks.h"

namespace strongroom::token_worker {
namespace {

constexpr std::size_t kRandomAtOnce = std::size_t{16} * 1024;

// The most that a mode adds: an IV, and the padding.
constexpr std::size_t kMostOfIv = 16;
constexpr std::size_t kMostOfPadding = 16;

// What a worker says with a key of a curve is proven once, by what nobody but the public key has a
// say in. Others than the key in the token cannot have made it then.
template <typename Verify>
Result<> check_signature(ByteView signature, const KeyRecord& key, Worker& worker, Verify verify) {
  TRY(check_size(signature.size(), signature_size(key)));
  if (!key.attributes.type.is_ecc() || worker.proven.has(key)) return {};
  TRY(verify());
  worker.proven.add(key);
  return {};
}

Result<> check_can_sign(const KeyRecord& key) {
  if (key.attributes.type.is_key_pair()) return {};
  return fail(Status::PsaErrorInvalidArgument, "a public key cannot sign");
}

}  // namespace

// A token cannot be stopped in the middle of it.
Result<NewKey> RemoteKeyManager::generate(const psa::KeyAttributes& attributes,
                                          std::stop_token stop, SecretBuffer material) {
  if (stop.stop_requested()) return fail(Status::PsaErrorGenericError, "stopped");
  auto own = TRY(pkcs11::material_or_new(std::move(material)));
  return pool_.call_checked<Operation::Generate>(
      [&](const NewKey& made, Worker&) {
        return check_generated(software_, made, attributes, own);
      },
      own, attributes);
}

Result<NewKey> RemoteKeyManager::import(const psa::KeyAttributes& attributes, ByteView data,
                                        SecretBuffer material) {
  auto own = TRY(pkcs11::material_or_new(std::move(material)));
  const auto given = TRY(software_.keys()->import(attributes, data));
  return pool_.call_checked<Operation::Import>(
      [&](const NewKey& made, Worker&) { return check_imported(made, given, own); }, own,
      attributes, data);
}

Result<SecretBuffer> RemoteKeyManager::export_key(const KeyRecord& key) {
  return pool_.call_checked<Operation::Export>(
      [&](const SecretBuffer& exported, Worker&) {
        return check_exported(software_, exported, key);
      },
      key);
}

Result<> RemoteKeyManager::destroy(const KeyRecord& key) {
  TRY(software_.keys()->destroy(key));
  if (key.material.is_empty()) return {};
  auto destroyed = pool_.call<Operation::Destroy>(key);
  if (!destroyed && destroyed.error().status() == Status::PsaErrorDoesNotExist) return {};
  return destroyed;
}

Result<std::vector<SecretBuffer>> RemoteInventory::materials() {
  return pool_.call_checked<Operation::Materials>(
      [](const std::vector<SecretBuffer>& all, Worker&) { return check_own(all); });
}

Result<> RemoteInventory::look_for(const KeyRecord& key) {
  return pool_.call<Operation::LookFor>(key);
}

Result<std::string> RemoteInventory::describe(const SecretBuffer& material) {
  auto told = TRY(pool_.call<Operation::Describe>(material));
  return words_for_a_log(told);
}

Result<Bytes> RemoteSigner::sign_hash(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView hash) {
  TRY(check_can_sign(key));
  return pool_.call_checked<Operation::SignHash>(
      [&](const Bytes& signature, Worker& worker) {
        return check_signature(signature, key, worker, [&] {
          return software_.signer()->verify_hash(pkcs11::public_half(key), algorithm, hash,
                                                 signature);
        });
      },
      key, algorithm, hash);
}

Result<> RemoteSigner::verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                                   ByteView hash, ByteView signature) {
  return software_.signer()->verify_hash(pkcs11::public_half(key), algorithm, hash, signature);
}

Result<Bytes> RemoteSigner::sign_message(const KeyRecord& key,
                                         const psa::AsymmetricSignature& algorithm,
                                         ByteView message) {
  TRY(check_can_sign(key));
  return pool_.call_checked<Operation::SignMessage>(
      [&](const Bytes& signature, Worker& worker) {
        return check_signature(signature, key, worker, [&] {
          return software_.signer()->verify_message(pkcs11::public_half(key), algorithm, message,
                                                    signature);
        });
      },
      key, algorithm, message);
}

Result<> RemoteSigner::verify_message(const KeyRecord& key,
                                      const psa::AsymmetricSignature& algorithm, ByteView message,
                                      ByteView signature) {
  return software_.signer()->verify_message(pkcs11::public_half(key), algorithm, message,
                                            signature);
}

Result<Bytes> RemoteEncrypter::encrypt(const KeyRecord& key,
                                       const psa::AsymmetricEncryption& algorithm,
                                       ByteView plaintext, ByteView label) {
  return software_.encrypter()->encrypt(pkcs11::public_half(key), algorithm, plaintext, label);
}

Result<SecretBuffer> RemoteEncrypter::decrypt(const KeyRecord& key,
                                              const psa::AsymmetricEncryption& algorithm,
                                              ByteView ciphertext, ByteView label) {
  return pool_.call_checked<Operation::AsymmetricDecrypt>(
      [&](const SecretBuffer& text, Worker&) {
        return check_no_longer(text.size(), ciphertext.size());
      },
      key, algorithm, ciphertext, label);
}

Result<Bytes> RemoteAead::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                  const AeadInput& input, ByteView plaintext) {
  const std::size_t size = plaintext.size() + algorithm.tag_size();
  return pool_.call_checked<Operation::AeadEncrypt>(
      [&](const Bytes& text, Worker&) { return check_size(text.size(), size); }, key, algorithm,
      input, plaintext);
}

Result<SecretBuffer> RemoteAead::decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                         const AeadInput& input, ByteView ciphertext) {
  const std::size_t size =
      ciphertext.size() - std::min<std::size_t>(ciphertext.size(), algorithm.tag_size());
  return pool_.call_checked<Operation::AeadDecrypt>(
      [&](const SecretBuffer& text, Worker&) { return check_size(text.size(), size); }, key,
      algorithm, input, ciphertext);
}

Result<Bytes> RemoteCipher::encrypt(const KeyRecord& key, psa::Cipher algorithm,
                                    ByteView plaintext) {
  const std::size_t most = plaintext.size() + kMostOfIv + kMostOfPadding;
  return pool_.call_checked<Operation::CipherEncrypt>(
      [&](const Bytes& text, Worker&) { return check_no_longer(text.size(), most); }, key,
      algorithm, plaintext);
}

Result<SecretBuffer> RemoteCipher::decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                           ByteView ciphertext) {
  return pool_.call_checked<Operation::CipherDecrypt>(
      [&](const SecretBuffer& text, Worker&) {
        return check_no_longer(text.size(), ciphertext.size());
      },
      key, algorithm, ciphertext);
}

Result<Bytes> RemoteMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                       ByteView input) {
  return pool_.call_checked<Operation::ComputeMac>(
      [&](const Bytes& text, Worker&) { return check_size(text.size(), mac_size(key, algorithm)); },
      key, algorithm, input);
}

Result<> RemoteMacSigner::verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                                 ByteView mac) {
  auto computed = TRY(compute(key, algorithm, input));
  const bool is_same = equal_in_constant_time(computed, mac);
  wipe(computed);
  if (is_same) return {};
  return fail(Status::PsaErrorInvalidSignature, "the MAC does not match");
}

Result<SecretBuffer> RemoteKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                            ByteView peer) {
  return pool_.call_checked<Operation::Agree>(
      [&](const SecretBuffer& text, Worker&) { return check_size(text.size(), agreed_size(key)); },
      key, algorithm, peer);
}

Result<SecretBuffer> RemoteRandomSource::generate(std::size_t size) {
  auto all = TRY(SecretBuffer::of_size(size));
  MutableByteView rest = all.reveal_mutable();
  while (!rest.empty()) {
    const std::uint64_t next = std::min(rest.size(), kRandomAtOnce);
    auto piece = TRY(pool_.call_checked<Operation::Random>(
        [&](const SecretBuffer& made, Worker&) { return check_size(made.size(), next); }, next));
    std::ranges::copy(piece.reveal(), rest.begin());
    rest = rest.subspan(next);
  }
  return all;
}

}  // namespace strongroom::token_worker
