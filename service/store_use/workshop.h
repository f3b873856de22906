// The providers that a task on a store needs, and no others.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "config/settings.h"
#include "service/store_use/store_side.h"

namespace strongroom {

// Each is made when it is asked for. Belongs to one thread; `settings` outlive it.
class Workshop {
 public:
  explicit Workshop(const config::Settings& settings) : settings_(settings) {}

  // Null when there is none of that name.
  Result<std::shared_ptr<Provider>> provider(const std::string& name);
  ProviderLookup lookup() {
    return [this](const std::string& name) { return provider(name); };
  }
  // Runs the command that gives the store's key, if one does: before there are other threads, which
  // providers have.
  Result<> run_command();
  Result<StoreSettings> store();

 private:
  const config::Settings& settings_;
  std::map<std::string, std::shared_ptr<Provider>> made_;
  std::shared_ptr<StoreKeySource> key_source_;  // once it is made
};

}  // namespace strongroom
