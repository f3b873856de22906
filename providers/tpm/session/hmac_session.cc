#include "providers/tpm/session/hmac_session.h"

#include <algorithm>

#include <openssl/rand.h>

#include "providers/software/openssl_error.h"

namespace strongroom::tpm {
namespace {

// The size of a TPM2B's buffer comes first.
constexpr std::size_t kSizeSize = 2;

template <typename Sized>
ByteView view_of_sized(const Sized& sized) {
  return std::as_bytes(std::span(sized.buffer).first(sized.size));
}

// TPMs drop trailing zeros of auth values: TPM 2.0 r1.59 Part 1 §19.6.4.3.
ByteView without_trailing_zeros(ByteView auth) {
  while (!auth.empty() && auth.back() == std::byte{0})
    auth = auth.first(auth.size() - 1);
  return auth;
}

// The buffer of the sized one that `parameters` begin with.
Outcome<MutableByteView> first_of(MutableByteView parameters) {
  if (parameters.size() < kSizeSize)
    return std::unexpected(malformed_answer("session", "no parameter to decrypt"));
  auto size = std::to_integer<std::size_t>(parameters[0]) << 8 |
              std::to_integer<std::size_t>(parameters[1]);
  if (size > parameters.size() - kSizeSize)
    return std::unexpected(malformed_answer("session", "a parameter longer than the answer"));
  return parameters.subspan(kSizeSize, size);
}

std::unexpected<TpmError> not_from_the_tpm(const char* what) {
  return std::unexpected(
      TpmError(Error(Status::PsaErrorCorruptionDetected,
                     fmt::format("the answer is not the TPM's: {} is wrong", what)),
               TSS2_ESYS_RC_RSP_AUTH_FAILED));
}

}  // namespace

Result<SecretBuffer> HmacSession::key_of(const Primitives& primitives, ByteView salt,
                                         const TPM2B_NONCE& nonce_tpm,
                                         const TPM2B_NONCE& nonce_caller) {
  if (salt.empty()) return SecretBuffer();
  return primitives.kdf_a(salt, "ATH", view_of_sized(nonce_tpm), view_of_sized(nonce_caller),
                          kDigestSize);
}

Result<TPM2B_NONCE> HmacSession::new_nonce() {
  TPM2B_NONCE nonce{};
  nonce.size = kDigestSize;
  if (RAND_bytes(nonce.buffer, kDigestSize) != 1)
    return std::unexpected(software::openssl_error("RAND_bytes"));
  return nonce;
}

Result<> HmacSession::begin(ByteView auth, Protection protection) {
  nonce_caller_ = TRY(new_nonce());
  auth = without_trailing_zeros(auth);
  value_ = TRY(SecretBuffer::of_size(key_.size() + auth.size()));
  auto rest = std::ranges::copy(key_.reveal(), value_.reveal_mutable().begin()).out;
  std::ranges::copy(auth, rest);
  attributes_ = static_cast<BYTE>(TPMA_SESSION_CONTINUESESSION |
                                  (protection.command ? TPMA_SESSION_DECRYPT : 0) |
                                  (protection.answer ? TPMA_SESSION_ENCRYPT : 0));
  return {};
}

Result<> HmacSession::encrypt(MutableByteView parameters) {
  auto data = TRY(first_of(parameters));
  return transform(Primitives::Direction::Encrypt, Order::CallerFirst, data);
}

ByteView HmacSession::nonce_tpm() const noexcept {
  return view_of_sized(nonce_tpm_);
}

Result<TPMS_AUTH_COMMAND> HmacSession::authorize(const Digest& command_digest,
                                                 ByteView protector) const {
  auto mac = TRY(hmac(command_digest, Order::CallerFirst, protector, attributes_));
  TPMS_AUTH_COMMAND authorization{};
  authorization.sessionHandle = handle_;
  authorization.nonce = nonce_caller_;
  authorization.sessionAttributes = attributes_;
  authorization.hmac.size = kDigestSize;
  std::ranges::copy(mac, std::as_writable_bytes(std::span(authorization.hmac.buffer)).begin());
  return authorization;
}

Outcome<> HmacSession::accept(const TPMS_AUTH_RESPONSE& authorization,
                              const Digest& answer_digest) {
  nonce_tpm_ = authorization.nonce;
  auto expected = TRY(hmac(answer_digest, Order::TpmFirst, {}, authorization.sessionAttributes));
  if (!equal_in_constant_time(expected, view_of_sized(authorization.hmac)))
    return not_from_the_tpm("its HMAC");
  // The TPM may end a session by itself in no command of ours.
  if (authorization.sessionAttributes != attributes_) return not_from_the_tpm("its session");
  return {};
}

Outcome<> HmacSession::decrypt(MutableByteView parameters) const {
  auto data = TRY(first_of(parameters));
  TRY(transform(Primitives::Direction::Decrypt, Order::TpmFirst, data));
  return {};
}

// Part 1 §19.6.5: a policy alone adds no auth value to the session's key.
Result<Digest> HmacSession::hmac(const Digest& digest, Order order, ByteView protector,
                                 BYTE attributes) const {
  ByteView caller = view_of_sized(nonce_caller_);
  ByteView tpm = view_of_sized(nonce_tpm_);
  bool caller_first = order == Order::CallerFirst;
  const SecretBuffer& key = kind_ == SessionKind::Policy ? key_ : value_;
  return primitives_->hmac_sha256(
      key.reveal(), {digest, caller_first ? caller : tpm, caller_first ? tpm : caller, protector,
                     std::as_bytes(std::span(&attributes, 1))});
}

// Part 1 §21.3: key and IV are derived from the session's value and both nonces.
Result<> HmacSession::transform(Primitives::Direction direction, Order order,
                                MutableByteView data) const {
  ByteView caller = view_of_sized(nonce_caller_);
  ByteView tpm = view_of_sized(nonce_tpm_);
  bool caller_first = order == Order::CallerFirst;
  auto key_and_iv =
      TRY(primitives_->kdf_a(value_.reveal(), "CFB", caller_first ? caller : tpm,
                             caller_first ? tpm : caller, kAesKeySize + kAesBlockSize));
  return primitives_->aes_128_cfb(direction, key_and_iv.reveal(), data);
}

}  // namespace strongroom::tpm
