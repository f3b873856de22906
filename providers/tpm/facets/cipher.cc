#include "providers/tpm/facets/cipher.h"

#include <algorithm>

#include "providers/software/symmetric/cipher.h"

namespace strongroom::tpm {
namespace {

using Direction = BlockCipher::Direction;

constexpr std::size_t kBlock = 16;
// Commands in one turn at the TPM.
constexpr std::size_t kInATurn = 16;

std::size_t iv_size(psa::Cipher algorithm) {
  return algorithm == psa::Cipher::EcbNoPadding ? 0 : kBlock;
}

Result<> check_length(psa::Cipher algorithm, std::size_t size) {
  bool needs_blocks =
      algorithm == psa::Cipher::EcbNoPadding || algorithm == psa::Cipher::CbcNoPadding;
  if (!needs_blocks || size % kBlock == 0) return {};
  return fail(Status::PsaErrorInvalidArgument, fmt::format("{} bytes are no whole blocks", size));
}

// RFC 5652 §6.3.
Result<SecretBuffer> padded(ByteView plaintext) {
  std::size_t padding = kBlock - plaintext.size() % kBlock;
  auto text = TRY(SecretBuffer::of_size(plaintext.size() + padding));
  auto rest = std::ranges::copy(plaintext, text.reveal_mutable().begin()).out;
  std::fill_n(rest, padding, static_cast<std::byte>(padding));
  return text;
}

// One turn: as above, for a loaded key.
Outcome<Chained> turn(Tpm& tpm, const Authorized& key, const BlockCipher& cipher, Bytes iv,
                      ByteView text, std::size_t at_once) {
  Chained chained;
  chained.output = TRY(SecretBuffer::of_size(text.size()));
  chained.iv = std::move(iv);
  auto out = chained.output.reveal_mutable();
  while (!text.empty()) {
    ByteView next = text.first(std::min(text.size(), at_once));
    auto done = TRY(encrypt_decrypt(tpm.secured(), key, cipher, chained.iv, next));
    out = {std::ranges::copy(done.output.reveal(), out.begin()).out, out.end()};
    chained.iv = std::move(done.iv);
    text = text.subspan(next.size());
  }
  return chained;
}

}  // namespace

Result<SecretBuffer> transformed(Access& access, const KeyRecord& key, const BlockCipher& cipher,
                                 Bytes iv, ByteView text, std::size_t at_once) {
  auto all = TRY(SecretBuffer::of_size(text.size()));
  auto out = all.reveal_mutable();
  while (!text.empty()) {
    ByteView next = text.first(std::min(text.size(), kInATurn * at_once));
    auto part = TRY(SecretBuffer::copy_of(next));
    auto done = TRY(
        access.use_key<Chained>(key, [cipher, at_once, iv = std::move(iv), part = std::move(part)](
                                         Tpm& tpm, const Authorized& loaded) {
          return turn(tpm, loaded, cipher, iv, part.reveal(), at_once);
        }));
    out = {std::ranges::copy(done.output.reveal(), out.begin()).out, out.end()};
    iv = std::move(done.iv);
    text = text.subspan(next.size());
  }
  return all;
}

Result<Bytes> TpmCipher::encrypt(const KeyRecord& key, psa::Cipher algorithm, ByteView plaintext) {
  auto has = TRY(access_.capabilities());
  TRY(has->check_cipher(key.attributes.type, key.attributes.bits, algorithm));
  TRY(check_length(algorithm, plaintext.size()));
  SecretBuffer with_padding;
  if (algorithm == psa::Cipher::CbcPkcs7) {
    with_padding = TRY(padded(plaintext));
    plaintext = with_padding.reveal();
  }
  auto iv = TRY(SecretBuffer::random(iv_size(algorithm)));
  const BlockCipher cipher{Direction::Encrypt, has->mode(algorithm), {.command = true}};
  auto text =
      TRY(transformed(access_, key, cipher, copy_of(iv.reveal()), plaintext, has->input_size()));
  Bytes ciphertext = copy_of(iv.reveal());
  ciphertext.insert(ciphertext.end(), text.reveal().begin(), text.reveal().end());
  return ciphertext;
}

Result<SecretBuffer> TpmCipher::decrypt(const KeyRecord& key, psa::Cipher algorithm,
                                        ByteView ciphertext) {
  auto has = TRY(access_.capabilities());
  TRY(has->check_cipher(key.attributes.type, key.attributes.bits, algorithm));
  if (ciphertext.size() < iv_size(algorithm))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a ciphertext of {} bytes has no IV", ciphertext.size()));
  Bytes iv = copy_of(ciphertext.first(iv_size(algorithm)));
  ciphertext = ciphertext.subspan(iv.size());
  TRY(check_length(algorithm, ciphertext.size()));
  bool is_padded = algorithm == psa::Cipher::CbcPkcs7;
  if (is_padded && (ciphertext.empty() || ciphertext.size() % kBlock != 0))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are no whole blocks", ciphertext.size()));
  const BlockCipher cipher{Direction::Decrypt, has->mode(algorithm), {.answer = true}};
  auto plaintext =
      TRY(transformed(access_, key, cipher, std::move(iv), ciphertext, has->input_size()));
  if (!is_padded) return plaintext;
  auto size = TRY(software::unpadded_size(plaintext.reveal(), kBlock));
  plaintext.shrink_to(size);
  return plaintext;
}

}  // namespace strongroom::tpm
