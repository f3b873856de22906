#include "tests/bench/spot_checks.h"

#include <array>
#include <memory>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "psa_aead_encrypt.pb.h"
#include "psa_export_public_key.pb.h"
#include "psa_hash_compute.pb.h"
#include "psa_sign_hash.pb.h"
#include "tests/bench/one_request.h"

namespace strongroom::bench {
namespace {

constexpr std::uint64_t kEach = 509;  // prime: does not keep step with depths or mixes
constexpr std::size_t kMost = 32;

struct Release {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

template <typename Message>
Message parsed(const Bytes& body) {
  Message message;
  message.ParseFromArray(body.data(), static_cast<int>(body.size()));
  return message;
}

const unsigned char* octets_of(const std::string& text) {
  return octets(view_of(text));
}

Owned<EVP_PKEY> point_on_p256(std::string point) {
  std::string group = SN_X9_62_prime256v1;
  std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.data());
  return Owned<EVP_PKEY>(key);
}

Owned<EVP_PKEY> public_key(std::string_view key, const std::string& data) {
  if (key == kP256Key) return point_on_p256(data);
  const unsigned char* start = octets_of(data);
  return Owned<EVP_PKEY>(
      d2i_PublicKey(EVP_PKEY_RSA, nullptr, &start, static_cast<long>(data.size())));
}

// r‖s as the DER that OpenSSL reads.
std::string der_of(const std::string& halves) {
  Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(octets_of(halves), 32, nullptr),
                 BN_bin2bn(octets_of(halves) + 32, 32, nullptr));
  std::string der(128, '\0');
  auto* end = reinterpret_cast<unsigned char*>(der.data());
  der.resize(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), &end)));
  return der;
}

bool verifies(EVP_PKEY* key, const std::string& signature) {
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key, nullptr));
  std::string digest = filler(32);
  return EVP_PKEY_verify_init(context.get()) == 1 &&
         (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
          EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
         EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
         EVP_PKEY_verify(context.get(), octets_of(signature), signature.size(), octets_of(digest),
                         digest.size()) == 1;
}

bool is_digest(const std::string& hash) {
  std::string message = filler(kMegabyte);
  std::string expected(32, '\0');
  EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(expected.data()),
             nullptr, EVP_sha256(), nullptr);
  return hash == expected;
}

// Decrypts to the message, and its tag is right.
bool is_encrypted(std::string ciphertext) {
  std::string known = filler(32);
  std::string plain(kMegabyte, '\0');
  int size = 0;
  Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  auto* out = reinterpret_cast<unsigned char*>(plain.data());
  return ciphertext.size() == kMegabyte + 16 &&
         EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets_of(known),
                            octets_of(known)) == 1 &&
         EVP_DecryptUpdate(context.get(), out, &size, octets_of(ciphertext), kMegabyte) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, 16,
                             ciphertext.data() + kMegabyte) == 1 &&
         EVP_DecryptFinal_ex(context.get(), out, &size) == 1 && plain == filler(kMegabyte);
}

}  // namespace

void SpotChecks::consider(const Task& task, ByteView body) {
  if (seen_++ % kEach == 0 && kept_.size() < kMost) kept_.emplace_back(task, copy_of(body));
}

std::string SpotChecks::run(const std::string& socket) {
  socket_ = socket;
  std::size_t wrong = 0;
  for (const auto& [task, body] : kept_)
    if (!is_right(task, body)) ++wrong;
  return fmt::format(R"({{"looked_at": {}, "wrong": {}}})", kept_.size(), wrong);
}

bool SpotChecks::is_right(const Task& task, const Bytes& body) {
  if (task.name == "ping") return body == bytes_of("\x08\x01");
  // Of a batch the last is looked at: the one field, repeated.
  if (task.name == "sign-p256" || task.name == "sign-p256-batch")
    return is_signature(kP256Key, task.provider, body);
  if (task.name == "tpm-sign-p256" || task.name == "token-sign-p256")
    return is_signature(kP256Key, task.provider, body);
  if (task.name == "sign-rsa2048" || task.name == "tpm-sign-rsa2048")
    return is_signature(kRsaKey, task.provider, body);
  if (task.name == "hash-1m") return is_digest(parsed<psa_hash_compute::Result>(body).hash());
  if (task.name == "aead-1m")
    return is_encrypted(parsed<psa_aead_encrypt::Result>(body).ciphertext());
  return true;
}

bool SpotChecks::is_signature(std::string_view key, ProviderId provider, const Bytes& body) {
  Response exported = ask(socket_, export_public(key, provider));
  auto data = parsed<psa_export_public_key::Result>(exported.body).data();
  auto signature = parsed<psa_sign_hash::Result>(body).signature();
  Owned<EVP_PKEY> verifier = public_key(key, data);
  bool is_ecdsa = key == kP256Key;
  return verifier != nullptr && (!is_ecdsa || signature.size() == 64) &&
         verifies(verifier.get(), is_ecdsa ? der_of(signature) : signature);
}

}  // namespace strongroom::bench
