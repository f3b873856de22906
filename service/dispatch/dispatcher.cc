#include "service/dispatch/dispatcher.h"

#include <utility>

#include "service/dispatch/parts/open_operations.h"

namespace strongroom {

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

// A device may be stuck whatever its operations cost: the calling thread never goes there.
bool Dispatcher::may_run_inline(const Lane& lane, const Work& work) {
  const bool may_block = lane.kind() == Lane::Kind::Device && work.needs_provider;
  return !may_block && work.cost <= kInlineCost;
}

void Dispatcher::run(Call call, Slice& slice, Reply reply) const {
  const Operation& operation = *find_operation(std::to_underlying(call.opcode));
  Lane& lane = lane_for(operation, call.provider);
  if (operation.order == Order::AsArrived && call.operations)
    run_in_turn(services_, operation, lane, std::move(call), slice, std::move(reply));
  else
    plan_here(services_, operation, lane, std::move(call), slice, std::move(reply));
}

// The turn goes with the reply, whatever becomes of the request. Its patience begins here, or those
// behind a stuck one would lose theirs one after the other.
void Dispatcher::run_in_turn(const Generation& services, const Operation& operation, Lane& lane,
                             Call call, Slice& slice, Reply reply) {
  const std::shared_ptr<Strand> strand = call.operations->strand();
  strand->submit([services, &operation, &lane, &slice, since = Lane::Clock::now(),
                  call = std::move(call),
                  reply = std::move(reply)](Strand::Turn turn, Strand::When when) mutable {
    Reply in_turn = [reply = std::move(reply), turn = std::move(turn)](Result<Bytes> body) mutable {
      reply(std::move(body));
      turn.release();
    };
    if (when == Strand::When::AtOnce)
      return plan_here(services, operation, lane, std::move(call), slice, std::move(in_turn));
    if (Result<> patient = lane.check_patience(since); !patient)
      in_turn(std::unexpected(std::move(patient).error()));
    else
      plan_in_lane(services, operation, lane, std::move(call), std::move(in_turn));
  });
}

void Dispatcher::plan_here(const Generation& services, const Operation& operation, Lane& lane,
                           Call call, Slice& slice, Reply reply) {
  if (call.body.size() > kInlineBody || lane.has_waiting(call.account->principal()))
    return plan_in_lane(services, operation, lane, std::move(call), std::move(reply));

  Planning planning(call, services, Reading::MemoryOnly);
  Result<Work> work = operation.plan(planning);
  if (planning.must_read())
    return plan_in_lane(services, operation, lane, std::move(call), std::move(reply));
  if (!work) return reply(std::unexpected(std::move(work).error()));
  if (may_run_inline(lane, *work) && slice.take(*call.account, work->cost))
    return work->run(std::move(reply), std::move(call.gone));
  lane.submit({.account = std::move(call.account),
               .gone = std::move(call.gone),
               .reply = std::move(reply),
               .generation = services,
               .plan = nullptr,
               .work = *std::move(work)});
}

void Dispatcher::plan_in_lane(const Generation& services, const Operation& operation, Lane& lane,
                              Call call, Reply reply) {
  Job job{.account = call.account,
          .gone = call.gone,
          .reply = std::move(reply),
          .generation = services,
          .plan = nullptr,
          .work = {.cost = estimated_cost(call.body.size()), .run = nullptr}};
  job.plan = [generation = services, &operation, call = std::move(call)] {
    Planning planning(call, generation, Reading::MayRead);
    return operation.plan(planning);
  };
  lane.submit(std::move(job));
}

}  // namespace strongroom
