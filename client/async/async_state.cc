#include "client/async/async_state.h"

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <utility>

#include "base/error.h"
#include "client/channel/socket.h"
#include "client/guarded.h"
#include "client/preferred_provider.h"

namespace strongroom {

using client::Call;
using client::Calls;
using client::Clock;
using client::Deadline;
using client::TimePoint;

namespace {

epoll_event event_for(int descriptor, client::Watcher::For events) noexcept {
  epoll_event event{};
  event.events = events == client::Watcher::For::Input ? EPOLLIN : EPOLLIN | EPOLLOUT;
  event.data.fd = descriptor;
  return event;
}

std::unexpected<ClientError> no_descriptor(const char* doing, int code) {
  return std::unexpected(ClientError(ErrorSource::Endpoint, Status::ConnectionError,
                                     std::string(doing) + ": " + client::errno_words(code), code));
}

}  // namespace

// The calls whose callbacks run now; those that are left when one throws run another time.
class AsyncClient::State::Batch {
 public:
  explicit Batch(State& state) noexcept : state_(state) { calls_.swap(state.ready_); }
  Batch(Batch&&) = delete;
  Batch& operator=(Batch&&) = delete;
  ~Batch() {
    state_.ready_.splice(state_.ready_.begin(), calls_);
    if (!state_.is_closed_) state_.attend();
  }

  void run() {
    while (!calls_.empty() && !state_.is_closed_) {
      Calls one;
      one.splice(one.begin(), calls_, calls_.begin());
      Call& call = one.front();
      PendingCalls::node_type pending = state_.pending_.extract(call.id);
      if (!pending.empty()) pending.mapped()->finish(call.request, std::move(*call.result));
    }
  }

 private:
  State& state_;
  Calls calls_;
};

AsyncClient::State::State(client::Settings checked, std::optional<ProviderId> chosen)
    : settings_(std::move(checked)),
      provider_(chosen),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      multiplexer_(settings_, identity_.euid, *this, signal_) {}

ClientResult<> AsyncClient::State::prepare() noexcept {
  return client::guarded([&]() -> ClientResult<> {
    if (!epoll_ || !timer_) return no_descriptor("opening the client", EMFILE);
    if (int code = signal_.open(); code != 0) return no_descriptor("opening the client", code);
    descriptors_.add(signal_.descriptor());
    descriptors_.add(signal_.raising_descriptor());
    for (int descriptor : {timer_.get(), signal_.descriptor()}) {
      epoll_event event = event_for(descriptor, For::Input);
      if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0)
        return no_descriptor("opening the client", errno);
    }
    return {};
  });
}

ClientResult<CallId> AsyncClient::State::begin(ClientResult<detail::EncodedRequest> request,
                                               std::unique_ptr<Pending> pending,
                                               const CallOptions& options) {
  if (identity_ != client::ProcessIdentity::current())
    return std::unexpected(
        ClientError(ErrorSource::Caller, Status::PsaErrorBadState,
                    "starting a call: the client was opened by another process or user"));
  const std::uint64_t id = multiplexer_.next_id();
  auto place = pending_.emplace(id, std::move(pending)).first;
  if (request && options.cancellation.stop_requested())
    request = std::unexpected(ClientError(ErrorSource::Cancelled, Status::ConnectionError,
                                          "sending the request: cancelled", ECANCELED));
  ClientResult<std::uint64_t> submitted =
      request ? submit(*std::move(request), options)
              : multiplexer_.submit_ended(std::move(request).error());
  if (!submitted) {
    pending_.erase(place);
    return std::unexpected(std::move(submitted).error());
  }
  attend();
  return CallId{id};
}

ClientResult<std::uint64_t> AsyncClient::State::submit(detail::EncodedRequest request,
                                                       const CallOptions& options) {
  const TimePoint now = Clock::now();
  std::optional<ProviderId> target = ProviderId::Core;
  if (request.target == detail::EncodedRequest::Target::KeyProvider)
    target = options.provider ? options.provider : provider_;
  const std::uint64_t id = TRY(multiplexer_.submit(
      {.request = std::move(request),
       .provider = target,
       .deadline = client::deadline_in(options.timeout.value_or(settings_.timeout), now),
       .cancellation = options.cancellation},
      now));
  if (!target) look_for_provider();
  return id;
}

// As long as anybody wants to know.
void AsyncClient::State::look_for_provider() noexcept {
  if (lookup_ != 0) return;
  auto request = requests::list_providers();
  if (!request) return multiplexer_.fail_undirected(request.error());
  decode_lookup_ = request->decode_;
  ClientResult<std::uint64_t> id = multiplexer_.submit({.request = std::move(request->encoded_),
                                                        .provider = ProviderId::Core,
                                                        .deadline = std::nullopt,
                                                        .cancellation = {}},
                                                       Clock::now());
  if (!id) return multiplexer_.fail_undirected(id.error());
  lookup_ = *id;
}

void AsyncClient::State::end_lookup(const Call& lookup) noexcept {
  lookup_ = 0;
  auto found = client::guarded([&]() -> ClientResult<ProviderId> {
    const ClientResult<SecretBytes>& body = *lookup.result;
    if (!body) return std::unexpected(body.error());
    return client::preferred_of((*decode_lookup_)(lookup.request, *body));
  });
  if (!found) return multiplexer_.fail_undirected(found.error());
  provider_ = *found;
  multiplexer_.direct(*found, Clock::now());
}

void AsyncClient::State::cancel(CallId call) noexcept {
  if (!is_of_this_process()) return;
  multiplexer_.cancel(std::to_underlying(call));
  attend();
}

void AsyncClient::State::process() {
  if (!is_of_this_process()) return;
  drain();
  multiplexer_.process(Clock::now());
  collect();
  Batch(*this).run();
}

void AsyncClient::State::close() noexcept {
  is_closed_ = true;
  PendingCalls dropped;
  dropped.swap(pending_);
  if (!is_of_this_process()) leave_to_parent();
}

void AsyncClient::State::leave_to_parent() noexcept {
  if (itself_) return;
  itself_ = shared_from_this();
  descriptors_.close_all();
  next_left_ = left_to_parents_.load();
  while (!left_to_parents_.compare_exchange_weak(next_left_, this)) {
  }
}

void AsyncClient::State::drain() noexcept {
  std::array<epoll_event, 8> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const int descriptor = events.at(static_cast<std::size_t>(i)).data.fd;
    if (descriptor == signal_.descriptor()) signal_.drain();
    if (descriptor != timer_.get()) continue;
    std::uint64_t expirations = 0;
    [[maybe_unused]] ssize_t size = ::read(timer_.get(), &expirations, sizeof expirations);
    armed_.reset();
  }
}

void AsyncClient::State::collect() noexcept {
  while (multiplexer_.has_ended()) {
    Calls ended = multiplexer_.take_ended();
    while (!ended.empty()) {
      Calls one;
      one.splice(one.begin(), ended, ended.begin());
      if (one.front().id == lookup_)
        end_lookup(one.front());
      else
        ready_.splice(ready_.end(), one);
    }
  }
  if (lookup_ != 0 && !multiplexer_.has_undirected())
    multiplexer_.cancel(std::exchange(lookup_, 0));
}

void AsyncClient::State::attend() noexcept {
  if (multiplexer_.has_ended() || !ready_.empty()) signal_.raise();
  const Deadline wake = multiplexer_.next_wake();
  if (!wake || (armed_ && *armed_ <= *wake)) return;
  // A time of zero would disarm it.
  const auto at = std::max(wake->time_since_epoch(), Clock::duration(1));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  itimerspec setting{};
  setting.it_value.tv_sec = seconds.count();
  setting.it_value.tv_nsec = std::chrono::nanoseconds(at - seconds).count();
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
  armed_ = wake;
}

int AsyncClient::State::watch(int descriptor, For events) noexcept {
  epoll_event event = event_for(descriptor, events);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) return errno;
  descriptors_.add(descriptor);
  return 0;
}

void AsyncClient::State::change(int descriptor, For events) noexcept {
  epoll_event event = event_for(descriptor, events);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event);
}

void AsyncClient::State::forget(int descriptor) noexcept {
  descriptors_.remove(descriptor);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

}  // namespace strongroom
