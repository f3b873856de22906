#include "service/connection/intake/intake.h"

#include <utility>

#include "base/secret_buffer.h"

namespace strongroom {

Result<> Intake::add(ByteView arrived, const RequestServer& server, Account& account) {
  const std::size_t taken = TRY(take(arrived, server, account));
  if (taken == arrived.size()) return {};
  leftover_ = copy_of(arrived.subspan(taken));
  charge_leftover(account);
  return {};
}

Result<> Intake::go_on(const RequestServer& server, Account& account) {
  const ByteView leftover = ByteView(leftover_).subspan(leftover_begin_);
  const std::size_t taken = TRY(take(leftover, server, account));
  leftover_begin_ += taken;
  if (!has_leftover())
    clear_leftover();
  else if (leftover_charge_.is_empty())
    charge_leftover(account);
  return {};
}

Result<std::size_t> Intake::take(ByteView bytes, const RequestServer& server, Account& account) {
  const bool was_charged = is_charged();
  const std::size_t taken = TRY(reader_.take(bytes, server));
  if (is_charged() && !was_charged)
    charge_ = account.charge({.frames = 1, .bytes = kHeaderSize + announced()});
  return taken;
}

ArrivedRequest Intake::finish() {
  return {.request = reader_.finish(), .charge = std::exchange(charge_, {})};
}

void Intake::clear() noexcept {
  reader_.clear();
  charge_.release();
  clear_leftover();
}

void Intake::charge_leftover(Account& account) {
  leftover_charge_ = account.charge({.bytes = leftover_.size() - leftover_begin_});
}

void Intake::clear_leftover() noexcept {
  wipe(leftover_);
  leftover_ = Bytes();
  leftover_begin_ = 0;
  leftover_charge_.release();
}

}  // namespace strongroom
