// Responses on their way into a socket.
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/frame.h"
#include "service/connection/answer.h"
#include "service/principals/accounts.h"

namespace strongroom {

// Sends them in the order in which they came, as many as there are in one call.
class Outbox {
 public:
  // `account` outlives this.
  explicit Outbox(Account& account) noexcept : account_(account) {}

  // `charge`, which may be empty, is that of the request. It ends once the kernel has the response,
  // and becomes one for the response if the kernel does not take it at once, or has not yet taken
  // one before it.
  void push(OwnedResponse response, Charge charge);

  // As much as the socket takes without waiting. PeerGone: it takes no more, ever.
  enum class Progress { AllSent, Blocked, PeerGone };
  Progress send_to(int socket);

  bool is_empty() const noexcept { return unsent_ == 0; }
  std::size_t unsent() const noexcept { return unsent_; }  // bytes
  // Responses of which something is unsent.
  std::size_t responses() const noexcept { return entries_.size() - first_; }
  void clear() noexcept;

 private:
  struct Entry {
    HeaderBytes header;
    WipedBytes body;
    Charge charge;
    bool is_charged = false;  // for the response
    std::size_t size() const noexcept { return header.size() + body.size(); }
  };

  ssize_t send_some(int socket) const noexcept;
  void drop(std::size_t sent) noexcept;
  void charge_rest();
  void charge_response(Entry& entry);

  Account& account_;
  std::vector<Entry> entries_;
  std::size_t first_ = 0;   // entries before it are sent
  std::size_t sent_ = 0;    // bytes of the first
  std::size_t unsent_ = 0;  // bytes of all
  bool is_behind_ = false;  // the kernel took less than there was
};

}  // namespace strongroom
