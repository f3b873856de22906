// Commands and answers as they cross the interface (TPM 2.0 r1.59 Part 1 §18), out of and into the
// structures of Part 2. The TSS's marshalling library does those; every read here is bounded by the
// answer, which is anybody's who sits on the bus. (The TSS's system API reads up to the end of its
// buffer, and so completes a short answer with bytes of our own command.)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <tss2/tss2_mu.h>
#include <tss2/tss2_tpm2_types.h>

#include "base/bytes.h"
#include "base/secret_buffer.h"
#include "providers/tpm/device/tpm_error.h"

namespace strongroom::tpm {

// Structures one after the other, as TPMs read them. Wiped on release. The first failure is kept
// for is_sound(), so that many can be written without a check after each.
class Writer {
 public:
  static constexpr std::size_t kMostBytes = 4096;

  Writer() noexcept = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { wipe(std::span(bytes_).first(size_)); }

  template <typename T>
  Writer& put(TSS2_RC (*marshal)(const T*, std::uint8_t*, std::size_t, std::size_t*),
              const T& value) {
    note(marshal(&value, octets(MutableByteView(bytes_)), bytes_.size(), &size_));
    return *this;
  }
  Writer& put(BYTE value);
  Writer& put(UINT16 value);
  Writer& put(UINT32 value);
  Writer& put(ByteView bytes);

  bool is_sound() const noexcept { return code_ == TSS2_RC_SUCCESS; }
  TSS2_RC code() const noexcept { return code_; }
  ByteView view() const noexcept { return std::span(bytes_).first(size_); }
  MutableByteView mutable_view() noexcept { return std::span(bytes_).first(size_); }

 private:
  void note(TSS2_RC code) noexcept {
    if (code_ == TSS2_RC_SUCCESS) code_ = code;
  }

  std::array<std::byte, kMostBytes> bytes_;
  std::size_t size_ = 0;
  TSS2_RC code_ = TSS2_RC_SUCCESS;
};

// Reads what a Writer of the other side wrote. `command` is for messages. A view, like those it
// reads from.
class Reader {
 public:
  Reader(const char* command, MutableByteView bytes) noexcept : command_(command), rest_(bytes) {}

  // PsaErrorCommunicationFailure when the bytes are no such structure.
  template <typename T>
  Outcome<T> take(TSS2_RC (*unmarshal)(const std::uint8_t*, std::size_t, std::size_t*, T*)) {
    T value{};
    std::size_t size = 0;
    TSS2_RC code = unmarshal(octets(ByteView(rest_)), rest_.size(), &size, &value);
    if (code != TSS2_RC_SUCCESS) return std::unexpected(malformed_answer(command_, "a structure"));
    rest_ = rest_.subspan(size);
    return value;
  }
  Outcome<MutableByteView> take(std::size_t size);
  // The buffer of a sized one (TPM2B_…), in place: no copy of it is left anywhere.
  Outcome<MutableByteView> take_sized();
  Outcome<> end() const;  // nothing is left

 private:
  const char* command_;
  MutableByteView rest_;
};

// Of a header that has_sound_header().
TSS2_RC response_code(ByteView answer) noexcept;
// Whether there is one whose size is that of the answer.
bool has_sound_header(ByteView answer) noexcept;

// What a command consists of before it is authorized.
struct CommandParts {
  const char* name;
  TPM2_CC code;
  std::span<const TPM2_HANDLE> handles;
  ByteView parameters;
};

// The most authorizations of a command: Part 1 §18.6.
inline constexpr std::size_t kMostAuthorizations = 3;

// The whole command, ready to send; with no authorizations it is one without sessions.
Outcome<> write_command(const CommandParts& parts,
                        std::span<const TPMS_AUTH_COMMAND> authorizations, Writer& out);

struct AnswerParts {
  TPM2_HANDLE handle = 0;  // of commands whose answer has one
  MutableByteView parameters;
  std::vector<TPMS_AUTH_RESPONSE> authorizations{};  // one for each of the command
};

enum class AnswerHandle { None, One };

// Takes apart an answer with a sound header, to a command with so many authorizations. A response
// code other than success is that error.
Outcome<AnswerParts> read_answer(const char* name, MutableByteView answer, AnswerHandle handle,
                                 std::size_t authorizations);

}  // namespace strongroom::tpm
