#include "service/store_use/workshop.h"

#include "service/rooms.h"

namespace strongroom {

Result<std::shared_ptr<Provider>> Workshop::provider(const std::string& name) {
  if (made_.contains(name)) return made_[name];
  for (const config::Provider& wanted : settings_.providers) {
    if (wanted.name != name) continue;
    // A task starts no workers: what it wants of a token it does itself.
    config::Provider alone = wanted;
    alone.isolation = config::TokenIsolation::None;
    auto made = TRY(make_providers({alone}, settings_.service));
    return made_[name] = std::move(made.front());
  }
  return nullptr;
}

Result<> Workshop::run_command() {
  const config::Store& store = settings_.store;
  if (store.key_source.kind == config::KeySource::Kind::Command)
    key_source_ = TRY(make_key_source(store.key_source, store.key_pcrs, lookup()));
  return {};
}

Result<StoreSettings> Workshop::store() {
  const config::Store& store = settings_.store;
  if (!key_source_) key_source_ = TRY(make_key_source(store.key_source, store.key_pcrs, lookup()));
  return store_settings(settings_, key_source_, lookup());
}

}  // namespace strongroom
