#include "service/secret_reclaimer.h"

#include "base/secret_buffer.h"

namespace strongroom {

SecretReclaimer::SecretReclaimer(const std::vector<std::shared_ptr<Provider>>& providers) {
  for (const auto& provider : providers)
    if (auto software = std::dynamic_pointer_cast<SoftwareProvider>(provider))
      providers_.push_back(std::move(software));
  set_secret_memory_reclaimer([this] { return reclaim(); });
}

SecretReclaimer::~SecretReclaimer() {
  set_secret_memory_reclaimer({});
}

bool SecretReclaimer::reclaim() {
  bool is_anything_back = false;
  for (const auto& provider : providers_)
    is_anything_back = provider->drop_cached_keys() || is_anything_back;
  SqliteStore* store = store_;
  return (store != nullptr && store->drop_cached()) || is_anything_back;
}

}  // namespace strongroom
