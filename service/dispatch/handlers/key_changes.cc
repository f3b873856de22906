#include "service/dispatch/handlers/key_changes.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/log_gate.h"
#include "base/wall_clock.h"
#include "service/dispatch/cost.h"
#include "service/dispatch/device_keys/creation.h"
#include "service/dispatch/device_keys/destruction.h"
#include "service/dispatch/device_keys/device_objects.h"

namespace strongroom {
namespace {

// Whose provider is not configured now: its object is destroyed once it is again.
void destroy_later(std::shared_ptr<const Services> services, const KeyRecordPtr& key,
                   Committed done) {
  Store& store = services->store;
  store.begin_destroy(
      *key, [services = std::move(services), key, done = std::move(done)](Result<> begun) mutable {
        if (begun) services->operations_by_key->end(key->serial);
        done(std::move(begun));
      });
}

KeyRecord record_of(const KeyId& id, NewKey made) {
  return {.id = id,
          .attributes = std::move(made.attributes),
          .material = std::move(made.material),
          .public_key = std::move(made.public_key),
          .created = now_in_seconds()};
}

void warn_of_remaining(const KeyId& id, const Error& error) {
  static LogGate gate;
  if (auto suppressed = gate.pass())
    log::warning("dispatch", "deleting a client: key '{}' of '{}': {} suppressed={}",
                 escaped(id.name), escaped(id.application.name), error.message(), *suppressed);
}

// Each slice is begun by the last completion of the one before, on a thread of the store.
class Deletion : public std::enable_shared_from_this<Deletion> {
 public:
  Deletion(std::shared_ptr<const Services> services, std::shared_ptr<Account> account,
           std::vector<KeyRecordPtr> keys, Committed done)
      : services_(std::move(services)),
        account_(std::move(account)),
        keys_(std::move(keys)),
        done_(std::move(done)) {}

  void go_on() {
    std::size_t begin = next_;
    std::size_t end = std::min(begin + kSlice, keys_.size());
    if (begin == end || !store_answers_) return done_(std::move(store_answers_));
    next_ = end;
    outstanding_ = end - begin;
    for (std::size_t i = begin; i < end; ++i)
      destroy(services_, account_, keys_[i],
              [self = shared_from_this(), key = keys_[i]](Result<> destroyed) {
                self->finish(*key, std::move(destroyed));
              });
  }

 private:
  static constexpr std::size_t kSlice = 64;

  void finish(const KeyRecord& key, Result<> destroyed) {
    if (!destroyed) note(key.id, std::move(destroyed).error());
    if (--outstanding_ == 0) go_on();
  }

  void note(const KeyId& id, Error error) {
    warn_of_remaining(id, error);
    if (error.status() != Status::KeyInfoManagerError) return;
    std::lock_guard lock(mutex_);
    store_answers_ = std::unexpected(std::move(error));
  }

  const std::shared_ptr<const Services> services_;
  const std::shared_ptr<Account> account_;
  const std::vector<KeyRecordPtr> keys_;
  Committed done_;
  std::size_t next_ = 0;
  std::atomic<std::size_t> outstanding_ = 0;
  std::mutex mutex_;  // guards store_answers_ while changes are outstanding
  Result<> store_answers_;
};

}  // namespace

Result<> check_deprecation(const psa::KeyAttributes& attributes, const Services& services) {
  if (services.allow_deprecated || !policy::is_deprecated(attributes)) return {};
  return fail(Status::DeprecatedPrimitive,
              fmt::format("'{}' with '{}' is deprecated; [service] allow_deprecated permits it",
                          psa::to_string(attributes.type, attributes.bits),
                          psa::to_string(attributes.algorithm)));
}

void store_new_key(Store& store, const KeyId& id, NewKey made, Reply reply) {
  store.create(record_of(id, std::move(made)), [name = id.name,
                                                reply = std::move(reply)](Result<> stored) mutable {
    reply(empty_body(in_context(std::move(stored), "storing key '{}'", escaped(name))));
  });
}

Result<Work> work_that_makes(const Planning& planning, Making making) {
  Provider& provider = planning.provider();
  SecretBuffer material;
  if (!making.attributes.type.is_public_key()) material = TRY(provider.keys()->new_material());
  if (material.is_empty()) {
    auto run = [&store = planning.services().store, making = std::move(making)](
                   Reply reply, std::stop_token stop) mutable {
      Result<NewKey> made = in_context(making.make({}, std::move(stop)), "{} key '{}'",
                                       making.doing, escaped(making.id.name));
      if (!made) return reply(std::unexpected(std::move(made).error()));
      store_new_key(store, making.id, *std::move(made), std::move(reply));
    };
    return Work{.cost = making.cost, .run = std::move(run)};
  }
  DeviceKeyMaking in_device{.key = std::move(making),
                            .provider = &provider,
                            .material = std::move(material),
                            .account = planning.call().account,
                            .gone = planning.call().gone};
  auto run = [services = planning.generation(), in_device = std::move(in_device)](
                 Reply reply, const std::stop_token&) mutable {
    make_in_device(services, std::move(in_device), std::move(reply));
  };
  return Work{.cost = kStoreChangeCost, .run = std::move(run)};
}

void destroy(std::shared_ptr<const Services> services, const std::shared_ptr<Account>& account,
             const KeyRecordPtr& key, Committed done) {
  Provider* holder = services->provider(key->id.provider);
  if (holder != nullptr && !key->material.is_empty() && has_device_keys(*holder))
    return destroy_in_device(std::move(services), account, *holder, key, std::move(done));
  if (holder == nullptr && !key->material.is_empty() && key->id.provider.uuid == kPkcs11Uuid)
    return destroy_later(std::move(services), key, std::move(done));
  Store& store = services->store;
  store.destroy_record(*key, [services = std::move(services), key,
                              done = std::move(done)](Result<> forgotten) mutable {
    if (!forgotten) return done(std::move(forgotten));
    services->operations_by_key->end(key->serial);
    Provider* provider = services->provider(key->id.provider);
    if (provider == nullptr) return done({});
    done(provider->keys()->destroy(*key));
  });
}

void destroy_all(std::shared_ptr<const Services> services, std::shared_ptr<Account> account,
                 std::vector<KeyRecordPtr> keys, Committed done) {
  std::make_shared<Deletion>(std::move(services), std::move(account), std::move(keys),
                             std::move(done))
      ->go_on();
}

}  // namespace strongroom
