#include "providers/software/wrapping/aes_kwp.h"

#include "base/declassified.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

constexpr std::size_t kBlock = 8;
// PSA_MAX_KEY_BITS of PSA Crypto API 1.1 in bytes, padded, and the block in front.
constexpr std::size_t kLongest = 8'192 + kBlock;

enum class Direction { Unwrap = 0, Wrap = 1 };

Result<Owned<EVP_CIPHER_CTX>> context_for(const EVP_CIPHER* cipher, const SecretBuffer& key,
                                          Direction direction) {
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  if (!context) return std::unexpected(openssl_error("EVP_CIPHER_CTX_new"));
  // OpenSSL refuses these modes to those who do not say that they mean it.
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  if (EVP_CipherInit_ex2(context.get(), cipher, octets(key.reveal()), nullptr,
                         static_cast<int>(direction), nullptr) == 1)
    return context;
  return std::unexpected(openssl_error("EVP_CipherInit_ex2"));
}

std::size_t padded(std::size_t bytes) {
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

}  // namespace

Result<Bytes> kwp_wrapped(const EVP_CIPHER* cipher, const SecretBuffer& key, ByteView data) {
  auto context = TRY(context_for(cipher, key, Direction::Wrap));
  Bytes wrapped(padded(data.size()) + kBlock);
  int written = 0;
  if (EVP_CipherUpdate(context.get(), octets(MutableByteView(wrapped)), &written, octets(data),
                       static_cast<int>(data.size())) != 1)
    return std::unexpected(openssl_error("EVP_CipherUpdate"));
  wrapped.resize(static_cast<std::size_t>(written));
  return wrapped;
}

Result<SecretBuffer> kwp_unwrapped(const EVP_CIPHER* cipher, const SecretBuffer& key,
                                   ByteView wrapped) {
  auto context = TRY(context_for(cipher, key, Direction::Unwrap));
  // Until OpenSSL has checked what stands in front, this is an attacker's text; on failure the
  // buffer wipes it.
  auto data = TRY(SecretBuffer::of_size(wrapped.size()));
  int written = 0;
  if (EVP_CipherUpdate(context.get(), octets(data.reveal_mutable()), &written, octets(wrapped),
                       static_cast<int>(wrapped.size())) != 1)
    return std::unexpected(openssl_refusal("EVP_CipherUpdate", Status::PsaErrorInvalidSignature));
  // The length stands in what was decrypted; it is the new key's, which everybody may know.
  data.shrink_to(static_cast<std::size_t>(declassified(written)));
  return data;
}

bool is_kwp_size(std::size_t bytes) noexcept {
  return bytes % kBlock == 0 && bytes >= 2 * kBlock && bytes <= kLongest;
}

}  // namespace strongroom::software
