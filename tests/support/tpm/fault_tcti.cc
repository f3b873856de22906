#include "tests/support/tpm/fault_tcti.h"

#include <algorithm>
#include <optional>
#include <thread>
#include <tuple>
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
  std::shared_ptr<Faults::Link> link;
  tpm::OwnedTcti inner{nullptr, nullptr};
  std::uint32_t command_code = 0;
  std::optional<Bytes> answer;  // when the TPM is not to be asked for it
};

FaultTcti& self(TSS2_TCTI_CONTEXT* context) {
  return *reinterpret_cast<FaultTcti*>(context);
}

// Runs `what` with the faults, which do not go meanwhile.
template <typename What>
TSS2_RC with_faults(const FaultTcti& tcti, What what) {
  const std::lock_guard lock(tcti.link->mutex);
  if (tcti.link->faults == nullptr) return TSS2_TCTI_RC_IO_ERROR;
  what(*tcti.link->faults);
  return TSS2_RC_SUCCESS;
}

TSS2_RC transmit(TSS2_TCTI_CONTEXT* context, std::size_t size, const std::uint8_t* command) {
  FaultTcti& tcti = self(context);
  ByteView bytes = std::as_bytes(std::span(command, size));
  tcti.command_code = number_at(bytes, 6);
  tcti.answer.reset();
  std::uint32_t refusal = 0;
  TSS2_RC code = with_faults(tcti, [&](Faults& faults) { refusal = faults.decide(bytes); });
  if (code != TSS2_RC_SUCCESS) return code;
  if (refusal != 0) {
    tcti.answer = error_answer(refusal);
    return TSS2_RC_SUCCESS;
  }
  return Tss2_Tcti_Transmit(tcti.inner.get(), size, command);
}

TSS2_RC receive(TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* response,
                std::int32_t timeout) {
  FaultTcti& tcti = self(context);
  std::chrono::milliseconds delay{0};
  TSS2_RC code =
      with_faults(tcti, [&](Faults& faults) { delay = faults.delay_of(tcti.command_code); });
  if (code != TSS2_RC_SUCCESS) return code;
  const std::chrono::milliseconds limit(timeout);
  std::this_thread::sleep_for(timeout < 0 ? delay : std::min(delay, limit));
  if (timeout >= 0 && delay > limit) return TSS2_TCTI_RC_TRY_AGAIN;
  if (!tcti.answer) {
    Bytes buffer(*size);
    std::size_t received = buffer.size();
    code = Tss2_Tcti_Receive(tcti.inner.get(), &received, octets(MutableByteView(buffer)), timeout);
    if (code != TSS2_RC_SUCCESS) return code;
    buffer.resize(received);
    code = with_faults(tcti, [&](Faults& faults) { faults.alter(tcti.command_code, buffer); });
    if (code != TSS2_RC_SUCCESS) return code;
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

Faults::Faults() : link_(std::make_shared<Link>()) {
  link_->faults = this;
}

Faults::~Faults() {
  const std::lock_guard lock(link_->mutex);
  link_->faults = nullptr;
}

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
  return [link = link_, inner = std::move(inner)]() -> Result<tpm::OwnedTcti> {
    auto opened = TRY(inner());
    auto tcti = std::make_unique<FaultTcti>();
    tcti->link = link;
    std::ignore = with_faults(*tcti, [](Faults& faults) { ++faults.openings_; });
    tcti->common.version = 1;
    tcti->common.transmit = &transmit;
    tcti->common.receive = &receive;
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
