#include "service/store/sealed/sealing.h"

#include <limits>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace strongroom {
namespace {

constexpr std::size_t kCipherKeySize = 32;
constexpr std::size_t kIvSize = 12;

struct OpensslRelease {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_KDF* kdf) const noexcept { EVP_KDF_free(kdf); }
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
  void operator()(EVP_MAC* mac) const noexcept { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, OpensslRelease>;

// Fetched once: a fetch costs more than the encryption.
struct Algorithms {
  Owned<EVP_CIPHER> gcm{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)};
  Owned<EVP_KDF> hkdf{EVP_KDF_fetch(nullptr, "HKDF", nullptr)};
  Owned<EVP_MAC> hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  bool are_complete() const noexcept { return gcm && hkdf && hmac; }
};

const Algorithms& algorithms() {
  static const Algorithms fetched;
  return fetched;
}

std::unexpected<Error> crypto_failure(std::string_view call,
                                      Status status = Status::PsaErrorGenericError) {
  unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  return fail(status, fmt::format("{}: {:#x}", call, code));
}

std::string_view info_of(SealedKind kind) {
  switch (kind) {
    case SealedKind::Record: return "strongroom record v1";
    case SealedKind::Head: return "strongroom head v1";
    case SealedKind::WrappedKey: return "strongroom wrapped key v1";
    case SealedKind::Counter: return "strongroom counter v1";
  }
  return {};
}

OSSL_PARAM octet_param(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(bytes.data()),
                                           bytes.size());
}

OSSL_PARAM sha256_param(const char* name) {
  static char digest[] = "SHA256";
  return OSSL_PARAM_construct_utf8_string(name, digest, 0);
}

// EVP counts in int.
bool fits(ByteView bytes) {
  return bytes.size() <= std::numeric_limits<int>::max();
}

struct GcmKey {
  ByteView key_and_iv;
  const unsigned char* key() const { return octets(key_and_iv.first(kCipherKeySize)); }
  const unsigned char* iv() const { return octets(key_and_iv.subspan(kCipherKeySize)); }
};

// `out` has room for the text and the tag.
Result<> encrypt(GcmKey key, ByteView associated_data, ByteView text, MutableByteView out) {
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  int written = 0;
  MutableByteView tag = out.subspan(text.size());
  if (!context ||
      EVP_EncryptInit_ex2(context.get(), algorithms().gcm.get(), key.key(), key.iv(), nullptr) !=
          1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &written, octets(associated_data),
                        static_cast<int>(associated_data.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), octets(out), &written, octets(text),
                        static_cast<int>(text.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), octets(tag), &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, Sealer::kTagSize, octets(tag)) != 1)
    return crypto_failure("sealing");
  return {};
}

// False when the tag does not match or libcrypto has no memory.
bool decrypt(GcmKey key, ByteView associated_data, ByteView sealed, MutableByteView out) {
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  ByteView text = sealed.first(out.size());
  Bytes tag = copy_of(sealed.subspan(out.size()));
  std::byte nothing{};
  int written = 0;
  return context &&
         EVP_DecryptInit_ex2(context.get(), algorithms().gcm.get(), key.key(), key.iv(), nullptr) ==
             1 &&
         EVP_DecryptUpdate(context.get(), nullptr, &written, octets(associated_data),
                           static_cast<int>(associated_data.size())) == 1 &&
         (text.empty() || EVP_DecryptUpdate(context.get(), octets(out), &written, octets(text),
                                            static_cast<int>(text.size())) == 1) &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                             tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context.get(), reinterpret_cast<unsigned char*>(&nothing), &written) ==
             1;
}

}  // namespace

struct Sealer::Keyed {
  Owned<EVP_MAC_CTX> context;
};

void Sealer::Release::operator()(Keyed* keyed) const noexcept {
  delete keyed;
}

Result<Sealer> Sealer::with_key(SecretBuffer key) {
  if (!algorithms().are_complete())
    return crypto_failure("fetching AES-256-GCM, HKDF and HMAC", Status::PsaErrorNotSupported);
  Sealer sealer(std::move(key));
  SecretBuffer mac_key = TRY(sealer.derive("strongroom multiset v1", kMacSize));
  Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_new(algorithms().hmac.get()));
  OSSL_PARAM params[] = {sha256_param(OSSL_MAC_PARAM_DIGEST), OSSL_PARAM_construct_end()};
  if (!context ||
      EVP_MAC_init(context.get(), octets(mac_key.reveal()), mac_key.size(), params) != 1)
    return crypto_failure("EVP_MAC_init");
  sealer.keyed_.reset(new Keyed{std::move(context)});
  return sealer;
}

Result<SecretBuffer> Sealer::expand(ByteView salt, std::string_view info, std::size_t size) const {
  SecretBuffer out = TRY(SecretBuffer::of_size(size));
  Owned<EVP_KDF_CTX> context(EVP_KDF_CTX_new(algorithms().hkdf.get()));
  std::array<OSSL_PARAM, 5> params = {sha256_param(OSSL_KDF_PARAM_DIGEST),
                                      octet_param(OSSL_KDF_PARAM_KEY, key_.reveal()),
                                      octet_param(OSSL_KDF_PARAM_INFO, view_of(info)),
                                      OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
  if (!salt.empty()) params[3] = octet_param(OSSL_KDF_PARAM_SALT, salt);
  if (!context ||
      EVP_KDF_derive(context.get(), octets(out.reveal_mutable()), size, params.data()) != 1)
    return crypto_failure("EVP_KDF_derive");
  return out;
}

Result<SecretBuffer> Sealer::derive(std::string_view info, std::size_t size) const {
  return expand({}, info, size);
}

Result<Sealed> Sealer::seal(SealedKind kind, ByteView associated_data, ByteView plaintext) const {
  if (!fits(associated_data) || !fits(plaintext))
    return fail(Status::PsaErrorInvalidArgument, "sealing: text of 2 GiB or more");
  Sealed result{.salt = Bytes(kSaltSize), .sealed = Bytes(plaintext.size() + kTagSize)};
  if (RAND_bytes(octets(MutableByteView(result.salt)), kSaltSize) != 1)
    return crypto_failure("RAND_bytes", Status::PsaErrorInsufficientEntropy);
  SecretBuffer key = TRY(expand(result.salt, info_of(kind), kCipherKeySize + kIvSize));
  TRY(encrypt({key.reveal()}, associated_data, plaintext, result.sealed));
  return result;
}

Result<SecretBuffer> Sealer::unseal(SealedKind kind, ByteView associated_data, ByteView salt,
                                    ByteView sealed) const {
  if (salt.size() != kSaltSize || sealed.size() < kTagSize || !fits(sealed) ||
      !fits(associated_data))
    return fail(Status::PsaErrorDataCorrupt, "unsealing: salt or tag has a wrong length");
  SecretBuffer key = TRY(expand(salt, info_of(kind), kCipherKeySize + kIvSize));
  SecretBuffer plaintext = TRY(SecretBuffer::of_size(sealed.size() - kTagSize));
  if (!decrypt({key.reveal()}, associated_data, sealed, plaintext.reveal_mutable())) {
    ERR_clear_error();
    return fail(Status::PsaErrorDataCorrupt, "unsealing: the seal does not verify");
  }
  return plaintext;
}

Result<Sealer::Mac> Sealer::mac(ByteView text) const {
  Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_dup(keyed_->context.get()));
  Mac result;
  std::size_t written = 0;
  if (!context || EVP_MAC_update(context.get(), octets(text), text.size()) != 1 ||
      EVP_MAC_final(context.get(), octets(MutableByteView(result)), &written, result.size()) != 1)
    return crypto_failure("EVP_MAC_final");
  return result;
}

}  // namespace strongroom
