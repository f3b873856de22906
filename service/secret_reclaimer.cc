#include "service/secret_reclaimer.h"

#include "base/secret_buffer.h"

namespace strongroom {

SecretReclaimer::SecretReclaimer() {
  set_secret_memory_reclaimer([this] { return reclaim(); });
}

SecretReclaimer::~SecretReclaimer() {
  set_secret_memory_reclaimer({});
}

void SecretReclaimer::use(const std::vector<std::shared_ptr<Provider>>& providers) {
  Providers caching;
  for (const auto& provider : providers)
    if (auto software = std::dynamic_pointer_cast<SoftwareProvider>(provider))
      caching.push_back(std::move(software));
  const std::lock_guard lock(mutex_);
  std::swap(providers_, caching);
}

SecretReclaimer::Providers SecretReclaimer::providers() const {
  const std::lock_guard lock(mutex_);
  return providers_;
}

bool SecretReclaimer::reclaim() {
  bool is_anything_back = false;
  for (const auto& provider : providers())
    is_anything_back = provider->drop_cached_keys() || is_anything_back;
  SqliteStore* store = store_;
  return (store != nullptr && store->drop_cached()) || is_anything_back;
}

}  // namespace strongroom
