#include "service/listener/loop_thread.h"

#include <pthread.h>
#include <system_error>
#include <utility>

namespace strongroom {

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

Result<> LoopThread::listen(std::shared_ptr<const ListeningSocket> socket, Admission& admission) {
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

void LoopThread::drain(Loop::Task when_empty) {
  loop_->post([this, when_empty = std::move(when_empty)]() mutable {
    listeners_.clear();
    connections_.wind_down(std::move(when_empty));
  });
}

void LoopThread::stop() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace strongroom
