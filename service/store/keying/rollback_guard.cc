#include "service/store/keying/rollback_guard.h"

#include "base/log.h"
#include "service/store/disk/key_table.h"
#include "service/store/disk/transaction.h"

namespace strongroom {
namespace {

constexpr const char* kRow = "rollback_counter";

Result<> write_plan(Database& database, const Sealer& sealer, ByteView plan) {
  Sealed sealed = TRY(sealer.seal(SealedKind::Counter, {}, plan));
  Bytes stored = std::move(sealed.salt);
  stored.insert(stored.end(), sealed.sealed.begin(), sealed.sealed.end());
  return write_meta(database, kRow, stored);
}

Result<std::optional<SecretBuffer>> read_plan(Database& database, const Sealer& sealer) {
  std::optional<Bytes> stored = TRY(find_meta(database, kRow));
  if (!stored) return std::nullopt;
  ByteView bytes(*stored);
  if (bytes.size() < Sealer::kSaltSize)
    return fail(Status::KeyInfoManagerError, "what the store says of its counter is too short");
  Result<SecretBuffer> plan = sealer.unseal(SealedKind::Counter, {}, bytes.first(Sealer::kSaltSize),
                                            bytes.subspan(Sealer::kSaltSize));
  if (!plan)
    return fail(Status::KeyInfoManagerError,
                fmt::format("what the store says of its counter: {}", plan.error().message()));
  return std::optional(*std::move(plan));
}

// One that does not verify has no age that could be believed.
Result<Head> read_head(Database& database, const Sealer& sealer) {
  Bytes stored = TRY(read_meta(database, "head"));
  Result<Head> head = unseal_head(sealer, stored);
  if (head) return head;
  return fail(Status::KeyInfoManagerError,
              fmt::format("{}, so that nobody knows how old the store is: 'strongroomd --fsck "
                          "--accept' and then 'strongroom store accept-rollback' take it as it is",
                          head.error().message()));
}

// All that is between two commits is durable.
Result<> commit_epoch(Database& database, const Sealer& sealer, Head head, std::uint64_t epoch,
                      const SecretBuffer* plan) {
  head.epoch = epoch;
  ++head.generation;
  Bytes sealed = TRY(seal_head(sealer, head));
  return in_transaction(database, [&]() -> Result<> {
    TRY(write_meta(database, "head", sealed));
    if (plan != nullptr) TRY(write_plan(database, sealer, plan->reveal()));
    return {};
  });
}

std::unexpected<Error> needs_accepting(std::string_view why) {
  return fail(Status::KeyInfoManagerError,
              fmt::format("{}; if you know why, 'strongroom store accept-rollback' takes the store "
                          "as it is for the newest",
                          why));
}

Result<> check(std::uint64_t epoch, std::uint64_t counter) {
  if (epoch == counter || epoch == counter + 1) return {};
  if (epoch < counter)
    return needs_accepting(
        fmt::format("the store is an old copy: it is of epoch {}, and the "
                    "counter stands at {}",
                    epoch, counter));
  return needs_accepting(
      fmt::format("the counter stands at {}, and the store is of epoch {}: it "
                  "is not the counter that it was",
                  counter, epoch));
}

// Its number first, with an epoch that no start accepts, so that each step can be taken up: a
// counter in the TPM that no store knows would stay there for good.
Result<std::uint64_t> set_up(EpochCounter& counter, Database& database, const Sealer& sealer,
                             SecretBuffer& plan) {
  Head head = TRY(read_head(database, sealer));
  TRY(commit_epoch(database, sealer, head, 0, &plan));
  const std::uint64_t value = TRY(counter.establish(plan.reveal()));
  head = TRY(read_head(database, sealer));
  TRY(commit_epoch(database, sealer, head, value, nullptr));
  return value;
}

bool is_missing(const Error& error) {
  return error.status() == Status::PsaErrorDoesNotExist ||
         error.status() == Status::PsaErrorAlreadyExists;
}

Result<std::uint64_t> read_counter(EpochCounter& counter, ByteView plan) {
  Result<std::uint64_t> value = counter.read(plan);
  if (value) return value;
  const std::string why =
      fmt::format("rollback counter of '{}': {}", counter.name(), value.error().message());
  if (is_missing(value.error())) return needs_accepting(why);
  return fail(Status::KeyInfoManagerError, why);
}

}  // namespace

Result<RollbackGuard> RollbackGuard::begin(std::shared_ptr<EpochCounter> counter,
                                           Database& database, const Sealer& sealer) {
  std::optional<SecretBuffer> plan = TRY(read_plan(database, sealer));
  Head head = TRY(read_head(database, sealer));
  if (head.epoch == 0 && head.last_serial == 0) {
    if (!plan) plan = TRY(counter->plan());
    head.epoch = TRY(in_context(set_up(*counter, database, sealer, *plan),
                                "making the rollback counter of '{}'", counter->name()));
    head = TRY(read_head(database, sealer));
  }
  if (!plan || head.epoch == 0)
    return needs_accepting(fmt::format(
        "the store has keys and knows no rollback counter of '{}' yet", counter->name()));
  const std::uint64_t value = TRY(read_counter(*counter, plan->reveal()));
  TRY(check(head.epoch, value));
  const std::uint64_t next = value + 1;
  if (head.epoch != next) TRY(commit_epoch(database, sealer, head, next, nullptr));
  RollbackGuard guard(std::move(counter), *std::move(plan));
  TRY(guard.follow(next, Clock::now(), EpochCounter::Waiting::Start));
  guard.stepped_at_.reset();
  return guard;
}

Result<> RollbackGuard::accept(EpochCounter& counter, Database& database, const Sealer& sealer) {
  const Head head = TRY(read_head(database, sealer));
  std::optional<SecretBuffer> plan = TRY(read_plan(database, sealer));
  if (plan && head.epoch == 0) {
    std::ignore = TRY(set_up(counter, database, sealer, *plan));
    return {};
  }
  if (plan) {
    Result<std::uint64_t> value = counter.read(plan->reveal());
    if (value) {
      TRY(commit_epoch(database, sealer, head, *value + 1, nullptr));
      std::ignore = TRY(counter.advance(plan->reveal(), *value + 1, EpochCounter::Waiting::Start));
      return {};
    }
    if (!is_missing(value.error())) return std::unexpected(std::move(value).error());
  }
  SecretBuffer next = TRY(counter.plan());
  std::ignore = TRY(set_up(counter, database, sealer, next));
  return {};
}

Result<> RollbackGuard::retire(EpochCounter& counter, Database& database, const Sealer& sealer) {
  std::optional<SecretBuffer> plan = TRY(read_plan(database, sealer));
  return plan ? counter.remove(plan->reveal()) : Result<>();
}

Result<> RollbackGuard::reseal(Database& database, const Sealer& from, const Sealer& to) {
  std::optional<SecretBuffer> plan = TRY(read_plan(database, from));
  return plan ? write_plan(database, to, plan->reveal()) : Result<>();
}

Result<bool> RollbackGuard::has_counter(Database& database) {
  std::optional<Bytes> stored = TRY(find_meta(database, kRow));
  return stored.has_value();
}

bool RollbackGuard::begins_epoch_with_removal(Clock::time_point now) {
  has_removed_ = true;
  return is_epoch_due(now);
}

// Never two steps ahead of the counter.
bool RollbackGuard::is_epoch_due(Clock::time_point now) const {
  return has_removed_ && !is_behind_ && (!stepped_at_ || now >= *stepped_at_ + kInterval);
}

Result<> RollbackGuard::follow(std::uint64_t epoch, Clock::time_point now,
                               EpochCounter::Waiting waiting) {
  stepped_at_ = now;
  if (!is_behind_) has_removed_ = false;
  is_behind_ = true;
  retry_at_ = now + kRetry;
  const std::uint64_t value = TRY(in_context(counter_->advance(plan_.reveal(), epoch, waiting),
                                             "rollback counter of '{}'", counter_->name()));
  if (value != epoch)
    return fail(Status::KeyInfoManagerError,
                fmt::format("the rollback counter of '{}' stands at {}, and the store is of epoch "
                            "{}: somebody else has counted, maybe with a copy of the store",
                            counter_->name(), value, epoch));
  is_behind_ = false;
  retry_at_.reset();
  return {};
}

std::optional<RollbackGuard::Clock::time_point> RollbackGuard::next_look() const {
  if (is_behind_) return retry_at_ ? retry_at_ : Clock::time_point();
  if (!has_removed_ || !stepped_at_) return retry_at_;
  const Clock::time_point due = *stepped_at_ + kInterval;
  return retry_at_ ? std::max(due, *retry_at_) : due;
}

}  // namespace strongroom
