// Token workers that are threads of the test, and say what it wants them to.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "providers/token_worker/protocol/link.h"
#include "providers/token_worker/protocol/operations.h"
#include "providers/token_worker/protocol/start.h"
#include "providers/token_worker/worker_process.h"

namespace strongroom::testing {

inline constexpr std::size_t kMostOfAMessage = std::size_t{4} * 1024 * 1024;

// What a worker has of its socket. Returning ends the worker.
class WorkerSide {
 public:
  explicit WorkerSide(UniqueFd socket) noexcept
      : socket_(socket.get()), link_(std::move(socket), kMostOfAMessage) {}

  // False when the service has closed its end.
  bool receive() {
    auto received = link_.receive(buffer_, token_worker::Link::kNever);
    if (!received) return false;
    kind_ = static_cast<token_worker::Operation>(received->kind);
    content_ = copy_of(received->content);
    return true;
  }
  token_worker::Operation kind() const noexcept { return kind_; }
  const Bytes& content() const noexcept { return content_; }

  template <typename... Values>
  void answer(token_worker::Reply reply, const Values&... values) {
    token_worker::WipedBytes message;
    token_worker::Link::begin(message, static_cast<std::uint16_t>(reply));
    token_worker::Writer writer(message);
    (put_value(writer, values), ...);
    std::ignore = link_.send(message, token_worker::Link::kNever);
  }
  // Bytes as they are, as far as they fit.
  void say(ByteView bytes) const {
    std::ignore = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  void say_no_more() const { ::shutdown(socket_, SHUT_WR); }
  // Says that it has the token in use, as it was asked to.
  bool start() {
    if (!receive()) return false;
    answer(token_worker::Reply::Done,
           token_worker::Started{.token = {.label = "keys", .serial = "1"},
                                 .missing_confinement = {}});
    return true;
  }

 private:
  const int socket_;  // the link's
  token_worker::Link link_;
  token_worker::WipedBytes buffer_;
  token_worker::Operation kind_{};
  Bytes content_;
};

class ScriptedWorkers final : public token_worker::WorkerStarter {
 public:
  // Run for each worker, with its number, the first being 0.
  using Script = std::function<void(WorkerSide&, int number)>;

  explicit ScriptedWorkers(Script script) : script_(std::move(script)) {}
  ~ScriptedWorkers() override = default;  // waits for the threads

  Result<std::unique_ptr<token_worker::WorkerProcess>> start(UniqueFd socket) override {
    const int number = started_++;
    UniqueFd end(::dup(socket.get()));
    std::lock_guard lock(mutex_);
    threads_.emplace_back([this, number, socket = std::move(socket)]() mutable {
      UniqueFd own(::dup(socket.get()));
      WorkerSide side(std::move(socket));
      script_(side, number);
      ::shutdown(own.get(), SHUT_RDWR);
      ++ended_;
    });
    return std::make_unique<Process>(*this, std::move(end));
  }

  int started() const noexcept { return started_; }
  int killed() const noexcept { return killed_; }
  // Whose scripts are over: nobody can take their sockets for ones in use any more.
  int ended() const noexcept { return ended_; }
  // Those that somebody still has.
  int alive() const noexcept { return alive_; }

 private:
  class Process final : public token_worker::WorkerProcess {
   public:
    Process(ScriptedWorkers& workers, UniqueFd end) noexcept
        : workers_(workers), end_(std::move(end)) {
      ++workers_.alive_;
    }
    ~Process() override {
      ::shutdown(end_.get(), SHUT_RDWR);
      --workers_.alive_;
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    pid_t pid() const noexcept override { return ::getpid(); }
    std::string kill() override {
      ++workers_.killed_;
      ::shutdown(end_.get(), SHUT_RDWR);
      return "killed";
    }
    void let_end() override {}

   private:
    ScriptedWorkers& workers_;
    UniqueFd end_;
  };

  const Script script_;
  std::atomic<int> started_ = 0;
  std::atomic<int> killed_ = 0;
  std::atomic<int> ended_ = 0;
  std::atomic<int> alive_ = 0;
  std::mutex mutex_;
  std::vector<std::jthread> threads_;
};

}  // namespace strongroom::testing
