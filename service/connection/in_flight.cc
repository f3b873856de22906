#include "service/connection/in_flight.h"

#include <algorithm>
#include <utility>

namespace strongroom {

std::shared_ptr<Exchange> InFlight::begin(Charge charge, std::shared_ptr<Mailbox> mailbox,
                                          AnswerReceiver& receiver) {
  if (!gone_.stop_possible()) gone_ = std::stop_source();
  auto exchange = std::make_shared<Exchange>(std::move(mailbox), receiver);
  served_.push_back({.exchange = exchange, .charge = std::move(charge)});
  return exchange;
}

Charge InFlight::end(const Exchange& exchange) {
  const auto found = std::ranges::find(served_, &exchange,
                                       [](const Served& served) { return served.exchange.get(); });
  Charge charge = std::move(found->charge);
  if (found != served_.end() - 1) *found = std::move(served_.back());
  served_.pop_back();
  return charge;
}

void InFlight::abandon() {
  for (const Served& served : served_)
    served.exchange->abandon();
  served_.clear();
}

}  // namespace strongroom
