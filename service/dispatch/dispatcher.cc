#include "service/dispatch/dispatcher.h"

#include <utility>

namespace strongroom {
namespace {

void run_unless_gone(Work work, const std::stop_token& gone, Reply reply) {
  if (!gone.stop_requested()) work.run(std::move(reply));
}

}  // namespace

Result<std::shared_ptr<const Dispatcher>> Dispatcher::create(
    std::shared_ptr<const Services> services, Lanes& lanes) {
  std::shared_ptr<Dispatcher> dispatcher(new Dispatcher(std::move(services), lanes));
  dispatcher->lanes_.emplace(std::to_underlying(ProviderId::Core), &lanes.core());
  for (const auto& provider : dispatcher->services_->providers) {
    Lane* lane = TRY(lanes.lane_of(provider->description()));
    dispatcher->lanes_.emplace(provider->description().id, lane);
  }
  return dispatcher;
}

Lane& Dispatcher::lane_for(const Operation& operation, std::uint8_t provider) const {
  return operation.needs == Needs::Admin ? administration_ : *lanes_.at(provider);
}

void Dispatcher::run(Call call, Slice& slice, Reply reply) const {
  const Operation& operation = *find_operation(std::to_underlying(call.opcode));
  Lane& lane = lane_for(operation, call.provider);
  if (call.body.size() > kInlineBody || lane.has_waiting(call.account->principal()))
    return plan_in_lane(operation, std::move(call), std::move(reply));

  Planning planning(call, services_, Reading::MemoryOnly);
  Result<Work> work = operation.plan(planning);
  if (planning.must_read()) return plan_in_lane(operation, std::move(call), std::move(reply));
  if (!work) return reply(std::unexpected(std::move(work).error()));
  if (work->cost <= kInlineCost && slice.take(*call.account, work->cost))
    return work->run(std::move(reply));
  lane.submit(call.account->principal(), [generation = services_, work = *std::move(work),
                                          gone = call.gone, reply = std::move(reply)]() mutable {
    run_unless_gone(std::move(work), gone, std::move(reply));
  });
}

void Dispatcher::plan_in_lane(const Operation& operation, Call call, Reply reply) const {
  const Principal principal = call.account->principal();
  lane_for(operation, call.provider)
      .submit(principal, [generation = services_, &operation, call = std::move(call),
                          reply = std::move(reply)]() mutable {
        if (call.gone.stop_requested()) return;
        Planning planning(call, generation, Reading::MayRead);
        Result<Work> work = operation.plan(planning);
        if (!work) return reply(std::unexpected(std::move(work).error()));
        run_unless_gone(*std::move(work), call.gone, std::move(reply));
      });
}

}  // namespace strongroom
