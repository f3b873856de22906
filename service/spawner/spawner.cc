#include "service/spawner/spawner.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/errno_text.h"
#include "base/log.h"
#include "service/spawner/child.h"
#include "service/spawner/requests.h"

namespace strongroom {
namespace {

using spawner::Answer;
using spawner::Request;

// While there is another.
constexpr unsigned kMostUnanswered = 2;
// Longer than its own at the end.
constexpr std::chrono::seconds kPatienceAtEnd{5};
constexpr std::chrono::seconds kPatienceWhenKilled{1};
constexpr int kSpawners = 2;

using Clock = std::chrono::steady_clock;

std::unexpected<Error> failed(std::string why) {
  return fail(Status::PsaErrorCommunicationFailure, "asking the spawner: " + std::move(why));
}

// A status of its own among failures to ask.
std::unexpected<Error> gone() {
  return fail(Status::PsaErrorBadState, "asking the spawner: it has ended");
}

bool ends_until(pid_t pid, Clock::time_point latest) {
  while (true) {
    const pid_t ended = ::waitpid(pid, nullptr, WNOHANG);
    if (ended == pid || (ended < 0 && errno != EINTR)) return true;
    if (Clock::now() >= latest) return false;
    ::poll(nullptr, 0, 5);
  }
}

// With a socket, if there is one.
Result<> send(int to, const Request& request, const UniqueFd& socket = {}) {
  Request content = request;
  iovec part{&content, sizeof content};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (socket) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int descriptor = socket.get();
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  // It waits for nobody: what is not taken at once would not be answered in time.
  if (::sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno == EPIPE || errno == ECONNRESET) return gone();
    return failed(errno_text());
  }
  return {};
}

Result<Answer> receive(int socket, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd ready{socket, POLLIN, 0};
  int count = -1;
  do
    count = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
  while (count < 0 && errno == EINTR);
  if (count <= 0) return failed("no answer");
  Answer answer{};
  ssize_t size = ::recv(socket, &answer, sizeof answer, MSG_DONTWAIT);
  if (size == static_cast<ssize_t>(sizeof answer)) return answer;
  if (size == 0 || errno == ECONNRESET) return gone();
  return failed(errno_text());
}

std::string end_in_words(const Result<Answer>& answer) {
  if (!answer) return answer.error().message();
  if (answer->error != 0) return errno_text(answer->error);
  const int status = answer->status;
  if (WIFSIGNALED(status))
    return fmt::format("killed by signal {} ({})", WTERMSIG(status),
                       ::sigdescr_np(WTERMSIG(status)));
  return fmt::format("exited with {}", WEXITSTATUS(status));
}

}  // namespace

class Spawner::Process final : public token_worker::WorkerProcess {
 public:
  Process(std::shared_ptr<Spawner> spawner, pid_t by, pid_t pid) noexcept
      : spawner_(std::move(spawner)), by_(by), pid_(pid) {}
  ~Process() override { Process::let_end(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const noexcept override { return pid_; }

  std::string kill() override {
    if (std::exchange(has_ended_, true)) return "it had ended";
    return end_in_words(spawner_->ask_for_end(by_, {.kind = Request::Kind::Kill, .pid = pid_}));
  }

  void let_end() override {
    if (std::exchange(has_ended_, true)) return;
    // It has no socket any more, and nobody else to live for.
    std::ignore = spawner_->ask_for_end(by_, {.kind = Request::Kind::LetEnd, .pid = pid_});
  }

 private:
  const std::shared_ptr<Spawner> spawner_;
  const pid_t by_;
  const pid_t pid_;
  bool has_ended_ = false;
};

Result<std::shared_ptr<Spawner>> Spawner::fork(std::string program,
                                               std::chrono::milliseconds patience) {
  std::shared_ptr<Spawner> spawner(new Spawner(std::move(program), patience));
  for (int i = 0; i < kSpawners; ++i)
    TRY(spawner->fork_one());
  return spawner;
}

Result<> Spawner::fork_one() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return failed("socketpair: " + errno_text());
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t self = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return failed("fork: " + errno_text());
  if (pid == 0) {
    ours.reset();
    spawner::serve_as_spawner(program_, std::move(theirs), self);
  }
  children_.push_back({.socket = std::move(ours), .pid = pid});
  return {};
}

// Those that they have started go with them. One that does not come to its end is killed; nobody
// waits for what cannot be.
Spawner::~Spawner() {
  for (Child& each : children_)
    each.socket.reset();
  for (const bool is_killed : {false, true}) {
    const auto latest = Clock::now() + kPatienceAtEnd;
    std::erase_if(children_, [&](const Child& each) {
      if (is_killed) ::kill(each.pid, SIGKILL);
      return ends_until(each.pid, latest);
    });
  }
}

pid_t Spawner::pid() const {
  std::lock_guard lock(mutex_);
  return children_.empty() ? -1 : children_.front().pid;
}

Result<std::unique_ptr<token_worker::WorkerProcess>> Spawner::start(UniqueFd socket) {
  std::lock_guard lock(mutex_);
  auto answer = TRY(ask({.kind = Request::Kind::Start, .pid = 0}, socket));
  if (answer.error != 0)
    return fail(Status::PsaErrorCommunicationFailure,
                fmt::format("executing '{}': {}", program_, errno_text(answer.error)));
  return std::make_unique<Process>(shared_from_this(), children_.front().pid, answer.pid);
}

Result<Answer> Spawner::ask_for_end(pid_t spawner, Request request) {
  std::lock_guard lock(mutex_);
  auto is_there = [&] { return !children_.empty() && children_.front().pid == spawner; };
  if (is_there())
    if (auto answer = ask(request); answer || is_there()) return answer;
  return failed("the worker's own has ended, and its workers with it");
}

// What the first has not begun another can do.
Result<Answer> Spawner::ask(Request request, const UniqueFd& socket) {
  while (!children_.empty()) {
    auto answer = ask_first(request, socket);
    unanswered_ = answer ? 0 : unanswered_ + 1;
    if (answer) return answer;
    if (answer.error().status() == Status::PsaErrorBadState)
      give_up_first("has ended");
    else if (unanswered_ >= kMostUnanswered && children_.size() > 1)
      give_up_first("does not answer");
    else
      return answer;
    if (request.kind != Request::Kind::Start) return answer;
  }
  return failed("none is left; the service ends, to be started anew");
}

Result<Answer> Spawner::ask_first(const Request& request, const UniqueFd& socket) {
  Request numbered = request;
  numbered.number = ++number_;
  TRY(send(children_.front().socket.get(), numbered, socket));
  return answer_to(numbered.number);
}

Result<Answer> Spawner::answer_to(std::uint64_t number) {
  const auto deadline = Clock::now() + patience_;
  while (true) {
    auto answer = TRY(receive(children_.front().socket.get(), deadline));
    if (answer.number == number) return answer;
    discard_late(answer);
  }
}

// To a request that was given up. Nobody has the worker that it is about; the answer to this is
// passed over like that.
void Spawner::discard_late(const Answer& late) {
  if (late.kind != Request::Kind::Start || late.error != 0) return;
  log::warning("spawner", "worker {} was started too late, and is ended", late.pid);
  std::ignore = send(children_.front().socket.get(),
                     {.kind = Request::Kind::LetEnd, .pid = late.pid, .number = ++number_});
}

// Its workers go with it.
void Spawner::give_up_first(std::string_view why) {
  const pid_t pid = children_.front().pid;
  ::kill(pid, SIGKILL);
  std::ignore = ends_until(pid, Clock::now() + kPatienceWhenKilled);
  children_.erase(children_.begin());
  unanswered_ = 0;
  is_gone_ = children_.empty();
  log::warning(
      "spawner", "process {}, which starts token workers, {}{}", pid, why,
      children_.empty() ? "" : fmt::format("; process {} does from now on", children_[0].pid));
}

std::string token_worker_program() {
  namespace fs = std::filesystem;
  constexpr const char* kName = "strongroom-token-worker";
  std::error_code failure;
  const fs::path self = fs::read_symlink("/proc/self/exe", failure);
  const fs::path installed =
      (self.parent_path() / TOKEN_WORKER_FROM_SBIN / kName).lexically_normal();
  if (fs::exists(installed, failure)) return installed;
  return self.parent_path() / kName;
}

}  // namespace strongroom
