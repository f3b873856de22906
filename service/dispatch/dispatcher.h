// Finds what serves a request and where it runs: on the calling thread when that is short, else in
// the provider's lane.
#pragma once

#include <map>
#include <memory>

#include "service/dispatch/call.h"
#include "service/dispatch/lane.h"
#include "service/dispatch/operation.h"
#include "service/dispatch/planning.h"

namespace strongroom {

// Owns the lanes. Any thread.
class Dispatcher {
 public:
  // `workers` threads for each provider's lane.
  Dispatcher(Services services, unsigned workers);
  ~Dispatcher();

  // Provider 0 is always there.
  bool has_provider(std::uint8_t id) const noexcept;

  // Steps 19 to 22. `call.opcode` is in the operation table and at its place; administrative needs
  // have been judged. A reply dropped unanswered means that the service is stopping.
  void run(Call call, Reply reply);

 private:
  void run_in_lane(const Operation& operation, Call call, Reply reply);
  Lane& lane_of(const Call& call) const;

  const Services services_;
  std::map<std::uint8_t, std::unique_ptr<Lane>> lanes_;  // by wire id of the provider
};

}  // namespace strongroom
