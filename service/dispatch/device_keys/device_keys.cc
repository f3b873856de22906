#include "service/dispatch/device_keys/device_keys.h"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <unistd.h>

#include "base/log.h"
#include "base/memory_reserve.h"
#include "service/dispatch/cost.h"
#include "service/dispatch/device_keys/device_objects.h"

namespace strongroom {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::hours kWithoutWork{1};

// A record that does not verify stays as it is, for an operator to see.
bool is_beyond_repair(const Error& error) {
  return is_gone(error) || error.status() == Status::PsaErrorDataCorrupt;
}

}  // namespace

// Keys that are being destroyed, on their way through the lane.
class DeviceKeys::Batch {
 public:
  Batch(std::shared_ptr<DeviceKeys> keys, std::shared_ptr<Provider> provider, Records records)
      : keys_(std::move(keys)), provider_(std::move(provider)), records_(std::move(records)) {}
  ~Batch() { keys_->put_back(provider_->description().identity, std::move(records_), has_failed_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void run(const std::stop_token& stop) {
    Records failed;
    bool goes_on = true;
    while (goes_on && !records_.empty() && !stop.stop_requested()) {
      Result<Ended> ended = end_objects(*provider_, *records_.front());
      if (ended)
        tell(*records_.front(), *ended);
      else
        goes_on = !is_of_the_device(ended.error());
      KeyRecordPtr key = std::move(records_.front());
      records_.pop_front();
      if (ended) {
        keys_->finish(key);
        continue;
      }
      log::debug("dispatch", "{}: its objects are not destroyed yet: {}", text_of(key->id),
                 ended.error().message());
      failed.push_back(std::move(key));
    }
    has_failed_ = !failed.empty();
    std::ranges::move(failed, std::back_inserter(records_));
  }

 private:
  static void tell(const KeyRecord& key, Ended ended) {
    if (ended == Ended::AreOthers)
      log::warning("dispatch",
                   "{} is destroyed, but the device has another key in its place, which stays",
                   text_of(key.id));
    else
      log::info("dispatch", "{}: what was left in the device is destroyed", text_of(key.id));
  }

  const std::shared_ptr<DeviceKeys> keys_;
  const std::shared_ptr<Provider> provider_;
  Records records_;
  bool has_failed_ = false;
};

DeviceKeys::DeviceKeys(Store& store, Lanes& lanes, const Pauses& pauses)
    : store_(store),
      lanes_(lanes),
      pauses_(pauses),
      account_(Accounts::create({})->account_of(Principal::user(::geteuid()))) {}

DeviceKeys::~DeviceKeys() {
  stop();
}

Result<> DeviceKeys::start() {
  try {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  } catch (const std::system_error& error) {
    return fail(Status::ConnectionError,
                fmt::format("cannot start a thread: {}", error.code().message()));
  }
  return {};
}

void DeviceKeys::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void DeviceKeys::use(const std::vector<std::shared_ptr<Provider>>& providers) {
  const std::lock_guard lock(mutex_);
  for (const auto& provider : providers) {
    if (!has_device_keys(*provider)) continue;
    const auto [entry, is_new] = places_.try_emplace(provider->description().identity);
    Place& place = entry->second;
    place.must_read |= is_new || place.provider.expired();
    place.provider = provider;
    place.due = Clock::now();
    place.pause = {};
  }
  wake();
}

DeviceKeys::Claim::Claim(std::shared_ptr<DeviceKeys> keys, KeyId id, std::uint64_t serial)
    : keys_(std::move(keys)), key_(std::move(id), serial) {
  const std::lock_guard lock(keys_->mutex_);
  keys_->claims_.insert(key_);
}

DeviceKeys::Claim::~Claim() {
  const std::lock_guard lock(keys_->mutex_);
  keys_->claims_.extract(key_);
}

void DeviceKeys::doubt(const KeyId& id, const SecretBuffer& material) {
  auto copy = SecretBuffer::copy_of(material.reveal());
  if (!copy) return read_again(id.provider);  // what is pending there is abandoned
  auto doubted = std::make_shared<KeyRecord>();
  doubted->id = id;
  doubted->material = *std::move(copy);
  add(std::move(doubted), &Place::doubted);
}

void DeviceKeys::destroy(KeyRecordPtr key) {
  add(std::move(key), &Place::doomed);
}

std::size_t DeviceKeys::left_of(const ProviderIdentity& provider) const {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(provider);
  if (found == places_.end()) return 0;
  const Place& place = found->second;
  return place.doubted.size() + place.doomed.size() + place.busy;
}

void DeviceKeys::add(KeyRecordPtr key, Records Place::* list) {
  const std::lock_guard lock(mutex_);
  Place& place = places_[key->id.provider];
  (place.*list).push_back(std::move(key));
  wake();
}

void DeviceKeys::wake() {
  has_news_ = true;
  changed_.notify_one();
}

void DeviceKeys::back_off(Place& place) {
  place.pause = std::clamp(2 * place.pause, pauses_.first, pauses_.longest);
  place.due = Clock::now() + place.pause;
}

void DeviceKeys::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Clock::time_point next = Clock::now() + pauses_.longest;
    if (!attempt([&] { next = attend(); })) log::warning("dispatch", "out of memory");
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, next, [this] { return has_news_; });
    has_news_ = false;
  }
}

DeviceKeys::Clock::time_point DeviceKeys::attend() {
  std::vector<ProviderIdentity> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [identity, place] : places_)
      if (place.due <= Clock::now()) due.push_back(identity);
  }
  for (const ProviderIdentity& identity : due) {
    read(identity);
    abandon_those_of(identity);
    submit_those_of(identity);
  }
  Clock::time_point next = Clock::now() + kWithoutWork;
  const std::lock_guard lock(mutex_);
  for (const auto& [identity, place] : places_) {
    const bool can_go_on = !place.doomed.empty() && !place.is_in_lane && !place.provider.expired();
    if (place.must_read || !place.doubted.empty() || can_go_on) next = std::min(next, place.due);
  }
  return next;
}

void DeviceKeys::read(const ProviderIdentity& identity) {
  {
    const std::lock_guard lock(mutex_);
    if (!places_[identity].must_read) return;
  }
  auto unfinished = store_.unfinished(identity);
  if (!unfinished)
    log::warning("dispatch", "reading which keys of '{}' are not finished: {}", identity.instance,
                 unfinished.error().message());
  else if (!unfinished->empty())
    log::info("dispatch",
              "{} keys of provider '{}' were being made or destroyed when the service ended",
              unfinished->size(), identity.instance);
  const std::lock_guard lock(mutex_);
  Place& place = places_[identity];
  if (!unfinished) return back_off(place);
  place.must_read = false;
  for (auto& [state, record] : *unfinished) {
    const bool is_pending = state == KeyState::Pending;
    if (claims_.contains({record->id, is_pending ? 0 : record->serial})) continue;
    (is_pending ? place.doubted : place.doomed).push_back(std::move(record));
  }
}

void DeviceKeys::abandon_those_of(const ProviderIdentity& identity) {
  Records doubted;
  {
    const std::lock_guard lock(mutex_);
    Place& place = places_[identity];
    if (place.due > Clock::now()) return;
    doubted = std::exchange(place.doubted, {});
    place.busy += doubted.size();
  }
  for (const KeyRecordPtr& each : doubted)
    abandon(each);
}

void DeviceKeys::abandon(const KeyRecordPtr& doubted) {
  auto material = SecretBuffer::copy_of(doubted->material.reveal());
  if (!material) return put_back(doubted, &Place::doubted);
  KeyRecord record{
      .id = doubted->id, .attributes = {}, .material = *std::move(material), .public_key = {}};
  store_.abandon(std::move(record),
                 [self = shared_from_this(), doubted](Result<KeyRecordPtr> abandoned) {
                   if (!abandoned && !is_beyond_repair(abandoned.error()))
                     return self->put_back(doubted, &Place::doubted);
                   self->note(*doubted, std::move(abandoned));
                   self->settle(*doubted);
                 });
}

void DeviceKeys::note(const KeyRecord& doubted, Result<KeyRecordPtr> abandoned) {
  if (abandoned) {
    log::info("dispatch", "{} was not made to its end; its name is free", text_of(doubted.id));
    return add(*std::move(abandoned), &Place::doomed);
  }
  if (is_gone(abandoned.error())) return read_again(doubted.id.provider);
  log::warning("dispatch", "{}", abandoned.error().message());
}

// By now the store knows the outcome of all that was asked before.
void DeviceKeys::read_again(const ProviderIdentity& identity) {
  const std::lock_guard lock(mutex_);
  places_[identity].must_read = true;
  wake();
}

void DeviceKeys::submit_those_of(const ProviderIdentity& identity) {
  std::shared_ptr<Provider> provider;
  {
    const std::lock_guard lock(mutex_);
    const Place& place = places_[identity];
    if (place.due > Clock::now() || place.doomed.empty() || place.is_in_lane) return;
    provider = place.provider.lock();
  }
  if (!provider) return;
  const bool is_up = is_serving(*provider);
  Records keys;
  {
    const std::lock_guard lock(mutex_);
    Place& place = places_[identity];
    if (!is_up) {
      place.pause = {};
      return back_off(place);
    }
    const auto count = std::min(kBatch, place.doomed.size());
    const auto end = place.doomed.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(place.doomed.begin(), end, std::back_inserter(keys));
    place.doomed.erase(place.doomed.begin(), end);
    place.busy += count;
    place.is_in_lane = true;
  }
  submit(provider, std::move(keys));
}

void DeviceKeys::submit(const std::shared_ptr<Provider>& provider, Records keys) {
  const Cost cost = kStoreChangeCost * static_cast<int>(keys.size());
  auto batch = std::make_shared<Batch>(shared_from_this(), provider, std::move(keys));
  run_in_lane(
      {.provider = provider->description(),
       .account = account_,
       .generation = provider,
       .cost = cost},
      [batch](const std::stop_token& stop) { batch->run(stop); },
      [batch](const Error& error) { log::debug("dispatch", "{}", error.message()); });
}

void DeviceKeys::run_in_lane(LaneJob job, std::move_only_function<void(std::stop_token)> run,
                             std::move_only_function<void(Error)> refused) {
  Result<Lane*> lane = lanes_.lane_of(job.provider);
  if (!lane) return refused(std::move(lane).error());
  (*lane)->submit({.account = std::move(job.account),
                   .gone = std::move(job.gone),
                   .reply = [refused = std::move(refused)](
                                Result<Bytes> why) mutable { refused(std::move(why).error()); },
                   .generation = std::move(job.generation),
                   .plan = nullptr,
                   .work = {.cost = job.cost,
                            .run = [run = std::move(run)](Reply, std::stop_token stop) mutable {
                              run(std::move(stop));
                            }}});
}

void DeviceKeys::finish(const KeyRecordPtr& key) {
  store_.finish_destroy(key->serial, [self = shared_from_this(), key](const Result<>& finished) {
    if (!finished && !is_beyond_repair(finished.error()))
      return self->put_back(key, &Place::doomed);
    if (!finished && !is_gone(finished.error()))
      log::warning("dispatch", "{}", finished.error().message());
    self->settle(*key);
  });
}

void DeviceKeys::settle(const KeyRecord& key) {
  const std::lock_guard lock(mutex_);
  --places_[key.id.provider].busy;
}

void DeviceKeys::put_back(KeyRecordPtr key, Records Place::* list) {
  const std::lock_guard lock(mutex_);
  Place& place = places_[key->id.provider];
  --place.busy;
  (place.*list).push_back(std::move(key));
  back_off(place);
  wake();
}

void DeviceKeys::put_back(const ProviderIdentity& identity, Records keys, bool has_failed) {
  const std::lock_guard lock(mutex_);
  Place& place = places_[identity];
  place.is_in_lane = false;
  place.busy -= keys.size();
  if (!has_failed) place.pause = {};
  if (!keys.empty()) back_off(place);
  std::ranges::move(keys, std::back_inserter(place.doomed));
  wake();
}

}  // namespace strongroom
