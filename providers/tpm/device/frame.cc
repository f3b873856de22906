#include "providers/tpm/device/frame.h"

#include <algorithm>

namespace strongroom::tpm {
namespace {

constexpr std::size_t kHeaderSize = 10;

UINT32 number_at(ByteView bytes, std::size_t at) {
  UINT32 value = 0;
  for (std::byte octet : bytes.subspan(at, sizeof(value)))
    value = value << 8 | std::to_integer<UINT32>(octet);
  return value;
}

}  // namespace

Writer& Writer::put(BYTE value) {
  note(Tss2_MU_UINT8_Marshal(value, octets(MutableByteView(bytes_)), bytes_.size(), &size_));
  return *this;
}

Writer& Writer::put(UINT16 value) {
  note(Tss2_MU_UINT16_Marshal(value, octets(MutableByteView(bytes_)), bytes_.size(), &size_));
  return *this;
}

Writer& Writer::put(UINT32 value) {
  note(Tss2_MU_UINT32_Marshal(value, octets(MutableByteView(bytes_)), bytes_.size(), &size_));
  return *this;
}

Writer& Writer::put(ByteView bytes) {
  if (bytes.size() > bytes_.size() - size_) {
    note(TSS2_MU_RC_INSUFFICIENT_BUFFER);
    return *this;
  }
  std::ranges::copy(bytes, std::span(bytes_).subspan(size_).begin());
  size_ += bytes.size();
  return *this;
}

Outcome<MutableByteView> Reader::take(std::size_t size) {
  if (size > rest_.size()) return std::unexpected(malformed_answer(command_, "too short"));
  MutableByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

Outcome<MutableByteView> Reader::take_sized() {
  auto size = TRY(take(&Tss2_MU_UINT16_Unmarshal));
  return take(size);
}

Outcome<> Reader::end() const {
  if (!rest_.empty()) return std::unexpected(malformed_answer(command_, "bytes left over"));
  return {};
}

TSS2_RC response_code(ByteView answer) noexcept {
  return number_at(answer, 6);
}

bool has_sound_header(ByteView answer) noexcept {
  return answer.size() >= kHeaderSize && number_at(answer, 2) == answer.size();
}

Outcome<> write_command(const CommandParts& parts,
                        std::span<const TPMS_AUTH_COMMAND> authorizations, Writer& out) {
  Writer area;
  for (const TPMS_AUTH_COMMAND& authorization : authorizations)
    area.put(&Tss2_MU_TPMS_AUTH_COMMAND_Marshal, authorization);
  std::size_t size = kHeaderSize + parts.handles.size() * sizeof(TPM2_HANDLE) +
                     (authorizations.empty() ? 0 : sizeof(UINT32) + area.view().size()) +
                     parts.parameters.size();
  out.put(authorizations.empty() ? TPM2_ST_NO_SESSIONS : TPM2_ST_SESSIONS)
      .put(static_cast<UINT32>(size))
      .put(parts.code);
  for (TPM2_HANDLE handle : parts.handles)
    out.put(handle);
  if (!authorizations.empty()) out.put(static_cast<UINT32>(area.view().size())).put(area.view());
  out.put(parts.parameters);
  TSS2_RC code = area.is_sound() ? out.code() : area.code();
  if (code != TSS2_RC_SUCCESS) return std::unexpected(tpm_error(parts.name, code));
  return {};
}

Outcome<AnswerParts> read_answer(const char* name, MutableByteView answer, AnswerHandle handle,
                                 std::size_t authorizations) {
  TSS2_RC code = response_code(answer);
  if (code != TSS2_RC_SUCCESS) return std::unexpected(tpm_error(name, code));
  Reader reader(name, answer);
  auto header = TRY(reader.take(kHeaderSize));
  auto expected = authorizations == 0 ? TPM2_ST_NO_SESSIONS : TPM2_ST_SESSIONS;
  if (number_at(header, 0) >> 16 != expected)
    return std::unexpected(malformed_answer(name, "its tag"));
  AnswerParts parts;
  if (handle == AnswerHandle::One) parts.handle = TRY(reader.take(&Tss2_MU_UINT32_Unmarshal));
  if (authorizations == 0) {
    parts.parameters =
        answer.subspan(kHeaderSize + (handle == AnswerHandle::One ? sizeof(TPM2_HANDLE) : 0));
    return parts;
  }
  auto size = TRY(reader.take(&Tss2_MU_UINT32_Unmarshal));
  parts.parameters = TRY(reader.take(size));
  for (std::size_t i = 0; i < authorizations; ++i) {
    auto authorization = TRY(reader.take(&Tss2_MU_TPMS_AUTH_RESPONSE_Unmarshal));
    parts.authorizations.push_back(authorization);
  }
  TRY(reader.end());
  return parts;
}

}  // namespace strongroom::tpm
