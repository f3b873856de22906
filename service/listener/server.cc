#include "service/listener/server.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace strongroom {
namespace {

constexpr unsigned kMostLoops = 8;
constexpr std::size_t kReserve = 8;  // for four administrators at a time

// Shared with the loops, which may report after the wait was given up.
class Countdown {
 public:
  explicit Countdown(std::size_t count) noexcept : left_(count) {}

  void count() {
    std::lock_guard lock(mutex_);
    if (--left_ == 0) done_.notify_all();
  }
  bool wait_for(std::chrono::milliseconds timeout, std::stop_token at_once) {
    std::unique_lock lock(mutex_);
    return done_.wait_for(lock, std::move(at_once), timeout, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any done_;
  std::size_t left_;
};

}  // namespace

unsigned Server::default_loops() noexcept {
  return std::clamp(std::thread::hardware_concurrency(), 1U, kMostLoops);
}

Server::Server(const Settings& settings)
    : everyone_{.read_peer = settings.read_peer,
                .accounts = Accounts::create(settings.limits),
                .reserve = {}},
      administrators_{.read_peer = settings.read_peer,
                      .accounts = Accounts::create(settings.admin_limits),
                      .reserve = {}} {}

Result<std::unique_ptr<Server>> Server::create(const Settings& settings,
                                               std::vector<ListeningSocket> sockets,
                                               std::shared_ptr<const RequestServer> requests) {
  std::vector<std::shared_ptr<const ListeningSocket>> for_everyone;
  std::vector<std::shared_ptr<const ListeningSocket>> for_administrators;
  for (ListeningSocket& socket : sockets) {
    auto& kind = socket.is_admin() ? for_administrators : for_everyone;
    kind.push_back(std::make_shared<const ListeningSocket>(std::move(socket)));
  }
  std::unique_ptr<Server> server(new Server(settings));
  if (!for_administrators.empty()) TRY(server->hold_reserve());
  const unsigned loops = for_everyone.empty() ? 0 : std::clamp(settings.loops, 1U, kMostLoops);
  for (unsigned i = 0; i < loops; ++i)
    TRY(server->add_loop(fmt::format("loop-{}", i), settings, requests, for_everyone,
                         server->everyone_));
  if (!for_administrators.empty())
    TRY(server->add_loop("loop-admin", settings, requests, for_administrators,
                         server->administrators_));
  return server;
}

Result<> Server::hold_reserve() {
  auto reserve = TRY(DescriptorReserve::create(kReserve));
  everyone_.reserve = reserve;
  administrators_.reserve = std::move(reserve);
  return {};
}

Result<> Server::add_loop(std::string name, const Settings& settings,
                          std::shared_ptr<const RequestServer> requests,
                          const std::vector<std::shared_ptr<const ListeningSocket>>& sockets,
                          Admission& admission) {
  auto thread = TRY(LoopThread::create(std::move(name), std::move(requests), settings.connection));
  for (const auto& socket : sockets)
    TRY(thread->listen(socket, admission));
  threads_.push_back(std::move(thread));
  return {};
}

Result<> Server::start() {
  for (const auto& thread : threads_)
    TRY(thread->start());
  return {};
}

bool Server::drain(std::chrono::milliseconds timeout, std::stop_token at_once) {
  auto countdown = std::make_shared<Countdown>(threads_.size());
  for (const auto& thread : threads_)
    thread->drain([countdown] { countdown->count(); });
  return countdown->wait_for(timeout, std::move(at_once));
}

void Server::stop() {
  threads_.clear();
}

}  // namespace strongroom
