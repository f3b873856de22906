#include "tests/conformance/service/key_uses.h"

#include "tests/conformance/service/service_conformance.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyType::Kind;
using Flags = psa::UsageFlags;

template <typename T>
ClientResult<> outcome(ClientResult<T> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

Bytes bytes_for(Input input, std::size_t good, std::size_t refused) {
  return Bytes(input == Input::Good ? good : refused, std::byte{1});
}

const auto& signature_in(const psa::Algorithm& algorithm) {
  return std::get<psa::AsymmetricSignature>(algorithm);
}
const auto& encryption_in(const psa::Algorithm& algorithm) {
  return std::get<psa::AsymmetricEncryption>(algorithm);
}
const auto& aead_in(const psa::Algorithm& algorithm) {
  return std::get<psa::Aead>(algorithm);
}
psa::Cipher cipher_in(const psa::Algorithm& algorithm) {
  return std::get<psa::Cipher>(algorithm);
}
const auto& mac_in(const psa::Algorithm& algorithm) {
  return std::get<psa::Mac>(algorithm);
}

ClientResult<> sign_hash(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                         Input input) {
  return outcome(client.sign_hash(key, signature_in(algorithm), bytes_for(input, 32, 31)));
}
ClientResult<> verify_hash(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                           Input input) {
  return client.verify_hash(key, signature_in(algorithm), bytes_for(input, 32, 31), counting(64));
}
ClientResult<> sign_message(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                            Input) {
  return outcome(client.sign_message(key, signature_in(algorithm), view_of("message")));
}
ClientResult<> verify_message(Client& client, const std::string& key,
                              const psa::Algorithm& algorithm, Input) {
  return client.verify_message(key, signature_in(algorithm), view_of("message"), counting(64));
}
ClientResult<> asymmetric_encrypt(Client& client, const std::string& key,
                                  const psa::Algorithm& algorithm, Input input) {
  return outcome(client.asymmetric_encrypt(key, encryption_in(algorithm), bytes_for(input, 9, 0)));
}
ClientResult<> asymmetric_decrypt(Client& client, const std::string& key,
                                  const psa::Algorithm& algorithm, Input input) {
  return outcome(
      client.asymmetric_decrypt(key, encryption_in(algorithm), bytes_for(input, 256, 0)));
}
ClientResult<> aead_encrypt(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                            Input input) {
  return outcome(client.aead_encrypt(key, aead_in(algorithm), bytes_for(input, 12, 0), {},
                                     view_of("plaintext")));
}
ClientResult<> aead_decrypt(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                            Input input) {
  return outcome(
      client.aead_decrypt(key, aead_in(algorithm), bytes_for(input, 12, 0), {}, counting(32)));
}
ClientResult<> cipher_encrypt(Client& client, const std::string& key,
                              const psa::Algorithm& algorithm, Input input) {
  return outcome(client.cipher_encrypt(key, cipher_in(algorithm), bytes_for(input, 32, 0)));
}
ClientResult<> cipher_decrypt(Client& client, const std::string& key,
                              const psa::Algorithm& algorithm, Input input) {
  return outcome(client.cipher_decrypt(key, cipher_in(algorithm), bytes_for(input, 32, 0)));
}
ClientResult<> mac_compute(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                           Input input) {
  return outcome(client.mac_compute(key, mac_in(algorithm), bytes_for(input, 32, 0)));
}
ClientResult<> mac_verify(Client& client, const std::string& key, const psa::Algorithm& algorithm,
                          Input input) {
  return client.mac_verify(key, mac_in(algorithm), bytes_for(input, 32, 0), counting(16));
}
ClientResult<> raw_key_agreement(Client& client, const std::string& key,
                                 const psa::Algorithm& algorithm, Input input) {
  const psa::KeyType point{Kind::EccPublicKey, psa::EccFamily::SecpR1};
  Bytes peer = input == Input::Good ? fixed_key(point, 256) : Bytes();
  return outcome(client.raw_key_agreement(key, std::get<psa::KeyAgreement>(algorithm).raw, peer));
}

std::vector<KeyUse> make_all() {
  const auto pair = curve_key_of(Kind::EccKeyPair, 256, testing::kEcdsaSha256);
  const auto agreeing = curve_key_of(Kind::EccKeyPair, 256, testing::kRawEcdh);
  const auto rsa = key_of(Kind::RsaKeyPair, 2048, testing::kOaepSha256);
  const auto gcm = key_of(Kind::Aes, 128, testing::kAesGcm);
  const auto ctr = key_of(Kind::Aes, 128, psa::Cipher::Ctr);
  const auto mac =
      key_of(Kind::Aes, 128, psa::Mac{psa::Mac::Kind::CbcMac, std::nullopt, std::nullopt});
  return {
      {"sign-hash", pair, &Flags::sign_hash, true, &sign_hash},
      {"verify-hash", pair, &Flags::verify_hash, true, &verify_hash},
      {"sign-message", pair, &Flags::sign_message, false, &sign_message},
      {"verify-message", pair, &Flags::verify_message, false, &verify_message},
      {"asymmetric-encrypt", rsa, &Flags::encrypt, true, &asymmetric_encrypt},
      {"asymmetric-decrypt", rsa, &Flags::decrypt, true, &asymmetric_decrypt},
      {"aead-encrypt", gcm, &Flags::encrypt, true, &aead_encrypt},
      {"aead-decrypt", gcm, &Flags::decrypt, true, &aead_decrypt},
      {"cipher-encrypt", ctr, &Flags::encrypt, true, &cipher_encrypt},
      {"cipher-decrypt", ctr, &Flags::decrypt, true, &cipher_decrypt},
      {"mac-compute", mac, &Flags::sign_message, true, &mac_compute},
      {"mac-verify", mac, &Flags::verify_message, true, &mac_verify},
      {"raw-key-agreement", agreeing, &Flags::derive, true, &raw_key_agreement},
  };
}

}  // namespace

const std::vector<KeyUse>& all_key_uses() {
  static const std::vector<KeyUse> kUses = make_all();
  return kUses;
}

bool was_permitted(const ClientResult<>& result) {
  return result || result.error().status() == Status::PsaErrorInvalidSignature ||
         result.error().status() == Status::PsaErrorInvalidPadding;
}

}  // namespace strongroom::conformance
