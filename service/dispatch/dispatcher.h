// Finds what serves a request and where it runs: on the calling thread when that is short, else in
// the provider's lane.
#pragma once

#include <map>
#include <memory>

#include "service/dispatch/call.h"
#include "service/dispatch/lane.h"
#include "service/dispatch/operation.h"
#include "service/dispatch/planning.h"
#include "service/principals/slice.h"

namespace strongroom {

// Owns the lanes. Any thread.
class Dispatcher {
 public:
  // `workers` threads for each provider's lane.
  Dispatcher(Services services, unsigned workers);

  // Once, before run(): starts the lanes' threads.
  Result<> start();

  // Provider 0 is always there.
  bool has_provider(std::uint8_t id) const noexcept;

  // Steps 19 to 22. `call.opcode` is in the operation table and at its place; administrative needs
  // have been judged. What runs on the calling thread is taken out of `slice`. A reply dropped
  // unanswered means that the service is stopping.
  void run(Call call, Slice& slice, Reply reply);

  // Lets running work end, drops what waits, and joins the lanes. Nothing runs in a lane
  // afterwards.
  void stop();

 private:
  void plan_in_lane(const Operation& operation, Call call, Reply reply);

  const Services services_;
  std::map<std::uint8_t, Lane> lanes_;  // by wire id; last, so that they end before what they use
};

}  // namespace strongroom
