// A request on its way through a lane.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "service/dispatch/call.h"
#include "service/principals/accounts.h"

namespace strongroom {

// A decoded and permitted request, ready to run: the expensive part. It refers to its generation's
// providers; whoever runs it holds the generation. Stops early, where it can, once the token is
// requested.
struct Work {
  Cost cost;
  // What is answered from memory needs no provider, which may be stuck.
  bool needs_provider = true;
  std::move_only_function<void(Reply, std::stop_token)> run;
};

struct Job {
  std::shared_ptr<Account> account;  // to which it is charged while it waits
  std::stop_token gone;              // nobody waits for the answer any more
  Reply reply;
  std::shared_ptr<const void> generation;  // what `plan` and `work` refer to
  // Empty once `work` is there. Until then the work has only a cost, which is an estimate.
  std::move_only_function<Result<Work>()> plan;
  Work work;
};

}  // namespace strongroom
