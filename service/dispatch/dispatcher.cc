#include "service/dispatch/dispatcher.h"

#include <utility>

namespace strongroom {
namespace {

constexpr std::uint8_t kCore = std::to_underlying(ProviderId::Core);
constexpr unsigned kCoreWorkers = 1;  // lists that need the disk, and nothing else

void run_unless_gone(Work work, const std::stop_token& gone, Reply reply) {
  if (!gone.stop_requested()) work.run(std::move(reply));
}

}  // namespace

Dispatcher::Dispatcher(Services services, unsigned workers) : services_(std::move(services)) {
  lanes_.try_emplace(kCore, "core", kCoreWorkers);
  for (const auto& provider : services_.providers) {
    const ProviderDescription& description = provider->description();
    lanes_.try_emplace(description.id, description.identity.instance, workers);
  }
}

Result<> Dispatcher::start() {
  for (auto& [id, lane] : lanes_)
    TRY(lane.start());
  return {};
}

bool Dispatcher::has_provider(std::uint8_t id) const noexcept {
  return lanes_.contains(id);
}

void Dispatcher::run(Call call, Slice& slice, Reply reply) {
  const Operation& operation = *find_operation(std::to_underlying(call.opcode));
  Lane& lane = lanes_.at(call.provider);
  if (call.body.size() > kInlineBody || lane.has_waiting(call.account->principal()))
    return plan_in_lane(operation, std::move(call), std::move(reply));

  Planning planning(call, services_, Reading::MemoryOnly);
  Result<Work> work = operation.plan(planning);
  if (planning.must_read()) return plan_in_lane(operation, std::move(call), std::move(reply));
  if (!work) return reply(std::unexpected(std::move(work).error()));
  if (work->cost <= kInlineCost && slice.take(*call.account, work->cost))
    return work->run(std::move(reply));
  lane.submit(call.account->principal(),
              [work = *std::move(work), gone = call.gone, reply = std::move(reply)]() mutable {
                run_unless_gone(std::move(work), gone, std::move(reply));
              });
}

void Dispatcher::plan_in_lane(const Operation& operation, Call call, Reply reply) {
  const Principal principal = call.account->principal();
  Lane& lane = lanes_.at(call.provider);
  lane.submit(principal,
              [this, &operation, call = std::move(call), reply = std::move(reply)]() mutable {
                if (call.gone.stop_requested()) return;
                Planning planning(call, services_, Reading::MayRead);
                Result<Work> work = operation.plan(planning);
                if (!work) return reply(std::unexpected(std::move(work).error()));
                run_unless_gone(*std::move(work), call.gone, std::move(reply));
              });
}

void Dispatcher::stop() {
  for (auto& [id, lane] : lanes_)
    lane.stop();
}

}  // namespace strongroom
