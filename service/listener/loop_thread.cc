#include "service/listener/loop_thread.h"

#include <algorithm>
#include <pthread.h>
#include <system_error>
#include <utility>

namespace strongroom {
namespace {

// For those who have connected to a socket that goes, and not yet sent their request.
constexpr std::chrono::milliseconds kGrace{1000};

}  // namespace

Result<std::unique_ptr<LoopThread>> LoopThread::create(std::string name,
                                                       std::shared_ptr<const RequestServer> server,
                                                       const ConnectionSettings& settings) {
  auto loop = TRY(Loop::create());
  return std::unique_ptr<LoopThread>(
      new LoopThread(std::move(name), std::move(loop), std::move(server), settings));
}

LoopThread::LoopThread(std::string name, std::unique_ptr<Loop> loop,
                       std::shared_ptr<const RequestServer> server,
                       const ConnectionSettings& settings)
    : name_(std::move(name)),
      loop_(std::move(loop)),
      connections_(*loop_, std::move(server), settings) {}

Result<> LoopThread::listen(ListeningSocketPtr socket, Admission& admission) {
  return listeners_.emplace_back(*loop_, std::move(socket), connections_, admission).start();
}

Result<> LoopThread::start() {
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    return fail(Status::ConnectionError,
                fmt::format("starting thread '{}': {}", name_, error.what()));
  }
  return {};
}

void LoopThread::run() {
  ::pthread_setname_np(::pthread_self(), name_.c_str());
  loop_->run();
  listeners_.clear();
  connections_.close_all();
}

void LoopThread::use(Change change, Admission& admission, Loop::Task done) {
  loop_->post([this, &admission, change = std::move(change), done = std::move(done)]() mutable {
    apply(std::move(change), admission);
    done();
  });
}

void LoopThread::apply(Change change, Admission& admission) {
  connections_.use(std::move(change.requests), change.settings);
  // Before others begin: a loop watches a descriptor once.
  for (auto listener = listeners_.begin(); listener != listeners_.end();) {
    if (std::ranges::find(change.sockets, listener->socket()) == change.sockets.end()) {
      leave(*listener, change.sockets);
      listener = listeners_.erase(listener);
    } else {
      std::erase(change.sockets, listener->socket());
      ++listener;
    }
  }
  for (ListeningSocketPtr& socket : change.sockets)
    listeners_.emplace_back(*loop_, std::move(socket), connections_, admission).start_in_the_end();
}

void LoopThread::leave(Listener& listener, const std::vector<ListeningSocketPtr>& sockets) {
  const std::uint64_t number = listener.socket()->number();
  const int descriptor = listener.socket()->descriptor();
  // Where another listener takes the descriptor on, it takes who waits there, too.
  if (std::ranges::find(sockets, descriptor, &ListeningSocket::descriptor) == sockets.end())
    listener.finish();
  else
    listener.stop();
  loop_->at(Loop::Clock::now() + kGrace, [this, number] {
    connections_.wind_down_those(
        [number](const Caller& caller) { return caller.socket == number; });
  });
}

void LoopThread::drain(Loop::Task when_empty) {
  loop_->post([this, when_empty = std::move(when_empty)]() mutable {
    // Whoever waits at a passed descriptor waits for the next process that it is passed to.
    for (Listener& listener : listeners_)
      if (!listener.socket()->is_passed()) listener.finish();
    listeners_.clear();
    connections_.wind_down(std::move(when_empty));
  });
}

void LoopThread::stop() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace strongroom
