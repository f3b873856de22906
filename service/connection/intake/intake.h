// What has been read from a connection and not yet been served.
#pragma once

#include "base/error.h"
#include "service/connection/intake/frame_reader.h"
#include "service/front_end/request_server.h"
#include "service/principals/accounts.h"

namespace strongroom {

struct ArrivedRequest {
  Request request;
  Charge charge;  // one frame, and the request's bytes
};

// The request that is arriving, and what the last read brought behind it: at most kReadAhead. A
// request is charged with its header, for all that it announces, so that a principal's limit bounds
// what its connections may have half sent; memory grows with what arrives.
class Intake {
 public:
  // Both take as far as the request is complete, or what there is; they fail as `server` does.
  // add() takes what a read brought, when nothing is left over; go_on() what is left over.
  Result<> add(ByteView arrived, const RequestServer& server, Account& account);
  Result<> go_on(const RequestServer& server, Account& account);

  bool has_begun() const noexcept { return reader_.has_begun(); }
  bool is_charged() const noexcept { return reader_.has_header(); }
  bool is_complete() const noexcept { return reader_.is_complete(); }
  bool has_leftover() const noexcept { return leftover_begin_ < leftover_.size(); }
  bool is_between_requests() const noexcept { return !has_begun() && !has_leftover(); }
  std::size_t announced() const noexcept { return reader_.announced(); }
  // Bytes that surely belong to the request which has begun, or will.
  std::size_t missing() const noexcept { return reader_.missing(); }

  // The complete request; afterwards the next may begin.
  ArrivedRequest finish();
  // Nothing goes on until the account has room: what is left over must not be what takes it. It is
  // charged again with go_on().
  void wait() noexcept { leftover_charge_.release(); }
  void clear() noexcept;

  Intake() = default;
  ~Intake() { clear(); }
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

 private:
  Result<std::size_t> take(ByteView bytes, const RequestServer& server, Account& account);
  void charge_leftover(Account& account);
  void clear_leftover() noexcept;

  FrameReader reader_;
  Charge charge_;
  Bytes leftover_;
  std::size_t leftover_begin_ = 0;
  Charge leftover_charge_;
};

}  // namespace strongroom
