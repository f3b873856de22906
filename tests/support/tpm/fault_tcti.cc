#include "tests/support/tpm/fault_tcti.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include <tss2/tss2_tcti.h>

namespace strongroom::testing {
namespace {

std::uint32_t number_at(ByteView bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::byte octet : bytes.subspan(at, 4))
    value = value << 8 | std::to_integer<std::uint32_t>(octet);
  return value;
}

// TPM 2.0 r1.59 Part 1 §18.10: an error is a header alone.
Bytes error_answer(std::uint32_t code) {
  Bytes answer{std::byte{0x80}, std::byte{0x01}, std::byte{0},
               std::byte{0},    std::byte{0},    std::byte{10}};
  for (unsigned shift : {24U, 16U, 8U, 0U})
    answer.push_back(static_cast<std::byte>(code >> shift & 0xff));
  return answer;
}

// What a caller takes for a TCTI: the common part must come first.
struct FaultTcti {
  TSS2_TCTI_CONTEXT_COMMON_V1 common{};
  Faults* faults = nullptr;
  tpm::OwnedTcti inner{nullptr, nullptr};
  std::uint32_t command_code = 0;
  std::optional<Bytes> answer;  // when the TPM is not to be asked for it
};

FaultTcti& self(TSS2_TCTI_CONTEXT* context) {
  return *reinterpret_cast<FaultTcti*>(context);
}

TSS2_RC transmit(TSS2_TCTI_CONTEXT* context, std::size_t size, const std::uint8_t* command) {
  FaultTcti& tcti = self(context);
  ByteView bytes = std::as_bytes(std::span(command, size));
  tcti.command_code = number_at(bytes, 6);
  tcti.answer.reset();
  if (std::uint32_t code = tcti.faults->decide(bytes); code != 0) {
    tcti.answer = error_answer(code);
    return TSS2_RC_SUCCESS;
  }
  return Tss2_Tcti_Transmit(tcti.inner.get(), size, command);
}

TSS2_RC receive(TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* response,
                std::int32_t timeout) {
  FaultTcti& tcti = self(context);
  const auto delay = tcti.faults->delay_of(tcti.command_code);
  const std::chrono::milliseconds limit(timeout);
  std::this_thread::sleep_for(timeout < 0 ? delay : std::min(delay, limit));
  if (timeout >= 0 && delay > limit) return TSS2_TCTI_RC_TRY_AGAIN;
  if (!tcti.answer) {
    Bytes buffer(*size);
    std::size_t received = buffer.size();
    TSS2_RC code =
        Tss2_Tcti_Receive(tcti.inner.get(), &received, octets(MutableByteView(buffer)), timeout);
    if (code != TSS2_RC_SUCCESS) return code;
    buffer.resize(received);
    tcti.faults->alter(tcti.command_code, buffer);
    tcti.answer = std::move(buffer);
  }
  Bytes answer = *std::exchange(tcti.answer, std::nullopt);
  if (answer.size() > *size) return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
  std::ranges::copy(answer, std::as_writable_bytes(std::span(response, *size)).begin());
  *size = answer.size();
  return TSS2_RC_SUCCESS;
}

void release(TSS2_TCTI_CONTEXT* context) {
  delete &self(context);
}

}  // namespace

void Faults::refuse_next(std::uint32_t command_code, std::uint32_t code, int times) {
  refusals_.push_back({command_code, code, times});
}

void Faults::delay_next(std::uint32_t command_code, std::chrono::milliseconds delay) {
  delays_[command_code] = delay;
}

std::chrono::milliseconds Faults::delay_of(std::uint32_t command_code) {
  auto found = delays_.extract(command_code);
  return found ? found.mapped() : std::chrono::milliseconds(0);
}

std::size_t Faults::count_of(std::uint32_t command_code) const {
  return static_cast<std::size_t>(std::ranges::count(sent_, command_code));
}

tpm::TctiOpener Faults::around(tpm::TctiOpener inner) {
  return [this, inner = std::move(inner)]() -> Result<tpm::OwnedTcti> {
    auto opened = TRY(inner());
    ++openings_;
    auto tcti = std::make_unique<FaultTcti>();
    tcti->common.version = 1;
    tcti->common.transmit = &transmit;
    tcti->common.receive = &receive;
    tcti->faults = this;
    tcti->inner = std::move(opened);
    return tpm::OwnedTcti(reinterpret_cast<TSS2_TCTI_CONTEXT*>(tcti.release()), &release);
  };
}

std::uint32_t Faults::decide(ByteView command) {
  std::uint32_t code = number_at(command, 6);
  sent_.push_back(code);
  auto refusal = std::ranges::find(refusals_, code, &Refusal::command_code);
  if (refusal != refusals_.end()) {
    std::uint32_t answer = refusal->code;
    if (--refusal->times == 0) refusals_.erase(refusal);
    return answer;
  }
  return on_command ? on_command(code, command) : 0;
}

void Faults::alter(std::uint32_t command_code, Bytes& answer) const {
  if (on_answer) on_answer(command_code, answer);
}

}  // namespace strongroom::testing
