#include "client/channel/multiplexer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unistd.h>
#include <utility>

#include "base/error.h"
#include "client/channel/judgement.h"
#include "client/channel/socket.h"
#include "client/guarded.h"

namespace strongroom::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kBacklogPause = 3ms;

// The real uid, little-endian, as the clients of Parsec send it: where it is not the effective one,
// that is in a program with raised privileges, the service refuses.
std::array<std::byte, 4> peer_credentials() noexcept {
  uid_t uid = ::getuid();
  std::array<std::byte, 4> bytes{};
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(uid & 0xff);
    uid >>= 8;
  }
  return bytes;
}

void add_authentication(Call& call, const std::string& application_name) {
  if (call.request.identity == EncodedRequest::Identity::None) return;
  const bool is_direct = !application_name.empty();
  const std::array<std::byte, 4> uid = peer_credentials();
  const ByteView bytes = is_direct ? view_of(application_name) : ByteView(uid);
  call.request.frame.insert(call.request.frame.end(), bytes.begin(), bytes.end());
  call.auth_type = is_direct ? AuthType::Direct : AuthType::UnixPeerCredentials;
  call.auth_size = static_cast<std::uint16_t>(bytes.size());
}

}  // namespace

Multiplexer::~Multiplexer() {
  close_all();
}

ClientResult<std::uint64_t> Multiplexer::submit(Submission submission, TimePoint now) noexcept {
  return guarded([&]() -> ClientResult<std::uint64_t> {
    TRY(add(std::move(submission)));
    const std::uint64_t id = last_id_;
    try {
      advance(now);
    } catch (...) {
      end_all_for_lack_of_memory();
    }
    watch_sending();
    return id;
  });
}

ClientResult<> Multiplexer::add(Submission submission) {
  if (submission.request.frame.size() - kHeaderSize > std::numeric_limits<std::uint32_t>::max())
    return std::unexpected(ClientError(ErrorSource::Caller, Status::BodySizeExceedsLimit,
                                       "framing the request: more bytes than a frame holds"));
  Calls one;
  Call& call = one.emplace_back(last_id_ + 1);
  call.request = std::move(submission.request);
  call.provider = submission.provider;
  call.deadline = submission.deadline;
  add_authentication(call, settings_.application_name);
  if (submission.cancellation.stop_possible())
    call.on_stop.emplace(std::move(submission.cancellation), Call::RequestStop{&call, &signal_});
  next_deadline_ = earlier(next_deadline_, call.deadline);
  waiting_.splice(waiting_.end(), one);
  ++last_id_;
  return {};
}

ClientResult<std::uint64_t> Multiplexer::submit_ended(ClientError error) noexcept {
  return guarded([&]() -> ClientResult<std::uint64_t> {
    Calls one;
    one.emplace_back(last_id_ + 1).end(std::unexpected(std::move(error)));
    ended_.splice(ended_.end(), one);
    return ++last_id_;
  });
}

void Multiplexer::process(TimePoint now) noexcept {
  try {
    read(now);
    if (signal_.take_stops())
      end_those([](const Call& call) { return call.is_stopped.load(); }, Why::Cancelled);
    if (next_deadline_ && *next_deadline_ <= now) expire(now);
    advance(now);
  } catch (...) {
    end_all_for_lack_of_memory();
  }
  watch_sending();
}

void Multiplexer::read(TimePoint now) {
  for (Channel& channel : channels_) {
    channel.send();
    channel.receive(ended_, now);
  }
}

void Multiplexer::watch_sending() noexcept {
  for (Channel& channel : channels_) {
    const auto events =
        channel.wants_to_send() ? Watcher::For::InputAndOutput : Watcher::For::Input;
    if (events == channel.watched_for()) continue;
    watcher_.change(channel.descriptor(), events);
    channel.set_watched_for(events);
  }
}

void Multiplexer::advance(TimePoint now) {
  do
    settle(now);
  while (place_next(now) == Step::GoOn);
}

Multiplexer::Step Multiplexer::place_next(TimePoint now) {
  auto call = std::ranges::find_if(waiting_, &Call::is_directed);
  if (call == waiting_.end()) {
    next_attempt_.reset();
    return Step::Wait;
  }
  if (keeping_ == Keeping::No && now >= ask_again_) keeping_ = Keeping::Unknown;
  auto channel = channel_for_next();
  if (channel == channels_.end() && call->is_bound_to_its_connection()) {
    end(waiting_, call, std::unexpected(gone_with_connection("the service has closed it")));
    return Step::GoOn;
  }
  if (channel == channels_.end()) {
    if (channels_.size() >= kMostChannels && !close_one_without_calls()) return Step::Wait;
    ClientResult<Channels::iterator> opened = open_channel(now);
    if (!opened) {
      end(waiting_, call, std::unexpected(std::move(opened).error()));
      return Step::GoOn;
    }
    if (*opened == channels_.end()) return Step::Wait;
    channel = *opened;
  }
  return place_on(channel, call, now);
}

Multiplexer::Channels::iterator Multiplexer::channel_for_next() noexcept {
  if (keeping_ == Keeping::No) return channels_.end();
  return std::ranges::find_if(channels_, [](const Channel& channel) {
    return channel.manner() == Channel::Manner::Keep && channel.takes_calls();
  });
}

ClientResult<Multiplexer::Channels::iterator> Multiplexer::open_channel(TimePoint now) {
  if (next_attempt_ && now < *next_attempt_) return channels_.end();
  next_attempt_.reset();
  std::optional<UniqueFd> socket = TRY(connect_to(settings_, euid_));
  if (!socket) {
    next_attempt_ = now + kBacklogPause;
    return channels_.end();
  }
  const auto manner = keeping_ == Keeping::No ? Channel::Manner::Once : Channel::Manner::Keep;
  channels_.emplace_back(*std::move(socket), manner, settings_.max_answer_size);
  auto channel = std::prev(channels_.end());
  if (int code = watcher_.watch(channel->descriptor(), Watcher::For::Input); code != 0) {
    channels_.erase(channel);
    return std::unexpected(ClientError(ErrorSource::Endpoint, Status::ConnectionError,
                                       "watching a connection: " + errno_words(code), code));
  }
  return channel;
}

Multiplexer::Step Multiplexer::place_on(Channels::iterator channel, Calls::iterator call,
                                        TimePoint now) {
  if (channel->manner() == Channel::Manner::Once) {
    put(*channel, waiting_, call);
    return Step::GoOn;
  }
  const std::size_t limit = keeping_ == Keeping::Yes ? Channel::kMostInFlight : 1;
  if (channel->in_flight() >= limit) {
    if (channel->has_calls()) return Step::Wait;
    close(channel);  // nobody waits for what fills it
    return Step::GoOn;
  }
  const bool is_for_once = call->changes_something() || call->is_bound_to_its_connection();
  if (is_for_once && channel->was_used()) {
    // It may have been closed while nobody looked; then nothing must be handed to it.
    channel->receive(ended_, now);
    if (!channel->takes_calls()) return Step::GoOn;
    const bool is_proven = keeping_ == Keeping::Yes || channel->answered() != 1;
    if (!is_proven && call->changes_something()) return prove(*channel, call);
  }
  put(*channel, waiting_, call);
  return Step::GoOn;
}

Multiplexer::Step Multiplexer::prove(Channel& channel, Calls::iterator waiting) {
  auto request = requests::ping();
  if (!request) {
    end(waiting_, waiting, std::unexpected(std::move(request).error()));
    return Step::GoOn;
  }
  Calls one;
  Call& ping = one.emplace_back(++last_id_);
  ping.request = std::move(detail::Access::encoded(*request));
  ping.provider = ProviderId::Core;
  ping.deadline = waiting->deadline;
  ping.is_ours = true;
  put(channel, one, one.begin());
  return Step::Wait;
}

void Multiplexer::put(Channel& channel, Calls& from, Calls::iterator call) {
  channel.put(from, call);
  channel.send();
}

void Multiplexer::direct(ProviderId provider, TimePoint now) noexcept {
  for (Call& call : waiting_)
    if (!call.is_directed()) call.provider = provider;
  process(now);
}

bool Multiplexer::has_undirected() const noexcept {
  return !std::ranges::all_of(waiting_, &Call::is_directed);
}

}  // namespace strongroom::client
