#include "service/dispatch/key_changes.h"

#include <utility>

#include "base/log.h"
#include "service/dispatch/message.h"

namespace strongroom {
namespace {

KeyRecord record_of(const KeyId& id, NewKey made) {
  return {.id = id,
          .attributes = std::move(made.attributes),
          .material = std::move(made.material),
          .public_key = std::move(made.public_key),
          .created = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
}

}  // namespace

void store_new_key(Store& store, const KeyId& id, NewKey made, Reply reply) {
  store.create(record_of(id, std::move(made)), [name = id.name,
                                                reply = std::move(reply)](Result<> stored) mutable {
    reply(empty_body(in_context(std::move(stored), "storing key '{}'", escaped(name))));
  });
}

void destroy(const Services& services, const KeyRecordPtr& key, Committed done) {
  Provider* provider = services.provider(key->id.provider);
  services.store.destroy(key->id,
                         [provider, key, done = std::move(done)](Result<> forgotten) mutable {
                           if (!forgotten || provider == nullptr) return done(std::move(forgotten));
                           done(provider->keys()->destroy(*key));
                         });
}

}  // namespace strongroom
