#include "providers/software/wrapping/key_wrapper.h"

#include "providers/software/capabilities.h"
#include "providers/software/key_types.h"
#include "providers/software/symmetric/cipher_context.h"
#include "providers/software/wrapping/aes_kwp.h"

namespace strongroom::software {
namespace {

constexpr std::uint32_t kBitsBehindRsa = 8 * kKeyBehindRsa;

psa::AsymmetricEncryption oaep(psa::Hash hash) {
  return {.kind = psa::AsymmetricEncryption::Kind::RsaOaep, .hash = hash};
}

// What PsaExportKey gives.
ByteView exported(const KeyRecord& key) {
  return key.attributes.type.is_public_key() ? ByteView(key.public_key) : key.material.reveal();
}

std::size_t size_in_front(const KeyRecord& wrapping, const psa::KeyWrap& algorithm) {
  return algorithm.kind == psa::KeyWrap::Kind::RsaOaepAesKwp ? wrapping.attributes.bits / 8 : 0;
}

Result<> check_size(const KeyRecord& wrapping, const psa::KeyWrap& algorithm, ByteView wrapped) {
  std::size_t in_front = size_in_front(wrapping, algorithm);
  if (wrapped.size() >= in_front && is_kwp_size(wrapped.size() - in_front)) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("'{}' makes no {} bytes of a key", to_string(algorithm), wrapped.size()));
}

// Says nothing about what was to be decrypted.
bool is_shortage(const Error& error) {
  return error.status() == Status::PsaErrorInsufficientMemory ||
         error.status() == Status::PsaErrorInsufficientEntropy;
}

}  // namespace

Result<Bytes> EvpKeyWrapper::wrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                                  const KeyRecord& key) {
  TRY(check_key_wrap(algorithms_, shape_of(wrapping), algorithm));
  return cache_.with_room([&]() -> Result<Bytes> {
    if (algorithm.hash) return wrapped_by_rsa(wrapping, *algorithm.hash, exported(key));
    const auto* cipher = TRY(cipher_for(algorithms_, wrapping, Mode::KeyWrap));
    return kwp_wrapped(cipher, wrapping.material, exported(key));
  });
}

Result<Bytes> EvpKeyWrapper::wrapped_by_rsa(const KeyRecord& wrapping, psa::Hash hash,
                                            ByteView data) {
  auto drawn = TRY(SecretBuffer::random(kKeyBehindRsa));
  Bytes wrapped = TRY(encrypter_.encrypt(wrapping, oaep(hash), drawn.reveal(), {}));
  Bytes behind = TRY(kwp_wrapped(cipher_behind_rsa(), drawn, data));
  wrapped.insert(wrapped.end(), behind.begin(), behind.end());
  return wrapped;
}

Result<NewKey> EvpKeyWrapper::unwrap(const KeyRecord& wrapping, const psa::KeyWrap& algorithm,
                                     ByteView wrapped, const psa::KeyAttributes& attributes) {
  TRY(check_key_wrap(algorithms_, shape_of(wrapping), algorithm));
  TRY(check_key_type(algorithms_, attributes.type, attributes.bits));
  if (wrapping.attributes.type.is_public_key())
    return fail(Status::PsaErrorInvalidArgument, "a public key cannot unwrap");
  TRY(check_size(wrapping, algorithm, wrapped));
  auto data = TRY(cache_.with_room([&] { return unwrapped(wrapping, algorithm, wrapped); }));
  return keys_.import(attributes, data.reveal(), {});
}

Result<SecretBuffer> EvpKeyWrapper::unwrapped(const KeyRecord& wrapping,
                                              const psa::KeyWrap& algorithm, ByteView wrapped) {
  if (algorithm.hash) return unwrapped_by_rsa(wrapping, *algorithm.hash, wrapped);
  const auto* cipher = TRY(cipher_for(algorithms_, wrapping, Mode::KeyWrap));
  return kwp_unwrapped(cipher, wrapping.material, wrapped);
}

Result<SecretBuffer> EvpKeyWrapper::unwrapped_by_rsa(const KeyRecord& wrapping, psa::Hash hash,
                                                     ByteView wrapped) {
  std::size_t modulus = wrapping.attributes.bits / 8;
  // Takes the place of what OAEP does not give: KWP fails then, and fails the same.
  auto key = TRY(SecretBuffer::random(kKeyBehindRsa));
  auto decrypted = encrypter_.decrypt(wrapping, oaep(hash), wrapped.first(modulus), {});
  if (!decrypted && is_shortage(decrypted.error()))
    return std::unexpected(std::move(decrypted).error());
  if (decrypted && decrypted->size() == kKeyBehindRsa) key = *std::move(decrypted);
  return kwp_unwrapped(cipher_behind_rsa(), key, wrapped.subspan(modulus));
}

const EVP_CIPHER* EvpKeyWrapper::cipher_behind_rsa() const noexcept {
  return algorithms_.cipher(psa::KeyType::Kind::Aes, kBitsBehindRsa, Mode::KeyWrap);
}

}  // namespace strongroom::software
