#include "providers/software/aead.h"

#include <climits>

#include "providers/software/capabilities.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

constexpr std::size_t kLongestNonce = 128;

// What EVP_CipherUpdate can count in one call.
Result<> check_lengths(const AeadInput& input, ByteView text) {
  constexpr auto kLongest = static_cast<std::size_t>(INT_MAX);
  if (input.nonce.empty() || input.nonce.size() > kLongestNonce)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a nonce of {} bytes", input.nonce.size()));
  if (input.additional_data.size() > kLongest || text.size() > kLongest)
    return fail(Status::PsaErrorInvalidArgument, "input of more than 2 GiB");
  return {};
}

// Without output: additional data. OpenSSL takes an empty input for the end, so it gets none.
Result<> update(EVP_CIPHER_CTX* context, ByteView input, std::byte* output) {
  if (input.empty()) return {};
  int written = 0;
  if (EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(output), &written, octets(input),
                       static_cast<int>(input.size())) == 1)
    return {};
  return std::unexpected(openssl_error("EVP_CipherUpdate"));
}

// GCM has nothing left to write at the end.
bool finish(EVP_CIPHER_CTX* context) {
  unsigned char nothing[EVP_MAX_BLOCK_LENGTH];
  int written = 0;
  return EVP_CipherFinal_ex(context, nothing, &written) == 1;
}

}  // namespace

Result<Bytes> EvpAeadCipher::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                     const AeadInput& input, ByteView plaintext) {
  TRY(check_lengths(input, plaintext));
  auto context = TRY(begin(key, algorithm, input, Direction::Encrypt));
  Bytes ciphertext(plaintext.size() + algorithm.tag_size());
  TRY(update(context.get(), plaintext, ciphertext.data()));
  auto tag = MutableByteView(ciphertext).subspan(plaintext.size());
  if (!finish(context.get()) || EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG,
                                                    static_cast<int>(tag.size()), tag.data()) != 1)
    return std::unexpected(openssl_error("EVP_CipherFinal_ex"));
  return ciphertext;
}

Result<SecretBuffer> EvpAeadCipher::decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                            const AeadInput& input, ByteView ciphertext) {
  TRY(check_lengths(input, ciphertext));
  auto context = TRY(begin(key, algorithm, input, Direction::Decrypt));
  if (ciphertext.size() < algorithm.tag_size())
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a ciphertext of {} bytes has no tag", ciphertext.size()));
  std::size_t size = ciphertext.size() - algorithm.tag_size();
  Bytes tag = copy_of(ciphertext.subspan(size));
  if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                          tag.data()) != 1)
    return std::unexpected(openssl_error("EVP_CTRL_AEAD_SET_TAG"));
  // Until the tag has been checked this is an attacker's text; on failure the buffer wipes it.
  auto plaintext = TRY(SecretBuffer::of_size(size));
  TRY(update(context.get(), ciphertext.first(size), plaintext.reveal_mutable().data()));
  if (!finish(context.get()))
    return std::unexpected(openssl_refusal("EVP_CipherFinal_ex", Status::PsaErrorInvalidSignature));
  return plaintext;
}

Result<Owned<EVP_CIPHER_CTX>> EvpAeadCipher::begin(const KeyRecord& key, const psa::Aead& algorithm,
                                                   const AeadInput& input,
                                                   Direction direction) const {
  if (algorithm.kind == psa::Aead::Kind::Gcm && !is_gcm_tag_size(algorithm.tag_size()))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("GCM has no tag of {} bytes", algorithm.tag_size()));
  TRY(check_aead(key.attributes.type, algorithm));
  const EVP_CIPHER* cipher = algorithms_.gcm(key.attributes.bits);
  if (cipher == nullptr || 8 * key.material.size() != key.attributes.bits)
    return fail(Status::PsaErrorDataCorrupt, "an AES key of another length than recorded");
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  int is_encryption = static_cast<int>(direction);
  if (!context ||
      EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, is_encryption, nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN,
                          static_cast<int>(input.nonce.size()), nullptr) != 1 ||
      EVP_CipherInit_ex2(context.get(), nullptr, octets(key.material.reveal()), octets(input.nonce),
                         is_encryption, nullptr) != 1)
    return std::unexpected(openssl_error("EVP_CipherInit_ex2"));
  TRY(update(context.get(), input.additional_data, nullptr));
  return context;
}

}  // namespace strongroom::software
