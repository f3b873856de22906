// How calls end other than by their answer, and connections.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "client/channel/judgement.h"
#include "client/channel/multiplexer.h"
#include "client/guarded.h"

namespace strongroom::client {
namespace {

using namespace std::chrono_literals;

constexpr int kMostAttempts = 4;
constexpr auto kAskAgain = 60s;
// What a service that keeps nothing needs at most to close after an answer. Later it may be the end
// of a kept connection's idle time.
constexpr auto kClosesAtOnce = 1s;

bool may_be_sent_again(const Call& call, const ClientError& fault) {
  if (call.is_bound_to_its_connection()) return false;
  if (call.attempts >= kMostAttempts) return false;
  if (call.sent == 0) return true;
  return !call.changes_something() && fault.source() == ErrorSource::Connection;
}

ClientError loss_of(const Call& call, const ClientError& fault) {
  if (fault.source() != ErrorSource::Connection) return fault;
  if (call.is_bound_to_its_connection()) return gone_with_connection(fault.message());
  const bool is_unknown = call.changes_something() && call.sent > 0;
  return {ErrorSource::Connection, Status::ConnectionError,
          is_unknown ? fmt::format("connection lost: outcome unknown ({})", fault.message())
                     : fmt::format("connection lost: {}", fault.message()),
          fault.system_error()};
}

}  // namespace

// Connections that are over go, and what was on them is sent again or ends.
void Multiplexer::settle(TimePoint now) {
  for (auto channel = channels_.begin(); channel != channels_.end();) {
    if (channel->manner() == Channel::Manner::Keep && channel->answered() >= 2)
      keeping_ = Keeping::Yes;
    if (channel->fault()) {
      learn_from(*channel, now);
      send_again_or_end(*channel);
      channel = close(channel);
      continue;
    }
    if (channel->is_retired()) channel->take_back_unsent(waiting_, waiting_.begin());
    channel = is_of_use(*channel) ? std::next(channel) : close(channel);
  }
  ended_.remove_if([](const Call& call) { return call.is_ours; });
}

bool Multiplexer::is_of_use(const Channel& channel) const noexcept {
  if (channel.has_calls()) return true;
  if (channel.is_finished()) return false;
  // Only on a connection that is known to be kept others may follow an abandoned request.
  const bool is_kept = channel.manner() == Channel::Manner::Keep && keeping_ == Keeping::Yes;
  return channel.in_flight() == 0 || is_kept;
}

bool Multiplexer::close_one_without_calls() noexcept {
  auto channel =
      std::ranges::find_if(channels_, [](const Channel& one) { return !one.has_calls(); });
  if (channel == channels_.end()) return false;
  close(channel);
  return true;
}

void Multiplexer::learn_from(const Channel& channel, TimePoint now) noexcept {
  if (channel.manner() != Channel::Manner::Keep || channel.is_retired()) return;
  if (channel.fault()->source() != ErrorSource::Connection || channel.answered() != 1) return;
  if (channel.in_flight() == 0 && now - channel.last_answer() >= kClosesAtOnce) return;
  if (keeping_ == Keeping::Yes) {
    keeping_ = Keeping::Unknown;  // another service than it was
  } else {
    keeping_ = Keeping::No;
    ask_again_ = now + kAskAgain;
  }
}

void Multiplexer::send_again_or_end(Channel& channel) {
  const ClientError& fault = *channel.fault();
  Calls& calls = channel.calls();
  const auto first_waiting = waiting_.begin();
  while (!calls.empty()) {
    auto call = calls.begin();
    if (call->is_ours) {
      calls.erase(call);
    } else if (may_be_sent_again(*call, fault)) {
      call->sent = 0;
      waiting_.splice(first_waiting, calls, call);
    } else {
      end(calls, call, std::unexpected(loss_of(*call, fault)));
    }
  }
}

Multiplexer::Channels::iterator Multiplexer::close(Channels::iterator channel) noexcept {
  watcher_.forget(channel->descriptor());
  return channels_.erase(channel);
}

void Multiplexer::end(Calls& from, Calls::iterator call,
                      ClientResult<SecretBytes> result) noexcept {
  call->end(std::move(result));
  ended_.splice(ended_.end(), from, call);
}

Calls Multiplexer::take_ended() noexcept {
  Calls ended;
  ended.swap(ended_);
  return ended;
}

void Multiplexer::cancel(std::uint64_t id) noexcept {
  try {
    end_those([id](const Call& call) { return call.id == id; }, Why::Cancelled);
  } catch (...) {
    end_all_for_lack_of_memory();
  }
}

void Multiplexer::fail_undirected(const ClientError& error) noexcept {
  try {
    for (auto call = waiting_.begin(); call != waiting_.end();) {
      auto next = std::next(call);
      if (!call->is_directed()) end(waiting_, call, std::unexpected(error));
      call = next;
    }
  } catch (...) {
    end_all_for_lack_of_memory();
  }
}

void Multiplexer::expire(TimePoint now) {
  next_deadline_.reset();
  end_those([now](const Call& call) { return call.deadline && *call.deadline <= now; },
            Why::Timeout);
  for (const Call& call : waiting_)
    next_deadline_ = earlier(next_deadline_, call.deadline);
  for (Channel& channel : channels_)
    for (const Call& call : channel.calls())
      next_deadline_ = earlier(next_deadline_, call.deadline);
}

void Multiplexer::end_those(const std::function<bool(const Call&)>& claim, Why why) {
  for (auto call = waiting_.begin(); call != waiting_.end();) {
    auto next = std::next(call);
    if (claim(*call)) end(waiting_, call, std::unexpected(premature_end(*call, why)));
    call = next;
  }
  for (auto channel = channels_.begin(); channel != channels_.end();) {
    for (auto call = channel->calls().begin(); call != channel->calls().end();) {
      auto next = std::next(call);
      if (claim(*call) || (call->is_ours && waiting_.empty())) {
        call->end(std::unexpected(premature_end(*call, why)));
        channel->abandon(call, ended_);
      }
      call = next;
    }
    channel = is_of_use(*channel) ? std::next(channel) : close(channel);
  }
  watch_sending();
}

ClientError Multiplexer::premature_end(const Call& call, Why why) const {
  const bool is_late = why == Why::Timeout;
  const char* cause = is_late ? "timed out" : "cancelled";
  std::string doing = "waiting for the answer";
  if (call.sent == 0)
    doing = next_attempt_ ? fmt::format("connecting to '{}'", escaped(settings_.socket_path))
                          : std::string("sending the request");
  const bool is_unknown = call.changes_something() && call.sent > 0;
  return {is_late ? ErrorSource::Timeout : ErrorSource::Cancelled, Status::ConnectionError,
          fmt::format("{}: {}{}", doing, cause, is_unknown ? ", outcome unknown" : ""),
          is_late ? ETIMEDOUT : ECANCELED};
}

void Multiplexer::end_all(const ClientError& error) noexcept {
  try {
    for (Channel& channel : channels_)
      waiting_.splice(waiting_.end(), channel.calls());
    while (!waiting_.empty())
      end(waiting_, waiting_.begin(), std::unexpected(error));
  } catch (...) {
    while (!waiting_.empty())
      end(waiting_, waiting_.begin(), out_of_memory());
  }
  close_all();
  ended_.remove_if([](const Call& call) { return call.is_ours; });
}

void Multiplexer::end_all_for_lack_of_memory() noexcept {
  end_all(out_of_memory().error());
}

void Multiplexer::close_all() noexcept {
  while (!channels_.empty())
    close(channels_.begin());
}

}  // namespace strongroom::client
