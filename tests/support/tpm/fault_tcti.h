// A transmission interface that hands commands on to a real TPM, and on the way back does what a
// test wants: refuses, delays, shortens, alters.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/bytes.h"
#include "providers/tpm/device/device.h"

namespace strongroom::testing {

// What happens on the way. Used by one thread at a time; interfaces that a thread left to itself
// still uses afterwards are broken.
class Faults {
 public:
  Faults();
  ~Faults();
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  // Sees the command and its real answer, and may change the answer.
  using OnAnswer = std::function<void(std::uint32_t command_code, Bytes& answer)>;
  // Answers itself with that response code; the TPM never sees the command. 0 hands it on.
  using OnCommand = std::function<std::uint32_t(std::uint32_t command_code, ByteView command)>;

  OnAnswer on_answer;
  OnCommand on_command;

  // The next answer to such a command is `code` alone.
  void refuse_next(std::uint32_t command_code, std::uint32_t code, int times = 1);

  // The next answer to such a command takes so much longer: an error of the interface to who does
  // not wait so long.
  void delay_next(std::uint32_t command_code, std::chrono::milliseconds delay);

  // Of each command that was sent, refused ones too.
  const std::vector<std::uint32_t>& sent() const noexcept { return sent_; }
  std::size_t count_of(std::uint32_t command_code) const;
  void forget_sent() { sent_.clear(); }
  // How often interfaces were opened.
  int openings() const noexcept { return openings_; }

  // Opens interfaces like `inner`, with these faults.
  tpm::TctiOpener around(tpm::TctiOpener inner);

  // For the interface. Null once these are gone.
  struct Link {
    std::mutex mutex;
    Faults* faults;
  };
  std::uint32_t decide(ByteView command);
  void alter(std::uint32_t command_code, Bytes& answer) const;
  std::chrono::milliseconds delay_of(std::uint32_t command_code);

 private:
  struct Refusal {
    std::uint32_t command_code;
    std::uint32_t code;
    int times;
  };

  std::deque<Refusal> refusals_;
  std::map<std::uint32_t, std::chrono::milliseconds> delays_;
  std::vector<std::uint32_t> sent_;
  int openings_ = 0;
  std::shared_ptr<Link> link_;
};

}  // namespace strongroom::testing
