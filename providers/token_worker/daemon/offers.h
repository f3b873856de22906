// Which algorithms a token's pairs are used with.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "providers/token_worker/daemon/worker_pool.h"

namespace strongroom::token_worker {

// What is done in the daemon with a pair's public half is done only where the token does the other
// half: what is encrypted can be decrypted. Asks a worker once for each algorithm. Any thread.
class Offers {
 public:
  explicit Offers(WorkerPool& pool) noexcept : pool_(pool) {}
  // PsaErrorNotSupported where the token does not; else as WorkerPool::call().
  Result<> check(const KeyRecord& key, const psa::Algorithm& algorithm);

 private:
  WorkerPool& pool_;
  std::mutex mutex_;
  std::map<std::string, bool> known_;
};

}  // namespace strongroom::token_worker
