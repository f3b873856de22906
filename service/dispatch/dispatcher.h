// Finds what serves a request and where it runs: on the calling thread when that is short, else in
// a lane.
#pragma once

#include <map>
#include <memory>

#include "service/dispatch/call.h"
#include "service/dispatch/lanes.h"
#include "service/dispatch/operation.h"
#include "service/dispatch/planning.h"
#include "service/principals/slice.h"

namespace strongroom {

// One generation of the configuration at work. Immutable and cheap; any thread. What it has begun
// goes on without it: work that waits holds the generation, not the dispatcher.
class Dispatcher {
 public:
  // `lanes` outlives it. Fails when there is no thread for the lane of a new provider.
  static Result<std::shared_ptr<const Dispatcher>> create(std::shared_ptr<const Services> services,
                                                          Lanes& lanes);

  // Provider 0 is always there.
  bool has_provider(std::uint8_t id) const noexcept { return lanes_.contains(id); }

  // Steps 19 to 22. `call.opcode` is in the operation table and at its place; administrative needs
  // have been judged. What runs on the calling thread is taken out of `slice`. A reply dropped
  // unanswered means that the service is stopping, or that the client is gone.
  void run(Call call, Slice& slice, Reply reply) const;

 private:
  Dispatcher(std::shared_ptr<const Services> services, Lanes& lanes)
      : services_(std::move(services)), administration_(lanes.administration()) {}
  using Generation = std::shared_ptr<const Services>;
  static bool may_run_inline(const Lane& lane, const Work& work);
  Lane& lane_for(const Operation& operation, std::uint8_t provider) const;
  // What may run after this has gone.
  static void run_in_turn(const Generation& services, const Operation& operation, Lane& lane,
                          Call call, Slice& slice, Reply reply);
  static void plan_here(const Generation& services, const Operation& operation, Lane& lane,
                        Call call, Slice& slice, Reply reply);
  static void plan_in_lane(const Generation& services, const Operation& operation, Lane& lane,
                           Call call, Reply reply);

  const Generation services_;
  Lane& administration_;
  std::map<std::uint8_t, Lane*> lanes_;  // by wire id
};

}  // namespace strongroom
