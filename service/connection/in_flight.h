// The requests of one connection that are being served.
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "service/connection/exchange.h"
#include "service/principals/accounts.h"

namespace strongroom {

// Belongs to the loop's thread.
class InFlight {
 public:
  // One more; its answer goes to `receiver`, unless it is there when the service's call ends.
  std::shared_ptr<Exchange> begin(Charge charge, std::shared_ptr<Mailbox> mailbox,
                                  AnswerReceiver& receiver);
  // It has been answered, or never will be; gives what it was charged.
  Charge end(const Exchange& exchange);

  std::size_t size() const noexcept { return served_.size(); }
  bool is_empty() const noexcept { return served_.empty(); }

  // Requested once nobody waits for the answers any more.
  std::stop_token gone() const { return gone_.get_token(); }
  void tell_gone() { gone_.request_stop(); }
  // Nobody is there to receive the answers either.
  void abandon();

 private:
  struct Served {
    std::shared_ptr<Exchange> exchange;
    Charge charge;
  };

  std::vector<Served> served_;
  std::stop_source gone_{std::nostopstate};  // of all of them, from the first on
};

}  // namespace strongroom
