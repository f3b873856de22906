// Looks closely at a few of a load's answers, after the load: signatures are verified, ciphertexts,
// digests and Ping's answer compared with what they have to be.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/task.h"

namespace strongroom::bench {

class SpotChecks {
 public:
  // Keeps the answer to look at if it is one of the few.
  void consider(const Task& task, ByteView body);
  // {"looked_at": …, "wrong": …}; the public keys are asked of the service at `socket`.
  std::string run(const std::string& socket);

 private:
  bool is_right(const Task& task, const Bytes& body);
  bool is_signature(std::string_view key, ProviderId provider, const Bytes& body);

  std::string socket_;
  std::uint64_t seen_ = 0;
  std::vector<std::pair<Task, Bytes>> kept_;
};

}  // namespace strongroom::bench
