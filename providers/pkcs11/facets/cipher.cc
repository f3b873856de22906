#include "providers/pkcs11/facets/cipher.h"

#include <algorithm>

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/software/symmetric/cipher.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::size_t kLongestBlock = 16;
constexpr CK_ULONG kCounterBits = 128;

bool needs_whole_blocks(psa::Cipher algorithm) {
  return algorithm == psa::Cipher::EcbNoPadding || algorithm == psa::Cipher::CbcNoPadding;
}

std::size_t block_size(const KeyRecord& key) {
  return key.attributes.type.kind == psa::KeyType::Kind::Des ? 8 : kLongestBlock;
}

std::size_t iv_size(const KeyRecord& key, psa::Cipher algorithm) {
  return algorithm == psa::Cipher::EcbNoPadding ? 0 : block_size(key);
}

std::unexpected<Error> no_length(psa::Cipher algorithm, std::size_t size) {
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes cannot be encrypted with '{}'", size, to_string(algorithm)));
}

// A mechanism, and the parameter that it points to.
struct Parameters {
  CK_AES_CTR_PARAMS counter{};
  Bytes iv;
  CK_MECHANISM mechanism{};
};

void set_parameters(Parameters& parameters, const KeyRecord& key, psa::Cipher algorithm,
                    ByteView iv) {
  parameters.iv = copy_of(iv);
  CK_MECHANISM_TYPE type = *mechanism_of(algorithm, key.attributes.type, key.attributes.bits);
  if (algorithm == psa::Cipher::Ctr) {
    parameters.counter.ulCounterBits = kCounterBits;
    std::ranges::copy(iv, std::as_writable_bytes(std::span(parameters.counter.cb)).begin());
    parameters.mechanism = mechanism_with(type, parameters.counter);
  } else if (iv.empty()) {
    parameters.mechanism = {type, nullptr, 0};
  } else {
    parameters.mechanism = mechanism_with_iv(type, parameters.iv);
  }
}

// RFC 5652 §6.3. Secret, as what it pads is.
Result<SecretBuffer> padded(ByteView plaintext, std::size_t block) {
  const std::size_t missing = block - plaintext.size() % block;
  auto blocks = TRY(SecretBuffer::of_size(plaintext.size() + missing));
  std::ranges::copy(plaintext, blocks.reveal_mutable().begin());
  std::ranges::fill(blocks.reveal_mutable().last(missing), static_cast<std::byte>(missing));
  return blocks;
}

template <typename Buffer>
Outcome<Buffer> of_size(Buffer buffer, const char* function, std::size_t size) {
  if (buffer.size() == size) return buffer;
  return std::unexpected(malformed_answer(function, "a text of another length"));
}

Outcome<Bytes> encrypted(Session& session, const KeyObject& object, const KeyRecord& key,
                         psa::Cipher algorithm, ByteView iv, ByteView plaintext) {
  Parameters parameters;
  set_parameters(parameters, key, algorithm, iv);
  auto out = TRY(encrypt(session, object, parameters.mechanism, plaintext, plaintext.size()));
  return of_size(std::move(out), "C_Encrypt", plaintext.size());
}

Outcome<SecretBuffer> decrypted(Session& session, const KeyObject& object, const KeyRecord& key,
                                psa::Cipher algorithm, ByteView iv, ByteView ciphertext) {
  Parameters parameters;
  set_parameters(parameters, key, algorithm, iv);
  auto out = TRY(decrypt(session, object, parameters.mechanism, ciphertext, ciphertext.size()));
  return of_size(std::move(out), "C_Decrypt", ciphertext.size());
}

}  // namespace

Result<Bytes> TokenCipher::encrypt(const KeyRecord& key, psa::Cipher algorithm,
                                   ByteView plaintext) {
  TRY(access_.capabilities().check_cipher(key.attributes.type, key.attributes.bits, algorithm));
  const std::size_t block = block_size(key);
  if (needs_whole_blocks(algorithm) && plaintext.size() % block != 0)
    return no_length(algorithm, plaintext.size());
  SecretBuffer blocks;
  if (algorithm == psa::Cipher::CbcPkcs7) {
    blocks = TRY(padded(plaintext, block));
    plaintext = blocks.reveal();
  }
  auto iv = TRY(SecretBuffer::random(iv_size(key, algorithm)));
  Bytes whole = copy_of(iv.reveal());
  if (plaintext.empty()) return whole;
  auto ciphertext = TRY(access_.use_key<Bytes>(key, [&](Session& session, const KeyObject& object) {
    return encrypted(session, object, key, algorithm, iv.reveal(), plaintext);
  }));
  whole.insert(whole.end(), ciphertext.begin(), ciphertext.end());
  return whole;
}

Result<SecretBuffer> TokenCipher::decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                          ByteView ciphertext) {
  TRY(access_.capabilities().check_cipher(key.attributes.type, key.attributes.bits, algorithm));
  const std::size_t block = block_size(key);
  const bool is_padded = algorithm == psa::Cipher::CbcPkcs7;
  if (ciphertext.size() < iv_size(key, algorithm) + (is_padded ? block : 0))
    return no_length(algorithm, ciphertext.size());
  ByteView iv = ciphertext.first(iv_size(key, algorithm));
  ciphertext = ciphertext.subspan(iv.size());
  if ((is_padded || needs_whole_blocks(algorithm)) && ciphertext.size() % block != 0)
    return no_length(algorithm, ciphertext.size());
  if (ciphertext.empty()) return SecretBuffer();
  auto plaintext =
      TRY(access_.use_key<SecretBuffer>(key, [&](Session& session, const KeyObject& object) {
        return decrypted(session, object, key, algorithm, iv, ciphertext);
      }));
  if (!is_padded) return plaintext;
  auto size = TRY(software::unpadded_size(plaintext.reveal(), block));
  plaintext.shrink_to(size);
  return plaintext;
}

}  // namespace strongroom::pkcs11
