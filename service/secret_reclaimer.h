// Gives secret memory back when there is none left: what caches hold can be read or built again.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "providers/provider.h"
#include "providers/software/software_provider.h"
#include "service/store/sqlite_store.h"

namespace strongroom {

// In force while it lives (set_secret_memory_reclaimer). Made before the first thread and destroyed
// after the last one.
class SecretReclaimer {
 public:
  explicit SecretReclaimer(const std::vector<std::shared_ptr<Provider>>& providers);
  ~SecretReclaimer();
  SecretReclaimer(const SecretReclaimer&) = delete;
  SecretReclaimer& operator=(const SecretReclaimer&) = delete;

  // The store opens secrets, and has threads, before it can be asked for some back. nullptr before
  // it is closed.
  void use(SqliteStore* store) noexcept { store_ = store; }

 private:
  bool reclaim();

  std::vector<std::shared_ptr<SoftwareProvider>> providers_;
  std::atomic<SqliteStore*> store_ = nullptr;
};

}  // namespace strongroom
