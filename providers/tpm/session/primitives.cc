#include "providers/tpm/session/primitives.h"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "providers/software/openssl_error.h"

namespace strongroom::tpm {
namespace {

using software::openssl_error;
using software::Owned;

struct DigestContextRelease {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using OwnedDigestContext = std::unique_ptr<EVP_MD_CTX, DigestContextRelease>;

// HMAC's key may be empty, but OpenSSL takes no null pointer for it.
const unsigned char* key_octets(ByteView key) {
  static constexpr std::byte kNothing{};
  return key.empty() ? octets(ByteView(&kNothing, 1)) : octets(key);
}

std::array<std::byte, 4> big_endian(std::size_t value) {
  return {static_cast<std::byte>(value >> 24 & 0xff), static_cast<std::byte>(value >> 16 & 0xff),
          static_cast<std::byte>(value >> 8 & 0xff), static_cast<std::byte>(value & 0xff)};
}

constexpr std::array kTerminator = {std::byte{0}};

// Block after block of `write_block`, which takes the counter and where to write, cut to what is
// asked for. In place, so that no copy is left anywhere.
template <typename WriteBlock>
Result<SecretBuffer> blocks(std::size_t bytes, WriteBlock write_block) {
  const std::size_t count = (bytes + kDigestSize - 1) / kDigestSize;
  auto derived = TRY(SecretBuffer::of_size(count * kDigestSize));
  for (std::size_t i = 0; i < count; ++i)
    TRY(write_block(big_endian(i + 1),
                    derived.reveal_mutable().subspan(i * kDigestSize, kDigestSize)));
  derived.shrink_to(bytes);
  return derived;
}

}  // namespace

Result<Primitives> Primitives::load() {
  Primitives loaded;
  loaded.sha256_.reset(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  loaded.aes_.reset(EVP_CIPHER_fetch(nullptr, "AES-128-CFB", nullptr));
  Owned<EVP_MAC> hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!loaded.sha256_ || !loaded.aes_ || !hmac)
    return std::unexpected(openssl_error("fetching SHA-256, AES-128-CFB and HMAC"));
  loaded.hmac_.reset(EVP_MAC_CTX_new(hmac.get()));
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  if (!loaded.hmac_ || EVP_MAC_CTX_set_params(loaded.hmac_.get(), parameters.data()) != 1)
    return std::unexpected(openssl_error("EVP_MAC_CTX_set_params"));
  return loaded;
}

Result<Digest> Primitives::sha256(std::initializer_list<ByteView> parts) const {
  Digest digest;
  TRY(write_sha256(parts, digest));
  return digest;
}

Result<Digest> Primitives::hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) const {
  Digest mac;
  TRY(write_hmac_sha256(key, parts, mac));
  return mac;
}

Result<> Primitives::write_sha256(std::initializer_list<ByteView> parts,
                                  MutableByteView out) const {
  OwnedDigestContext context(EVP_MD_CTX_new());
  bool is_done = context && EVP_DigestInit_ex2(context.get(), sha256_.get(), nullptr) == 1;
  for (ByteView part : parts)
    is_done = is_done && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  is_done = is_done && EVP_DigestFinal_ex(context.get(), octets(out), nullptr) == 1;
  if (!is_done) return std::unexpected(openssl_error("EVP_DigestFinal_ex"));
  return {};
}

Result<> Primitives::write_hmac_sha256(ByteView key, std::initializer_list<ByteView> parts,
                                       MutableByteView out) const {
  Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_dup(hmac_.get()));
  bool is_done = context && EVP_MAC_init(context.get(), key_octets(key), key.size(), nullptr) == 1;
  for (ByteView part : parts)
    is_done = is_done && EVP_MAC_update(context.get(), octets(part), part.size()) == 1;
  std::size_t size = 0;
  is_done = is_done && EVP_MAC_final(context.get(), octets(out), &size, out.size()) == 1;
  if (!is_done) return std::unexpected(openssl_error("EVP_MAC_final"));
  return {};
}

Result<> Primitives::aes_128_cfb(Direction direction, ByteView key_and_iv,
                                 MutableByteView data) const {
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  int size = 0;
  bool is_done =
      context &&
      EVP_CipherInit_ex2(context.get(), aes_.get(), octets(key_and_iv.first(kAesKeySize)),
                         octets(key_and_iv.subspan(kAesKeySize, kAesBlockSize)),
                         direction == Direction::Encrypt ? 1 : 0, nullptr) == 1 &&
      EVP_CipherUpdate(context.get(), octets(data), &size, octets(ByteView(data)),
                       static_cast<int>(data.size())) == 1;
  if (!is_done) return std::unexpected(openssl_error("EVP_CipherUpdate"));
  return {};
}

Result<SecretBuffer> Primitives::kdf_a(ByteView key, std::string_view label, ByteView context_u,
                                       ByteView context_v, std::size_t bytes) const {
  auto bits = big_endian(8 * bytes);
  return blocks(bytes, [&](std::array<std::byte, 4> counter, MutableByteView out) {
    return write_hmac_sha256(
        key, {counter, view_of(label), kTerminator, context_u, context_v, bits}, out);
  });
}

Result<SecretBuffer> Primitives::kdf_e(ByteView z, std::string_view label, ByteView party_u,
                                       ByteView party_v, std::size_t bytes) const {
  return blocks(bytes, [&](std::array<std::byte, 4> counter, MutableByteView out) {
    return write_sha256({counter, z, view_of(label), kTerminator, party_u, party_v}, out);
  });
}

}  // namespace strongroom::tpm
