#include "service/listener/server.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <latch>
#include <thread>

namespace strongroom {
namespace {

constexpr unsigned kMostLoops = 8;
constexpr std::size_t kReserve = 8;  // for four administrators at a time

// Shared with the loops, which may report after the wait was given up.
struct Countdown {
  explicit Countdown(std::size_t count) noexcept : left(count) {}
  void count() {
    if (--left == 0) zero.request_stop();
  }
  std::atomic<std::size_t> left;
  std::stop_source zero;
};

}  // namespace

unsigned Server::default_loops() noexcept {
  return std::clamp(std::thread::hardware_concurrency(), 1U, kMostLoops);
}

Server::Server(const Settings& settings)
    : everyone_{.admission = {.read_peer = settings.read_peer,
                              .accounts = Accounts::create(settings.limits),
                              .reserve = {}},
                .is_administrators = false,
                .threads = {}},
      administrators_{.admission = {.read_peer = settings.read_peer,
                                    .accounts = Accounts::create(settings.admin_limits),
                                    .reserve = {}},
                      .is_administrators = true,
                      .threads = {}} {}

std::vector<ListeningSocketPtr> Server::Side::own(
    const std::vector<ListeningSocketPtr>& sockets) const {
  std::vector<ListeningSocketPtr> mine;
  std::ranges::copy_if(sockets, std::back_inserter(mine), [this](const ListeningSocketPtr& socket) {
    return socket->is_admin() == is_administrators;
  });
  return mine;
}

Result<std::unique_ptr<Server>> Server::create(
    const Settings& settings, const std::vector<ListeningSocketPtr>& sockets,
    const std::shared_ptr<const RequestServer>& requests) {
  std::unique_ptr<Server> server(new Server(settings));
  TRY(server->hold_reserve());
  // Those without a socket may be given one later.
  const unsigned loops = std::clamp(settings.loops, 1U, kMostLoops);
  for (unsigned i = 0; i < loops; ++i)
    TRY(server->add_loop(fmt::format("loop-{}", i), settings, requests, sockets,
                         server->everyone_));
  TRY(server->add_loop("loop-admin", settings, requests, sockets, server->administrators_));
  return server;
}

Result<> Server::hold_reserve() {
  auto reserve = TRY(DescriptorReserve::create(kReserve));
  everyone_.admission.reserve = reserve;
  administrators_.admission.reserve = std::move(reserve);
  return {};
}

Result<> Server::add_loop(std::string name, const Settings& settings,
                          std::shared_ptr<const RequestServer> requests,
                          const std::vector<ListeningSocketPtr>& sockets, Side& side) {
  auto thread = TRY(LoopThread::create(std::move(name), std::move(requests), settings.connection));
  for (const ListeningSocketPtr& socket : side.own(sockets))
    TRY(thread->listen(socket, side.admission));
  side.threads.push_back(std::move(thread));
  return {};
}

std::vector<LoopThread*> Server::threads() const {
  std::vector<LoopThread*> all;
  for (const Side* side : {&everyone_, &administrators_})
    for (const auto& thread : side->threads)
      all.push_back(thread.get());
  return all;
}

Result<> Server::start() {
  for (LoopThread* thread : threads())
    TRY(thread->start());
  return {};
}

void Server::use(const Change& change) {
  everyone_.admission.accounts->limit(change.limits);
  auto left = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(threads().size()));
  for (Side* side : {&everyone_, &administrators_})
    for (const auto& thread : side->threads)
      thread->use({.sockets = side->own(change.sockets),
                   .requests = change.requests,
                   .settings = change.connection},
                  side->admission, [left] { left->count_down(); });
  left->wait();
}

std::vector<std::pair<std::string, std::shared_ptr<Mailbox>>> Server::mailboxes() const {
  std::vector<std::pair<std::string, std::shared_ptr<Mailbox>>> result;
  for (const LoopThread* thread : threads())
    result.emplace_back(thread->name(), thread->mailbox());
  return result;
}

std::stop_token Server::drain() {
  auto countdown = std::make_shared<Countdown>(threads().size());
  for (LoopThread* thread : threads())
    thread->drain([countdown] { countdown->count(); });
  return countdown->zero.get_token();
}

void Server::stop() {
  everyone_.threads.clear();
  administrators_.threads.clear();
}

}  // namespace strongroom
