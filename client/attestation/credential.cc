// TPM2_MakeCredential in software: TPM 2.0 r1.59 Part 1 §24 and §B.10.
#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "client/attestation/cryptography.h"
#include "client/attestation/names.h"
#include "client/attestation/reader.h"

namespace strongroom::attestation {
namespace {

constexpr std::size_t kDigestSize = 32;
constexpr std::size_t kAesKeySize = 16;
constexpr std::size_t kLeastSecret = 16;

// Wiped when it goes.
struct Secret {
  explicit Secret(std::size_t size) : bytes(size) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  Bytes bytes;
};

std::unexpected<Failure> failed(std::string_view what) {
  ERR_clear_error();
  return failure(Field::Expectation, what);
}

bool hmac(ByteView key, std::initializer_list<ByteView> parts, MutableByteView out) {
  Bytes joined;
  for (ByteView part : parts)
    joined.insert(joined.end(), part.begin(), part.end());
  bool is_done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                      octets(ByteView(joined)), joined.size(), octets(out), nullptr) != nullptr;
  OPENSSL_cleanse(joined.data(), joined.size());
  return is_done;
}

// KDFa, of one block: Part 1 §11.4.10.2.
bool kdf_a(ByteView key, std::string_view label, ByteView context, MutableByteView out) {
  constexpr std::array kCounter = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  constexpr std::array kEnd = {std::byte{0}};
  const auto bits = static_cast<std::uint32_t>(8 * out.size());
  const std::array size = {std::byte{0}, std::byte{0}, static_cast<std::byte>(bits >> 8),
                           static_cast<std::byte>(bits & 0xff)};
  Secret block(kDigestSize);
  if (!hmac(key, {kCounter, view_of(label), kEnd, context, size}, block.bytes)) return false;
  std::ranges::copy(ByteView(block.bytes).first(out.size()), out.begin());
  return true;
}

// In place, from a zero IV.
bool encrypt(ByteView key, MutableByteView data) {
  constexpr std::array<unsigned char, kAesKeySize> kNoIv{};
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  int size = 0;
  return context &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_128_cfb128(), nullptr, octets(key),
                            kNoIv.data()) == 1 &&
         EVP_EncryptUpdate(context.get(), octets(data), &size, octets(ByteView(data)),
                           static_cast<int>(data.size())) == 1;
}

Bytes sized(ByteView bytes) {
  Bytes out = {static_cast<std::byte>(bytes.size() >> 8),
               static_cast<std::byte>(bytes.size() & 0xff)};
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

Verified<Owned<EVP_PKEY>> endorsement_key_in(ByteView der) {
  const unsigned char* start = octets(der);
  Owned<EVP_PKEY> key(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &start, static_cast<long>(der.size())));
  bool is_whole = key && start == octets(der) + der.size();
  if (!is_whole || EVP_PKEY_get_bits(key.get()) != 2048) {
    ERR_clear_error();
    return failure(Field::PublicKey, "the endorsement key is no RSA key of 2048 bits");
  }
  return key;
}

// The label counts with its NUL.
Verified<Bytes> encrypted_seed(EVP_PKEY* key, ByteView seed) {
  static constexpr std::string_view kLabel("IDENTITY\0", 9);
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  void* label = OPENSSL_memdup(kLabel.data(), kLabel.size());
  if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md_name(context.get(), "SHA256", nullptr) != 1 ||
      EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), label, static_cast<int>(kLabel.size())) !=
          1) {
    OPENSSL_free(label);
    return failed("libcrypto does not encrypt to the endorsement key");
  }
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = out.size();
  if (EVP_PKEY_encrypt(context.get(), octets(MutableByteView(out)), &size, octets(seed),
                       seed.size()) != 1)
    return failed("libcrypto does not encrypt to the endorsement key");
  out.resize(size);
  return out;
}

// TPM2B_DIGEST of the HMAC, then the encrypted TPM2B_DIGEST with the secret.
Verified<Bytes> credential_for(ByteView name, ByteView seed, ByteView secret) {
  Secret storage_key(kAesKeySize);
  Secret hmac_key(kDigestSize);
  Secret inner(0);
  inner.bytes = sized(secret);
  Bytes mac(kDigestSize);
  if (!kdf_a(seed, "STORAGE", name, storage_key.bytes) ||
      !encrypt(storage_key.bytes, inner.bytes) || !kdf_a(seed, "INTEGRITY", {}, hmac_key.bytes) ||
      !hmac(hmac_key.bytes, {inner.bytes, name}, mac))
    return failed("libcrypto does not encrypt");
  Bytes credential = sized(mac);
  credential.insert(credential.end(), inner.bytes.begin(), inner.bytes.end());
  return credential;
}

}  // namespace

Verified<Challenge> challenge(const Identity& identity, KeyRole role, ByteView secret) {
  if (secret.size() < kLeastSecret || secret.size() > kDigestSize)
    return failure(Field::Expectation, "the secret must have 16 to 32 bytes");
  auto area = TRY(public_area_in(identity.key));
  auto name = TRY(name_of(identity.key));
  if (name != identity.name)
    return differs(Field::Name, to_hex(name) + ", as its public area has it",
                   to_hex(identity.name));
  TRY(check_role(area, role));
  auto endorsement = TRY(endorsement_key_in(identity.endorsement_key));
  Secret seed(kDigestSize);
  if (RAND_bytes(octets(MutableByteView(seed.bytes)), static_cast<int>(seed.bytes.size())) != 1)
    return failed("libcrypto has no random bytes");
  Challenge made;
  made.secret = TRY(encrypted_seed(endorsement.get(), seed.bytes));
  made.credential = TRY(credential_for(name, seed.bytes, secret));
  return made;
}

}  // namespace strongroom::attestation
