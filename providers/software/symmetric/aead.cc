#include "providers/software/symmetric/aead.h"

#include "providers/software/capabilities.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

using Kind = psa::Aead::Kind;

struct NonceSizes {
  std::size_t least;
  std::size_t most;
};
NonceSizes nonce_sizes(Kind kind) {
  switch (kind) {
    case Kind::Ccm: return {7, 13};
    case Kind::Gcm: return {1, 128};
    case Kind::Chacha20Poly1305: break;
  }
  return {12, 12};
}

// CCM alone wants to know the text's length before it sees additional data.
Result<> announce(EVP_CIPHER_CTX* context, Kind kind, std::size_t size) {
  int written = 0;
  if (kind != Kind::Ccm ||
      EVP_CipherUpdate(context, nullptr, &written, nullptr, static_cast<int>(size)) == 1)
    return {};
  return std::unexpected(openssl_error("EVP_CipherUpdate"));
}

Result<> authenticate(EVP_CIPHER_CTX* context, ByteView data) {
  int written = 0;
  if (data.empty() || EVP_CipherUpdate(context, nullptr, &written, octets(data),
                                       static_cast<int>(data.size())) == 1)
    return {};
  return std::unexpected(openssl_error("EVP_CipherUpdate"));
}

// The whole text. CCM does its work here even when there is none; for the others an empty input
// would be the end.
bool process(EVP_CIPHER_CTX* context, Kind kind, ByteView input, std::byte* output) {
  std::byte nothing{};
  bool is_empty = input.empty();
  if (is_empty && kind != Kind::Ccm) return true;
  int written = 0;
  return EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(is_empty ? &nothing : output),
                          &written, octets(is_empty ? ByteView(&nothing, 1) : input),
                          static_cast<int>(input.size())) == 1;
}

// Nothing is left to be written at the end.
bool finish(EVP_CIPHER_CTX* context) {
  unsigned char nothing[EVP_MAX_BLOCK_LENGTH];
  int written = 0;
  return EVP_CipherFinal_ex(context, nothing, &written) == 1;
}

}  // namespace

Result<> check_aead_nonce(Kind kind, ByteView nonce) {
  auto [least, most] = nonce_sizes(kind);
  if (nonce.size() >= least && nonce.size() <= most) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("a nonce of {} bytes, not {} to {}", nonce.size(), least, most));
}

// SP 800-38C §A.1: nonce and the text's length share 15 bytes.
Result<> check_aead_text(Kind kind, ByteView nonce, std::size_t size) {
  constexpr std::size_t kShared = 15;
  if (kind != Kind::Ccm) return {};
  std::size_t length_bits = 8 * (kShared - nonce.size());
  if (length_bits >= 64 || size >> length_bits == 0) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes are too many for a nonce of {}", size, nonce.size()));
}

Result<Bytes> EvpAeadCipher::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                     const AeadInput& input, ByteView plaintext) {
  TRY(check(key, algorithm, input));
  TRY(check_countable(plaintext));
  std::size_t tag_size = algorithm.tag_size();
  auto context = TRY(begin(key, algorithm, input,
                           {.direction = Direction::Encrypt,
                            .size = plaintext.size(),
                            .tag_size = tag_size,
                            .tag = {}}));
  Bytes ciphertext(plaintext.size() + tag_size);
  auto tag = MutableByteView(ciphertext).subspan(plaintext.size());
  if (!process(context.get(), algorithm.kind, plaintext, ciphertext.data()) ||
      !finish(context.get()) ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                          tag.data()) != 1)
    return std::unexpected(openssl_error("EVP_CipherFinal_ex"));
  return ciphertext;
}

Result<SecretBuffer> EvpAeadCipher::decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                            const AeadInput& input, ByteView ciphertext) {
  TRY(check(key, algorithm, input));
  TRY(check_countable(ciphertext));
  std::size_t tag_size = algorithm.tag_size();
  if (ciphertext.size() < tag_size)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a ciphertext of {} bytes has no tag", ciphertext.size()));
  ByteView tag = ciphertext.last(tag_size);
  ciphertext = ciphertext.first(ciphertext.size() - tag_size);
  auto context = TRY(begin(key, algorithm, input,
                           {.direction = Direction::Decrypt,
                            .size = ciphertext.size(),
                            .tag_size = tag_size,
                            .tag = tag}));
  // Until the tag has been checked this is an attacker's text; on failure the buffer wipes it.
  auto plaintext = TRY(SecretBuffer::of_size(ciphertext.size()));
  if (!process(context.get(), algorithm.kind, ciphertext, plaintext.reveal_mutable().data()) ||
      !finish(context.get()))
    return std::unexpected(openssl_refusal("EVP_CipherFinal_ex", Status::PsaErrorInvalidSignature));
  return plaintext;
}

Result<> EvpAeadCipher::check(const KeyRecord& key, const psa::Aead& algorithm,
                              const AeadInput& input) const {
  TRY(check_aead(algorithms_, shape_of(key), algorithm));
  if (!is_tag_size(algorithm.kind, algorithm.tag_size()))
    return fail(
        Status::PsaErrorInvalidArgument,
        fmt::format("'{}' has no tag of {} bytes", to_string(algorithm), algorithm.tag_size()));
  TRY(check_aead_nonce(algorithm.kind, input.nonce));
  return check_countable(input.additional_data);
}

Result<Owned<EVP_CIPHER_CTX>> EvpAeadCipher::begin(const KeyRecord& key, const psa::Aead& algorithm,
                                                   const AeadInput& input, const Text& text) const {
  TRY(check_aead_text(algorithm.kind, input.nonce, text.size));
  const auto* cipher = TRY(cipher_for(algorithms_, key, mode_of(algorithm.kind)));
  auto context = TRY(context_of(cipher, text.direction));
  if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN,
                          static_cast<int>(input.nonce.size()), nullptr) != 1)
    return std::unexpected(openssl_error("EVP_CTRL_AEAD_SET_IVLEN"));
  // The length of a tag to be made is for CCM only; the others are asked for it at the end. OpenSSL
  // copies the tag and does not write to it.
  bool tells_tag = !text.tag.empty() || algorithm.kind == Kind::Ccm;
  if (tells_tag &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(text.tag_size),
                          const_cast<std::byte*>(text.tag.data())) != 1)
    return std::unexpected(openssl_error("EVP_CTRL_AEAD_SET_TAG"));
  TRY(set_key(context.get(), key, input.nonce));
  TRY(announce(context.get(), algorithm.kind, text.size));
  TRY(authenticate(context.get(), input.additional_data));
  return context;
}

}  // namespace strongroom::software
