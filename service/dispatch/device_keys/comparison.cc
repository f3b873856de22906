#include "service/dispatch/device_keys/comparison.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/wall_clock.h"
#include "service/dispatch/cost.h"
#include "service/dispatch/device_keys/device_keys.h"
#include "service/dispatch/device_keys/device_objects.h"

namespace strongroom {
namespace {

constexpr std::size_t kSlice = 64;           // records
constexpr std::size_t kSliceOfOrphans = 16;  // each asks the device a dozen times
constexpr std::size_t kMostFindings = 1000;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestDescription = 512;

using Kind = Finding::Kind;

std::string subject_of(const KeyRecord& record) {
  return fmt::format("record:{}:{}", record.id.provider.instance, record.serial);
}
std::string subject_of(const ProviderIdentity& provider, ByteView material) {
  return fmt::format("object:{}:{}", provider.instance, to_hex(material));
}

// Of one provider after the other. Each step is a job of its own, which holds it.
class Comparison : public std::enable_shared_from_this<Comparison> {
 public:
  using Done = std::move_only_function<void(DeviceComparison)>;
  Comparison(std::shared_ptr<const Services> services, std::shared_ptr<Account> account,
             std::vector<std::string> subjects, Done done)
      : services_(std::move(services)),
        account_(std::move(account)),
        subjects_(std::make_move_iterator(subjects.begin()),
                  std::make_move_iterator(subjects.end())),
        done_(std::move(done)) {}

  void begin_next() {
    while (next_ < services_->providers.size()) {
      provider_ = services_->providers[next_++].get();
      if (provider_->inventory() == nullptr) continue;
      const ProviderHealth health = health_of(*provider_);
      if (is_serving(*provider_)) return in_lane(&Comparison::begin);
      note_not_compared(identity(),
                        fmt::format("it is {}: {}", name_of(health.state), health.reason));
    }
    note_missing_providers();
    done_(std::move(result_));
  }

 private:
  using Step = Result<> (Comparison::*)();
  const ProviderIdentity& identity() const { return provider_->description().identity; }

  void in_lane(Step step) {
    auto self = shared_from_this();
    services_->device_keys->run_in_lane(
        {.provider = provider_->description(),
         .account = account_,
         .generation = services_,
         .cost = kStoreChangeCost},
        [self, step](const std::stop_token&) {
          Result<> taken = ((*self).*step)();
          if (!taken) self->give_up(taken.error());
        },
        [self](const Error& refused) { self->give_up(refused); });
  }

  void give_up(const Error& error) {
    note_not_compared(identity(), error.message());
    begin_next();
  }

  // A key that comes or goes meanwhile is among the unfinished before or after its name is read, or
  // its object is not among those that were there.
  Result<> begin() {
    known_.clear();
    names_.clear();
    orphans_.clear();
    wanted_.clear();
    unread_ = services_->store.health().unreadable_records;
    std::vector<SecretBuffer> objects = TRY(provider_->inventory()->materials());
    TRY(know_the_unfinished());
    names_ = TRY(services_->store.names_of(identity()));
    TRY(know_the_unfinished());
    for (const SecretBuffer& object : objects)
      orphans_.insert(copy_of(object.reveal()));
    go_on();
    return {};
  }

  Result<> know_the_unfinished() {
    auto unfinished = TRY(services_->store.unfinished(identity()));
    for (const auto& [state, record] : unfinished)
      known_.insert(copy_of(record->material.reveal()));
    return {};
  }

  void go_on() { in_lane(names_.empty() ? &Comparison::find_orphans : &Comparison::look); }

  Result<> look() {
    for (std::size_t i = 0; i < kSlice && !names_.empty(); ++i) {
      TRY(look_at(names_.back()));
      names_.pop_back();
    }
    if (wanted_.empty())
      go_on();
    else
      remove_next();
    return {};
  }

  Result<> look_at(const KeyId& name) {
    Result<KeyRecordPtr> record = services_->store.find(name);
    if (!record) {
      const Status status = record.error().status();
      if (status == Status::PsaErrorDataCorrupt) ++unread_;
      // What else keeps a record from being read does not make an orphan of its object.
      else if (status != Status::PsaErrorDoesNotExist)
        return std::unexpected(std::move(record).error());
      return {};
    }
    const KeyRecord& key = **record;
    if (key.material.is_empty()) return {};
    known_.insert(copy_of(key.material.reveal()));
    Result<> found = provider_->inventory()->look_for(key);
    if (found) return {};
    const Status status = found.error().status();
    if (status != Status::PsaErrorDoesNotExist && status != Status::PsaErrorDataCorrupt)
      return found;
    if (!is_still_there(key)) return {};
    const bool is_missing = status == Status::PsaErrorDoesNotExist;
    if (subjects_.contains(subject_of(key)))
      wanted_.push_back({*record, is_missing});
    else
      note(finding_of(is_missing, key));
    return {};
  }

  // It may be destroyed while it is looked for.
  bool is_still_there(const KeyRecord& key) const {
    const Result<KeyRecordPtr> now = services_->store.find(key.id);
    return now && (*now)->serial == key.serial;
  }

  static Finding finding_of(bool is_missing, const KeyRecord& key) {
    return {.kind = is_missing ? Kind::ObjectMissing : Kind::ObjectDiffers,
            .key = key.id,
            .text = fmt::format("{}: {}", text_of(key.id),
                                is_missing ? "its object is not in the device any more"
                                           : "the device has another key in its place"),
            .subject = subject_of(key)};
  }

  // A record whose object is lost is of no use, and is removed from the store alone.
  void remove_next() {
    if (wanted_.empty()) return go_on();
    const auto [key, is_missing] = std::move(wanted_.back());
    wanted_.pop_back();
    services_->store.destroy_record(*key, [self = shared_from_this(), key = key,
                                           is_missing = is_missing](const Result<>& removed) {
      if (removed) {
        self->services_->operations_by_key->end(key->serial);
        log::warning("dispatch", "an administrator has removed {}, which the device has lost",
                     text_of(key->id));
        self->result_.repairs.push_back(finding_of(is_missing, *key));
      } else {
        self->note(finding_of(is_missing, *key));
      }
      self->remove_next();
    });
  }

  // Those that are still there: others have gone with their keys meanwhile.
  Result<> find_orphans() {
    for (const Bytes& known : known_)
      orphans_.erase(known);
    if (orphans_.empty()) {
      begin_next();
      return {};
    }
    const std::vector<SecretBuffer> objects = TRY(provider_->inventory()->materials());
    std::set<Bytes> there;
    for (const SecretBuffer& object : objects)
      there.insert(copy_of(object.reveal()));
    std::erase_if(orphans_, [&](const Bytes& each) { return !there.contains(each); });
    in_lane(&Comparison::look_at_orphans);
    return {};
  }

  Result<> look_at_orphans() {
    for (std::size_t i = 0; i < kSliceOfOrphans && !orphans_.empty(); ++i) {
      const Bytes material = *orphans_.begin();
      orphans_.erase(orphans_.begin());
      TRY(look_at_orphan(material));
    }
    if (orphans_.empty())
      begin_next();
    else
      in_lane(&Comparison::look_at_orphans);
    return {};
  }

  Result<> look_at_orphan(const Bytes& material) {
    const std::string subject = subject_of(identity(), material);
    const bool is_to_go = unread_ == 0 && subjects_.contains(subject);
    if (!is_to_go && result_.findings.size() >= kMostFindings) {
      ++result_.left_out;
      return {};
    }
    const SecretBuffer object = TRY(SecretBuffer::copy_of(material));
    const std::string description = TRY(describe(object));
    Finding orphan{.kind = Kind::OrphanObject,
                   .key = std::nullopt,
                   .text = fmt::format("provider '{}': an object of no key: {}",
                                       identity().instance, description),
                   .subject = subject};
    if (is_to_go) {
      TRY(destroy_orphan(object, description));
      result_.repairs.push_back(std::move(orphan));
      return {};
    }
    if (unread_ != 0) {
      orphan.text += "; it may be of one of the records that do not verify";
      orphan.subject.clear();
    }
    note(std::move(orphan));
    return {};
  }

  // Other faults than the device's do not keep an administrator from destroying it.
  Result<std::string> describe(const SecretBuffer& object) {
    Result<std::string> told = provider_->inventory()->describe(object);
    if (told) return told->substr(0, kLongestDescription);
    if (is_of_the_device(told.error())) return std::unexpected(std::move(told).error());
    return told.error().message().substr(0, kLongestDescription);
  }

  Result<> destroy_orphan(const SecretBuffer& object, std::string_view description) {
    SecretBuffer copy = TRY(SecretBuffer::copy_of(object.reveal()));
    KeyRecord of_nobody{.id = {.application = {}, .provider = identity(), .name = {}},
                        .attributes = {},
                        .material = std::move(copy),
                        .public_key = {},
                        .created = now_in_seconds()};              // it may be new
    of_nobody.attributes.type.kind = psa::KeyType::Kind::RawData;  // whatever it is
    TRY(provider_->keys()->destroy(of_nobody));
    log::warning("dispatch", "an administrator has destroyed an object of no key in '{}': {}",
                 identity().instance, description);
    return {};
  }

  void note_missing_providers() {
    for (const MissingProvider& each : missing_providers(services_->store, services_->providers))
      note_not_compared(each.identity, fmt::format("it is {}", why_not_configured(each.keys)));
  }

  void note_not_compared(const ProviderIdentity& provider, std::string_view why) {
    note({.kind = Kind::NotCompared,
          .key = std::nullopt,
          .text = fmt::format("provider '{}' was not compared: {}",
                              escaped(provider.instance, kLongestName), why)});
  }

  void note(Finding finding) {
    if (result_.findings.size() < kMostFindings)
      result_.findings.push_back(std::move(finding));
    else
      ++result_.left_out;
  }

  const std::shared_ptr<const Services> services_;
  const std::shared_ptr<Account> account_;
  const std::set<std::string> subjects_;
  Done done_;
  DeviceComparison result_;
  std::size_t next_ = 0;
  // Of the provider that is being compared.
  Provider* provider_ = nullptr;
  std::vector<KeyId> names_;  // not looked at yet
  std::vector<std::pair<KeyRecordPtr, bool>>
      wanted_;               // to be removed; whether their object is gone
  std::set<Bytes> known_;    // materials of records
  std::set<Bytes> orphans_;  // of objects, until their record is found
  std::size_t unread_ = 0;   // records that do not verify
};

}  // namespace

void compare_with_devices(std::shared_ptr<const Services> services,
                          std::shared_ptr<Account> account, std::vector<std::string> subjects,
                          std::move_only_function<void(DeviceComparison)> done) {
  std::make_shared<Comparison>(std::move(services), std::move(account), std::move(subjects),
                               std::move(done))
      ->begin_next();
}

}  // namespace strongroom
