// The way to a TPM: bytes of a command in, bytes of its answer out.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <tss2/tss2_tcti.h>

#include "base/bytes.h"
#include "base/secret_buffer.h"
#include "providers/tpm/device/tpm_error.h"

namespace strongroom::tpm {

// A transmission interface, opened; the function gives it back.
using OwnedTcti = std::unique_ptr<TSS2_TCTI_CONTEXT, void (*)(TSS2_TCTI_CONTEXT*)>;
using TctiOpener = std::function<Result<OwnedTcti>()>;

// For any string that the TSS's loader takes: "device:/dev/tpmrm0", "swtpm:path=…", "tabrmd".
// PsaErrorHardwareFailure when there is no such device.
Result<OwnedTcti> open_tcti(const std::string& name);

// Whether a resource manager stands between us and the TPM, so that what we find loaded there is
// ours alone. By the name: the kernel's devices tpmrm…, and tabrmd.
bool has_resource_manager(const std::string& tcti_name) noexcept;

// How long a command may take. Generating an RSA key takes a chip minutes at worst.
enum class Patience { Short, Long };

// Belongs to one thread, the TPM's executor: it waits for the TPM in every call. Opens the
// interface when it is first needed, and again after a failure: what came late must not answer what
// is asked next.
class Device {
 public:
  struct Limits {
    std::chrono::milliseconds short_command{10'000};
    std::chrono::milliseconds long_command{300'000};
    // How long a TPM may say that it is busy: RETRY, YIELDED, TESTING and those that concern NV.
    std::chrono::milliseconds busy{5'000};
  };
  // TPM2_PT_MAX_COMMAND_SIZE and …RESPONSE_SIZE of all that were built.
  static constexpr std::size_t kMostBytes = 4096;

  // Fails for lack of memory alone.
  static Result<std::unique_ptr<Device>> over(TctiOpener opener);
  static Result<std::unique_ptr<Device>> over(TctiOpener opener, const Limits& limits);

  // The answer, whatever its response code, with a header whose size is that of the answer. It is
  // the device's own, and stands until the next call. `name` is for messages. A busy TPM is asked
  // again: PsaErrorCommunicationFailure when it does not answer in time.
  Outcome<MutableByteView> transact(const char* name, ByteView command,
                                    Patience patience = Patience::Short);

  // Lets go of the interface until the next command.
  void close() noexcept { tcti_.reset(); }

 private:
  Device(TctiOpener opener, const Limits& limits, SecretBuffer answer) noexcept;
  Outcome<MutableByteView> exchange(const char* name, ByteView command, Patience patience);
  Outcome<std::size_t> receive(const char* name, std::chrono::milliseconds limit);

  TctiOpener opener_;
  Limits limits_;
  SecretBuffer answer_;
  OwnedTcti tcti_{nullptr, nullptr};
};

}  // namespace strongroom::tpm
