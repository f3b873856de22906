// Commands to a TPM, with or without a session, and what comes back.
#pragma once

#include <optional>
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
  Writer parameters{};
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
  // Authorized by `session` with the auth value of the first entity; empty when it has none, for
  // the session's protection alone. What is protected is encrypted in `command`.
  Outcome<Answer> run(Command& command, HmacSession& session, ByteView auth);

  const Primitives& primitives() const noexcept { return primitives_; }
  Device& device() noexcept { return device_; }

 private:
  Outcome<AnswerParts> send(const Command& command, const TPMS_AUTH_COMMAND* authorization);

  Device& device_;
  const Primitives& primitives_;
};

// A decryption key that a session's salt is encrypted to.
struct SaltKey {
  TPM2_HANDLE handle;
  TPMT_PUBLIC public_area;
};

// TPM2_StartAuthSession: an HMAC session with SHA-256 and AES-128-CFB. Without a key it is not
// salted: it keeps auth values from who listens as far as they cannot be guessed.
Outcome<HmacSession> start_session(Channel& channel, const std::optional<SaltKey>& key);

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
