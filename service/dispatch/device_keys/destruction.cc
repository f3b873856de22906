#include "service/dispatch/device_keys/destruction.h"

#include <utility>

#include "base/log.h"
#include "service/dispatch/cost.h"
#include "service/dispatch/device_keys/device_keys.h"
#include "service/dispatch/device_keys/device_objects.h"

namespace strongroom {
namespace {

Result<> outcome_of(Ended ended) {
  switch (ended) {
    case Ended::Destroyed: break;
    case Ended::WereGone:
      return fail(Status::PsaErrorDoesNotExist,
                  "its name is free, but the device had no such key any more");
    case Ended::AreOthers:
      return fail(Status::PsaErrorDataCorrupt,
                  "its name is free, but the device has another key in its place, which stays");
  }
  return {};
}

// Held by whatever happens next; what ends before the objects do is left to DeviceKeys.
class Destruction : public std::enable_shared_from_this<Destruction> {
 public:
  Destruction(std::shared_ptr<const Services> services, std::shared_ptr<Account> account,
              Provider& provider, KeyRecordPtr key, Committed done)
      : services_(std::move(services)),
        account_(std::move(account)),
        provider_(provider),
        key_(std::move(key)),
        done_(std::move(done)),
        claim_(services_->device_keys, key_->id, key_->serial) {}
  ~Destruction() {
    if (is_left_) services_->device_keys->destroy(key_);
  }
  Destruction(const Destruction&) = delete;
  Destruction& operator=(const Destruction&) = delete;

  void begin() {
    services_->store.begin_destroy(
        *key_, [self = shared_from_this()](Result<> begun) { self->go_on(std::move(begun)); });
  }

 private:
  // On a thread of the store. The client may be gone: what has begun is finished.
  void go_on(Result<> begun) {
    if (!begun) {
      if (begun.error().status() == Status::KeyInfoManagerError)
        services_->device_keys->doubt(key_->id, key_->material);
      return done_(std::move(begun));
    }
    is_left_ = true;
    services_->operations_by_key->end(key_->serial);
    auto self = shared_from_this();
    services_->device_keys->run_in_lane(
        {.provider = provider_.description(),
         .account = account_,
         .generation = services_,
         .cost = kStoreChangeCost},
        [self](const std::stop_token&) { self->end(); },
        [self](Error refused) { self->postpone(std::move(refused)); });
  }

  // In the lane.
  void end() {
    Result<Ended> ended = end_objects(provider_, *key_);
    if (!ended) return postpone(std::move(ended).error());
    services_->store.finish_destroy(
        key_->serial, [self = shared_from_this(), ended = *ended](const Result<>& finished) {
          // The objects are gone; a record that stays is removed later.
          self->is_left_ = !finished && !is_gone(finished.error());
          self->done_(outcome_of(ended));
        });
  }

  void postpone(Error error) {
    error.add_context("its name is free; its objects are destroyed once the device serves");
    done_(std::unexpected(std::move(error)));
  }

  const std::shared_ptr<const Services> services_;
  const std::shared_ptr<Account> account_;
  Provider& provider_;  // of the generation
  const KeyRecordPtr key_;
  Committed done_;
  bool is_left_ = false;
  const DeviceKeys::Claim claim_;
};

}  // namespace

void destroy_in_device(std::shared_ptr<const Services> services, std::shared_ptr<Account> account,
                       Provider& provider, KeyRecordPtr key, Committed done) {
  std::make_shared<Destruction>(std::move(services), std::move(account), provider, std::move(key),
                                std::move(done))
      ->begin();
}

}  // namespace strongroom
