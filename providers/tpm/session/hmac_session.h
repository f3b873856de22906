// A session with a TPM (TPM 2.0 r1.59 Part 1 §19): authorizes commands with the auth value of what
// they act on, without sending it, or by a policy; encrypts parameters, and proves that answers
// come from the TPM that the session was salted to.
#pragma once

#include <tss2/tss2_tpm2_types.h>

#include "base/secret_buffer.h"
#include "providers/tpm/device/tpm_error.h"
#include "providers/tpm/session/primitives.h"

namespace strongroom::tpm {

// Which first parameters, which must be sized buffers, are encrypted on the way.
struct Protection {
  bool command = false;
  bool answer = false;
};

// What authorizes a command: the auth value; a policy; or a policy that TPM2_PolicyAuthValue is
// part of, which asks for the auth value too.
enum class SessionKind { Hmac, Policy, PolicyWithAuthValue };

// Knows nothing of commands beyond digests of them. Of each command, in this order: begin(),
// encrypt() if it is to be protected, authorize(); of its answer accept(), then decrypt(). An
// answer that reports an error is not authenticated and changes nothing here: the next command
// begins anew. Belongs to the executor.
class HmacSession {
 public:
  // `key` is empty for a session that is neither salted nor bound.
  HmacSession(const Primitives& primitives, TPM2_HANDLE handle, SecretBuffer key,
              const TPM2B_NONCE& nonce_tpm, SessionKind kind = SessionKind::Hmac) noexcept
      : primitives_(&primitives),
        handle_(handle),
        kind_(kind),
        key_(std::move(key)),
        nonce_tpm_(nonce_tpm) {}

  // The key of a session that begins with these: Part 1 §19.6.8 and §19.6.9.
  static Result<SecretBuffer> key_of(const Primitives& primitives, ByteView salt,
                                     const TPM2B_NONCE& nonce_tpm, const TPM2B_NONCE& nonce_caller);
  // One as long as a session's digest.
  static Result<TPM2B_NONCE> new_nonce();

  TPM2_HANDLE handle() const noexcept { return handle_; }
  // The TPM's latest; another session's authorization may have to cover it.
  ByteView nonce_tpm() const noexcept;

  // With the auth value of what the command acts on, empty when it needs none.
  Result<> begin(ByteView auth, Protection protection);
  // In place, the first of the command's parameters.
  Result<> encrypt(MutableByteView parameters);
  // `protector` is the TPM's nonce of the session that encrypts, where that is another than this,
  // the first of the command; empty otherwise.
  Result<TPMS_AUTH_COMMAND> authorize(const Digest& command_digest, ByteView protector = {}) const;

  // PsaErrorCorruptionDetected, with TSS2_ESYS_RC_RSP_AUTH_FAILED, unless the TPM made the answer,
  // to this command. The session is of no use then.
  Outcome<> accept(const TPMS_AUTH_RESPONSE& authorization, const Digest& answer_digest);
  // PsaErrorCommunicationFailure when there is no such parameter.
  Outcome<> decrypt(MutableByteView parameters) const;

 private:
  enum class Order { CallerFirst, TpmFirst };  // the newer nonce comes first
  Result<Digest> hmac(const Digest& digest, Order order, ByteView protector, BYTE attributes) const;
  Result<> transform(Primitives::Direction direction, Order order, MutableByteView data) const;

  const Primitives* primitives_;
  TPM2_HANDLE handle_;
  SessionKind kind_;
  SecretBuffer key_;
  TPM2B_NONCE nonce_tpm_;
  TPM2B_NONCE nonce_caller_{};
  // Of the command under way: the session's key and the auth value, and what is asked for.
  SecretBuffer value_;
  BYTE attributes_ = 0;
};

}  // namespace strongroom::tpm
