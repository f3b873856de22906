// Gives secret memory back when there is none left: what caches hold can be read or built again.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "providers/provider.h"
#include "providers/software/software_provider.h"
#include "service/store/sqlite_store.h"

namespace strongroom {

// In force while it lives (set_secret_memory_reclaimer). Made before the first thread and destroyed
// after the last one.
class SecretReclaimer {
 public:
  SecretReclaimer();
  ~SecretReclaimer();
  SecretReclaimer(const SecretReclaimer&) = delete;
  SecretReclaimer& operator=(const SecretReclaimer&) = delete;

  // What these cache, from now on.
  void use(const std::vector<std::shared_ptr<Provider>>& providers);
  // The store opens secrets, and has threads, before it can be asked for some back. nullptr before
  // it is closed.
  void use(SqliteStore* store) noexcept { store_ = store; }

 private:
  bool reclaim();

  using Providers = std::vector<std::shared_ptr<SoftwareProvider>>;
  Providers providers() const;

  mutable std::mutex mutex_;  // guards providers_
  Providers providers_;
  std::atomic<SqliteStore*> store_ = nullptr;
};

}  // namespace strongroom
