// The way of one answer from wherever it is made back to the connection that waits for it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "service/connection/answer.h"
#include "service/front_end/request_server.h"
#include "service/loop/mailbox.h"

namespace strongroom {

class Exchange;

// Called on the loop's thread.
class AnswerReceiver {
 public:
  virtual void on_answer(const Exchange& exchange, Answer answer) = 0;

 protected:
  ~AnswerReceiver() = default;
};

// Shared by the connection and by the Respond that the service holds, because either may go first.
// An answer given while the service is still being called waits for that call to end, so that short
// work needs no detour; a later one comes by mail.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<Mailbox> mailbox, AnswerReceiver& receiver) noexcept
      : mailbox_(std::move(mailbox)), receiver_(&receiver) {}

  // Once. Answers by itself, emptily, when destroyed uncalled.
  Respond make_respond();

  // On the loop's thread, once the service's call has returned: the answer if it is there.
  std::optional<Answer> end_of_call();
  // On the loop's thread: nobody waits any more.
  void abandon() noexcept { receiver_ = nullptr; }

  // Any thread.
  void deliver(Answer answer);

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  AnswerReceiver* receiver_;  // the loop thread's
  std::mutex mutex_;          // guards the rest
  bool is_call_over_ = false;
  std::optional<Answer> early_;
};

}  // namespace strongroom
