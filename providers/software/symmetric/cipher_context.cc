#include "providers/software/symmetric/cipher_context.h"

#include <climits>

#include "providers/software/key_types.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<const EVP_CIPHER*> cipher_for(const Algorithms& algorithms, const KeyRecord& key,
                                     Mode mode) {
  const psa::KeyAttributes& attributes = key.attributes;
  const EVP_CIPHER* cipher = algorithms.cipher(attributes.type.kind, attributes.bits, mode);
  if (cipher == nullptr) return key_not_offered(attributes.type, attributes.bits);
  if (8 * key.material.size() != attributes.bits)
    return fail(Status::PsaErrorDataCorrupt, "a key of another length than recorded");
  return cipher;
}

Result<> check_countable(ByteView input) {
  constexpr std::size_t kLongest = static_cast<std::size_t>(INT_MAX) - EVP_MAX_BLOCK_LENGTH;
  if (input.size() <= kLongest) return {};
  return fail(Status::PsaErrorInvalidArgument, "input of more than 2 GiB");
}

Result<Owned<EVP_CIPHER_CTX>> context_of(const EVP_CIPHER* cipher, Direction direction) {
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  int is_encryption = static_cast<int>(direction);
  if (!context ||
      EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, is_encryption, nullptr) != 1)
    return std::unexpected(openssl_error("EVP_CipherInit_ex2"));
  return context;
}

Result<> set_key(EVP_CIPHER_CTX* context, const KeyRecord& key, ByteView iv) {
  constexpr int kAsBefore = -1;
  auto key_size = static_cast<int>(key.material.size());
  if (EVP_CIPHER_CTX_get_key_length(context) != key_size &&
      EVP_CIPHER_CTX_set_key_length(context, key_size) != 1)
    return std::unexpected(openssl_error("EVP_CIPHER_CTX_set_key_length"));
  if (EVP_CipherInit_ex2(context, nullptr, octets(key.material.reveal()),
                         iv.empty() ? nullptr : octets(iv), kAsBefore, nullptr) != 1)
    return std::unexpected(openssl_error("EVP_CipherInit_ex2"));
  return {};
}

Result<Owned<EVP_CIPHER_CTX>> context_with(const EVP_CIPHER* cipher, Direction direction,
                                           const KeyRecord& key, ByteView iv) {
  auto context = TRY(context_of(cipher, direction));
  TRY(set_key(context.get(), key, iv));
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  return context;
}

Result<> transform(EVP_CIPHER_CTX* context, ByteView input, MutableByteView output) {
  if (input.empty()) return {};
  int written = 0;
  if (EVP_CipherUpdate(context, octets(output), &written, octets(input),
                       static_cast<int>(input.size())) != 1)
    return std::unexpected(openssl_error("EVP_CipherUpdate"));
  if (static_cast<std::size_t>(written) == input.size()) return {};
  return fail(Status::PsaErrorGenericError, "EVP_CipherUpdate: not all of the input came out");
}

bool has_equal_halves(const SecretBuffer& key) noexcept {
  std::size_t half = key.size() / 2;
  return equal_in_constant_time(key.reveal().first(half), key.reveal().subspan(half));
}

}  // namespace strongroom::software
