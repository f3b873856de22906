#include "providers/tpm/device/device.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <tss2/tss2_tctildr.h>

#include "providers/tpm/device/frame.h"

namespace strongroom::tpm {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void finalize(TSS2_TCTI_CONTEXT* tcti) {
  Tss2_TctiLdr_Finalize(&tcti);
}

// The TPM has not done the command, and will do the same bytes later: TPM 2.0 r1.59 Part 2 §6.6.3.
bool is_busy(TSS2_RC code) {
  constexpr std::array kBusy = {TPM2_RC_RETRY, TPM2_RC_YIELDED, TPM2_RC_TESTING, TPM2_RC_NV_RATE,
                                TPM2_RC_NV_UNAVAILABLE};
  return std::ranges::find(kBusy, bare_code(code)) != kBusy.end();
}

// Interfaces that tell what to poll are waited for; others wait in their receive function, and not
// all of those keep to a limit.
Outcome<> await_answer(TSS2_TCTI_CONTEXT* tcti, const char* name, std::chrono::milliseconds limit) {
  std::size_t count = 0;
  if (Tss2_Tcti_GetPollHandles(tcti, nullptr, &count) != TSS2_RC_SUCCESS || count == 0) return {};
  std::vector<TSS2_TCTI_POLL_HANDLE> handles(count);
  if (Tss2_Tcti_GetPollHandles(tcti, handles.data(), &count) != TSS2_RC_SUCCESS) return {};
  for (TSS2_TCTI_POLL_HANDLE& handle : handles)
    handle.events = POLLIN;
  const auto deadline = Clock::now() + limit;
  while (true) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    int ready = ::poll(handles.data(), count, static_cast<int>(std::max(left, 0ms).count()));
    if (ready > 0) return {};
    if (ready == 0 || errno != EINTR)
      return std::unexpected(tpm_error(name, TSS2_TCTI_RC_TRY_AGAIN));
  }
}

// What the TSS's code does not say, for whoever operates the service; empty when there is nothing.
std::string what_is_wrong_with(const std::string& tcti, TSS2_RC code) {
  constexpr std::string_view kDevice = "device:";
  if (code == TSS2_TCTI_RC_NOT_SUPPORTED)
    return fmt::format(" (is libtss2-tcti-{} installed?)", tcti.substr(0, tcti.find(':')));
  if (!tcti.starts_with(kDevice)) return {};
  const std::string path = tcti.substr(kDevice.size());
  if (::access(path.c_str(), R_OK | W_OK) == 0) return {};
  if (errno == ENOENT) return " (there is no such device: no TPM, or none that the kernel knows)";
  if (errno == EACCES || errno == EPERM)
    return " (it is closed to us: make its group, tss, one of the daemon's: "
           "SupplementaryGroups=tss "
           "and DeviceAllow=, as drop-ins/tpm.conf has it)";
  return {};
}

}  // namespace

Result<OwnedTcti> open_tcti(const std::string& name) {
  TSS2_TCTI_CONTEXT* raw = nullptr;
  TSS2_RC code = Tss2_TctiLdr_Initialize(name.c_str(), &raw);
  if (code != TSS2_RC_SUCCESS)
    return in_context(
        Result<OwnedTcti>(std::unexpected(tpm_error("Tss2_TctiLdr_Initialize", code))),
        "opening TPM '{}'{}", name, what_is_wrong_with(name, code));
  return OwnedTcti(raw, &finalize);
}

bool has_resource_manager(const std::string& tcti_name) noexcept {
  return tcti_name.contains("tabrmd") || tcti_name.contains("/tpmrm");
}

Result<std::unique_ptr<Device>> Device::over(TctiOpener opener) {
  return over(std::move(opener), Limits());
}

Result<std::unique_ptr<Device>> Device::over(TctiOpener opener, const Limits& limits) {
  auto answer = TRY(SecretBuffer::of_size(kMostBytes));
  return std::unique_ptr<Device>(new Device(std::move(opener), limits, std::move(answer)));
}

Device::Device(TctiOpener opener, const Limits& limits, SecretBuffer answer) noexcept
    : opener_(std::move(opener)), limits_(limits), answer_(std::move(answer)) {}

Outcome<MutableByteView> Device::transact(const char* name, ByteView command, Patience patience) {
  const auto deadline = Clock::now() + limits_.busy;
  for (auto pause = 1ms;; pause = std::min(2 * pause, 100ms)) {
    auto answer = TRY(exchange(name, command, patience));
    bool may_wait = Clock::now() + pause < deadline;
    if (!is_busy(response_code(answer)) || !may_wait) return answer;
    std::this_thread::sleep_for(pause);
  }
}

Outcome<MutableByteView> Device::exchange(const char* name, ByteView command, Patience patience) {
  // What the answer before held may have been decrypted in place.
  wipe(answer_.reveal_mutable());
  if (!tcti_) tcti_ = TRY(opener_());
  TSS2_RC code = Tss2_Tcti_Transmit(tcti_.get(), command.size(), octets(command));
  if (code != TSS2_RC_SUCCESS) {
    close();
    return std::unexpected(tpm_error(name, code));
  }
  auto size =
      receive(name, patience == Patience::Long ? limits_.long_command : limits_.short_command);
  if (size && !has_sound_header(answer_.reveal().first(*size)))
    size = std::unexpected(malformed_answer(name, "its header"));
  if (!size) close();
  auto answer_size = TRY(std::move(size));
  return answer_.reveal_mutable().first(answer_size);
}

Outcome<std::size_t> Device::receive(const char* name, std::chrono::milliseconds limit) {
  TRY(await_answer(tcti_.get(), name, limit));
  std::size_t size = answer_.size();
  TSS2_RC code = Tss2_Tcti_Receive(tcti_.get(), &size, octets(answer_.reveal_mutable()),
                                   static_cast<std::int32_t>(limit.count()));
  if (code != TSS2_RC_SUCCESS) return std::unexpected(tpm_error(name, code));
  if (size > answer_.size()) return std::unexpected(malformed_answer(name, "too long"));
  return size;
}

}  // namespace strongroom::tpm
