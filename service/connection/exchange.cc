#include "service/connection/exchange.h"

#include <utility>

namespace strongroom {
namespace {

class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange) noexcept
      : exchange_(std::move(exchange)) {}
  Responder(Responder&& other) noexcept = default;
  Responder& operator=(Responder&& other) = delete;
  ~Responder() {
    if (exchange_) exchange_->deliver({});
  }

  void operator()(Response response) {
    Answer answer{OwnedResponse(std::move(response))};
    if (auto exchange = std::exchange(exchange_, nullptr)) exchange->deliver(std::move(answer));
  }

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace

Respond Exchange::make_respond() {
  return Responder(shared_from_this());
}

std::optional<Answer> Exchange::end_of_call() {
  std::lock_guard lock(mutex_);
  is_call_over_ = true;
  return std::exchange(early_, std::nullopt);
}

void Exchange::deliver(Answer answer) {
  {
    std::lock_guard lock(mutex_);
    if (!is_call_over_) {
      early_.emplace(std::move(answer));
      return;
    }
  }
  mailbox_->post([self = shared_from_this(), answer = std::move(answer)]() mutable {
    if (self->receiver_ != nullptr) self->receiver_->on_answer(*self, std::move(answer));
  });
}

}  // namespace strongroom
