// AEAD over text that comes in parts.
#include <limits>

#include "providers/software/capabilities.h"
#include "providers/software/openssl_error.h"
#include "providers/software/symmetric/aead.h"

namespace strongroom::software {
namespace {

using Kind = psa::Aead::Kind;

// Bytes that one nonce is good for: for GCM 2³⁹ − 256 bits (SP 800-38D §5.2.1.1), for
// ChaCha20-Poly1305 2³² − 1 blocks of 64 bytes (RFC 8439 §2.8), after which its counter would begin
// again, and its key stream.
std::uint64_t longest_text(Kind kind) {
  constexpr std::uint64_t kGcm = (std::uint64_t{1} << 36U) - 32;
  constexpr std::uint64_t kChacha20 = std::uint64_t{64} * std::numeric_limits<std::uint32_t>::max();
  return kind == Kind::Gcm ? kGcm : kChacha20;
}

// The context refers to its cipher by itself, and is wiped.
class TextInParts {
 public:
  TextInParts(Owned<EVP_CIPHER_CTX> context, const psa::Aead& algorithm) noexcept
      : context_(std::move(context)),
        left_(longest_text(algorithm.kind)),
        tag_size_(algorithm.tag_size()) {}

  EVP_CIPHER_CTX* context() const noexcept { return context_.get(); }
  std::size_t tag_size() const noexcept { return tag_size_; }

  // As many bytes as go in.
  Result<> process(ByteView input, MutableByteView output) {
    TRY(check_countable(input));
    if (input.size() > left_)
      return fail(Status::PsaErrorInvalidArgument, "more text than one nonce is good for");
    left_ -= input.size();
    return transform(context_.get(), input, output);
  }
  // Nothing is left to be written then.
  bool end() const {
    unsigned char nothing[EVP_MAX_BLOCK_LENGTH];
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), nothing, &written) == 1;
  }

 private:
  Owned<EVP_CIPHER_CTX> context_;
  std::uint64_t left_;
  std::size_t tag_size_;
};

class EvpEncryptionInParts final : public EncryptionInParts {
 public:
  explicit EvpEncryptionInParts(TextInParts text) noexcept : text_(std::move(text)) {}

  Result<Bytes> update(ByteView plaintext) override {
    Bytes ciphertext(plaintext.size());
    TRY(text_.process(plaintext, ciphertext));
    return ciphertext;
  }

  Result<End> finish() override {
    End end{.ciphertext = {}, .tag = Bytes(text_.tag_size())};
    if (text_.end() && EVP_CIPHER_CTX_ctrl(text_.context(), EVP_CTRL_AEAD_GET_TAG,
                                           static_cast<int>(end.tag.size()), end.tag.data()) == 1)
      return end;
    return std::unexpected(openssl_error("EVP_CipherFinal_ex"));
  }

 private:
  TextInParts text_;
};

class EvpDecryptionInParts final : public DecryptionInParts {
 public:
  explicit EvpDecryptionInParts(TextInParts text) noexcept : text_(std::move(text)) {}

  Result<SecretBuffer> update(ByteView ciphertext) override {
    auto plaintext = TRY(SecretBuffer::of_size(ciphertext.size()));
    TRY(text_.process(ciphertext, plaintext.reveal_mutable()));
    return plaintext;
  }

  // OpenSSL copies the tag and does not write to it.
  Result<SecretBuffer> finish(ByteView tag) override {
    if (tag.size() != text_.tag_size())
      return fail(Status::PsaErrorInvalidArgument,
                  fmt::format("a tag of {} bytes, not {}", tag.size(), text_.tag_size()));
    if (EVP_CIPHER_CTX_ctrl(text_.context(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                            const_cast<std::byte*>(tag.data())) != 1)
      return std::unexpected(openssl_error("EVP_CTRL_AEAD_SET_TAG"));
    if (text_.end()) return SecretBuffer::of_size(0);
    return std::unexpected(openssl_refusal("EVP_CipherFinal_ex", Status::PsaErrorInvalidSignature));
  }

 private:
  TextInParts text_;
};

}  // namespace

Result<Owned<EVP_CIPHER_CTX>> EvpAeadCipher::begin_in_parts(const KeyRecord& key,
                                                            const psa::Aead& algorithm,
                                                            const AeadInput& input,
                                                            Direction direction) const {
  if (algorithm.kind == Kind::Ccm)
    return fail(Status::PsaErrorNotSupported,
                "CCM wants to know the text's length before it begins: in one piece alone");
  TRY(check(key, algorithm, input));
  return begin(key, algorithm, input,
               {.direction = direction, .size = 0, .tag_size = algorithm.tag_size(), .tag = {}});
}

Result<std::unique_ptr<EncryptionInParts>> EvpAeadCipher::begin_encryption(
    const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input) {
  auto context = TRY(begin_in_parts(key, algorithm, input, Direction::Encrypt));
  return std::make_unique<EvpEncryptionInParts>(TextInParts(std::move(context), algorithm));
}

Result<std::unique_ptr<DecryptionInParts>> EvpAeadCipher::begin_decryption(
    const KeyRecord& key, const psa::Aead& algorithm, const AeadInput& input) {
  auto context = TRY(begin_in_parts(key, algorithm, input, Direction::Decrypt));
  return std::make_unique<EvpDecryptionInParts>(TextInParts(std::move(context), algorithm));
}

}  // namespace strongroom::software
