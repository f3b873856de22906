// Commands to a TPM, with or without a session, and what comes back.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "providers/tpm/device/device.h"
#include "providers/tpm/device/frame.h"
#include "providers/tpm/session/hmac_session.h"

namespace strongroom::tpm {

// Something with a handle, and the name that an authorization covers.
struct Entity {
  TPM2_HANDLE handle;
  Bytes name;
};

struct Command {
  const char* name;
  TPM2_CC code;
  std::vector<Entity> entities{};  // in the order of the command's handles
  AnswerHandle answer_handle = AnswerHandle::None;
  Patience patience = Patience::Short;
  Protection protection{};
  std::size_t protector = 0;  // which of the authorizations' sessions does that
  Writer parameters{};
};

// An authorization of a command, in the order of the entities that need one: the session, and the
// auth value of the entity in the same place. Empty where the entity has none, and for a session
// that is there for its protection alone. A policy session takes the value of its entity even if
// the policy does not ask for it: what it encrypts depends on that.
struct Authorization {
  HmacSession& session;
  ByteView auth{};
};

// What came back: `parameters` are the device's, and stand until the next command.
struct Answer {
  TPM2_HANDLE handle;
  Reader parameters;
};

// Belongs to the executor.
class Channel {
 public:
  Channel(Device& device, const Primitives& primitives) noexcept
      : device_(device), primitives_(primitives) {}

  // Of commands that need no authorization.
  Outcome<Answer> run(const Command& command);
  // With up to kMostAuthorizations, each by a session of its own. What is protected is encrypted in
  // `command`.
  Outcome<Answer> run(Command& command, std::span<const Authorization> authorizations);
  Outcome<Answer> run(Command& command, HmacSession& session, ByteView auth) {
    const Authorization only{session, auth};
    return run(command, std::span(&only, 1));
  }

  const Primitives& primitives() const noexcept { return primitives_; }
  Device& device() noexcept { return device_; }

 private:
  Outcome<AnswerParts> send(const Command& command,
                            std::span<const TPMS_AUTH_COMMAND> authorizations);
  Outcome<std::vector<TPMS_AUTH_COMMAND>> authorize(Command& command,
                                                    std::span<const Authorization> authorizations);
  Outcome<> accept(const Command& command, std::span<const Authorization> authorizations,
                   const AnswerParts& parts);

  Device& device_;
  const Primitives& primitives_;
};

// A decryption key that a session's salt is encrypted to.
struct SaltKey {
  TPM2_HANDLE handle;
  TPMT_PUBLIC public_area;
};

// TPM2_StartAuthSession: a session with SHA-256 and AES-128-CFB. Without a key it is not salted: it
// keeps auth values from who listens as far as they cannot be guessed. The policy of a policy
// session is empty at first, and again after each command that it has authorized.
Outcome<HmacSession> start_session(Channel& channel, const std::optional<SaltKey>& key,
                                   SessionKind kind = SessionKind::Hmac);

// TPM2_FlushContext: ends a session, or lets go of a loaded object.
Outcome<> flush(Channel& channel, TPM2_HANDLE handle);

// A session or a loaded object that goes with its owner. A release that fails says so in the log.
class FlushedHandle {
 public:
  FlushedHandle() noexcept = default;
  FlushedHandle(Channel& channel, TPM2_HANDLE handle) noexcept
      : channel_(&channel), handle_(handle) {}
  FlushedHandle(FlushedHandle&& other) noexcept
      : channel_(std::exchange(other.channel_, nullptr)), handle_(other.handle_) {}
  FlushedHandle& operator=(FlushedHandle&& other) noexcept {
    std::swap(channel_, other.channel_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~FlushedHandle();

  TPM2_HANDLE handle() const noexcept { return handle_; }
  explicit operator bool() const noexcept { return channel_ != nullptr; }
  // The TPM no longer has it.
  void abandon() noexcept { channel_ = nullptr; }

 private:
  Channel* channel_ = nullptr;
  TPM2_HANDLE handle_ = TPM2_RH_NULL;
};

}  // namespace strongroom::tpm
