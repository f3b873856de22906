#include "providers/software/symmetric/cipher.h"

#include <algorithm>
#include <array>

#include <openssl/rand.h>

#include "base/declassified.h"
#include "providers/software/capabilities.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

// SP 800-38E §4: 2^20 blocks.
constexpr std::size_t kLongestXts = std::size_t{16} << 20;
constexpr std::size_t kAesBlock = 16;
constexpr std::size_t kChacha20Nonce = 12;

bool is_chacha20(const KeyRecord& key) {
  return key.attributes.type.kind == psa::KeyType::Kind::Chacha20;
}

bool needs_whole_blocks(psa::Cipher algorithm) {
  return algorithm == psa::Cipher::EcbNoPadding || algorithm == psa::Cipher::CbcNoPadding;
}

// What stands in front of a ciphertext.
std::size_t iv_size(const KeyRecord& key, const EVP_CIPHER* cipher) {
  if (is_chacha20(key)) return kChacha20Nonce;
  return static_cast<std::size_t>(EVP_CIPHER_get_iv_length(cipher));
}

// What OpenSSL calls the IV; of ChaCha20 it is the block's number, little-endian, and the nonce.
Bytes native_iv(const KeyRecord& key, ByteView iv) {
  Bytes native((is_chacha20(key) ? 4 : 0) + iv.size());
  std::ranges::copy_backward(iv, native.end());
  return native;
}

std::size_t block_size_of(const EVP_CIPHER* cipher) {
  return static_cast<std::size_t>(EVP_CIPHER_get_block_size(cipher));
}

Result<> check_length(psa::Cipher algorithm, const EVP_CIPHER* cipher, std::size_t size) {
  bool is_good = true;
  if (algorithm == psa::Cipher::Xts) is_good = size >= kAesBlock && size <= kLongestXts;
  if (needs_whole_blocks(algorithm)) is_good = size % block_size_of(cipher) == 0;
  if (is_good) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes cannot be encrypted with '{}'", size, to_string(algorithm)));
}

// RFC 5652 §6.3: what is left after the whole blocks, and as many bytes as are missing, each of
// that value.
Result<SecretBuffer> last_block(ByteView rest, std::size_t block_size) {
  auto block = TRY(SecretBuffer::of_size(block_size));
  std::ranges::fill(block.reveal_mutable(), static_cast<std::byte>(block_size - rest.size()));
  std::ranges::copy(rest, block.reveal_mutable().begin());
  return block;
}

Result<> draw(MutableByteView iv) {
  if (iv.empty() || RAND_bytes(octets(iv), static_cast<int>(iv.size())) == 1) return {};
  return std::unexpected(openssl_error("RAND_bytes"));
}

// All ones when a < b, else zero. Both are far below 2^31.
constexpr unsigned mask_if_less(unsigned a, unsigned b) {
  return 0U - ((a - b) >> 31);
}

}  // namespace

Result<std::size_t> unpadded_size(ByteView blocks, std::size_t block_size) {
  auto size = static_cast<unsigned>(block_size);
  auto claimed = std::to_integer<unsigned>(blocks.back());
  unsigned wrong = mask_if_less(claimed, 1) | mask_if_less(size, claimed);
  for (unsigned from_end = 0; from_end < size; ++from_end) {
    auto octet = std::to_integer<unsigned>(blocks[blocks.size() - 1 - from_end]);
    wrong |= mask_if_less(from_end, claimed) & (octet ^ claimed);
  }
  if (declassified(wrong) != 0)
    return fail(Status::PsaErrorInvalidPadding, "the padding is not PKCS#7's");
  return blocks.size() - declassified(claimed);
}

Result<Bytes> EvpCipher::encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) {
  const auto* cipher = TRY(cipher_of(key, algorithm));
  TRY(check_countable(plaintext));
  TRY(check_length(algorithm, cipher, plaintext.size()));
  bool is_padded = algorithm == psa::Cipher::CbcPkcs7;
  ByteView rest;
  if (is_padded) {
    rest = plaintext.last(plaintext.size() % block_size_of(cipher));
    plaintext = plaintext.first(plaintext.size() - rest.size());
  }
  Bytes ciphertext(iv_size(key, cipher) + plaintext.size() +
                   (is_padded ? block_size_of(cipher) : 0));
  auto iv = MutableByteView(ciphertext).first(iv_size(key, cipher));
  auto out = MutableByteView(ciphertext).subspan(iv.size());
  TRY(draw(iv));
  auto context = TRY(context_with(cipher, Direction::Encrypt, key, native_iv(key, iv)));
  TRY(transform(context.get(), plaintext, out));
  if (!is_padded) return ciphertext;
  auto last = TRY(last_block(rest, block_size_of(cipher)));
  TRY(transform(context.get(), last.reveal(), out.subspan(plaintext.size())));
  return ciphertext;
}

Result<SecretBuffer> EvpCipher::decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                        ByteView ciphertext) {
  const auto* cipher = TRY(cipher_of(key, algorithm));
  TRY(check_countable(ciphertext));
  if (ciphertext.size() < iv_size(key, cipher))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a ciphertext of {} bytes has no IV", ciphertext.size()));
  ByteView iv = ciphertext.first(iv_size(key, cipher));
  ciphertext = ciphertext.subspan(iv.size());
  TRY(check_length(algorithm, cipher, ciphertext.size()));
  bool is_padded = algorithm == psa::Cipher::CbcPkcs7;
  if (is_padded && (ciphertext.empty() || ciphertext.size() % block_size_of(cipher) != 0))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are no whole blocks", ciphertext.size()));
  auto context = TRY(context_with(cipher, Direction::Decrypt, key, native_iv(key, iv)));
  auto plaintext = TRY(SecretBuffer::of_size(ciphertext.size()));
  TRY(transform(context.get(), ciphertext, plaintext.reveal_mutable()));
  if (!is_padded) return plaintext;
  auto size = TRY(unpadded_size(plaintext.reveal(), block_size_of(cipher)));
  plaintext.shrink_to(size);
  return plaintext;
}

Result<const EVP_CIPHER*> EvpCipher::cipher_of(const KeyRecord& key, psa::Cipher algorithm) const {
  TRY(check_cipher(algorithms_, shape_of(key), algorithm));
  if (algorithm == psa::Cipher::Xts && has_equal_halves(key.material))
    return fail(Status::PsaErrorInvalidArgument, "the two halves of the XTS key are equal");
  return cipher_for(algorithms_, key, mode_of(algorithm));
}

}  // namespace strongroom::software
