#include "service/spawner/child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>
#include <vector>

#include "service/spawner/requests.h"
#include "service/spawner/worker_log.h"

namespace strongroom::spawner {
namespace {

using Clock = std::chrono::steady_clock;

// How long a worker may take for its end.
constexpr std::chrono::milliseconds kGrace{2'000};
constexpr std::chrono::milliseconds kKilled{1'000};
constexpr std::chrono::milliseconds kOften{20};
constexpr int kWorkerNice = 10;
constexpr int kSocket = STDERR_FILENO + 1;  // a spawner's as well as a worker's

// A service manager sends these to all processes of a service: ours end with the service.
constexpr std::array kIgnored = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

bool give_up_privileges(int parent) {
  constexpr rlimit kNoCore{.rlim_cur = 0, .rlim_max = 0};
  sigset_t none;
  ::sigemptyset(&none);
  for (int signal : kIgnored)
    ::signal(signal, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);  // whoever started the service may have ignored it
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && ::getppid() == parent &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::setrlimit(RLIMIT_CORE, &kNoCore) == 0 &&
         ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0 && ::chdir("/") == 0;
}

struct Limit {
  decltype(RLIMIT_CORE) of;
  rlim_t most;
};

// Of a worker, so that its module takes neither the machine's memory and tasks nor the disk of the
// store: many times what modules need. What it locks are its secrets.
constexpr rlim_t kMiB = rlim_t{1024} * 1024;
constexpr std::array kLimits = {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    Limit{RLIMIT_DATA, 1024 * kMiB},
#endif
    Limit{RLIMIT_FSIZE, 256 * kMiB}, Limit{RLIMIT_MEMLOCK, 16 * kMiB},
    Limit{RLIMIT_NOFILE, 1024},      Limit{RLIMIT_NPROC, 2048},
};

bool limit_worker() {
  for (const Limit& each : kLimits) {
    rlimit limit{};
    if (::getrlimit(each.of, &limit) != 0) return false;
    limit.rlim_max = std::min(limit.rlim_max, each.most);
    limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
    if (::setrlimit(each.of, &limit) != 0) return false;
  }
  return true;
}

struct Packet {
  Request request;
  UniqueFd socket;
};

// Empty at the end of the service.
std::optional<Packet> receive(int socket) {
  Packet packet{};
  iovec part{&packet.request, sizeof packet.request};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = -1;
  do
    size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (size < 0 && errno == EINTR);
  if (size != static_cast<ssize_t>(sizeof packet.request)) return std::nullopt;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    packet.socket = UniqueFd(descriptor);
  }
  return packet;
}

// In the worker, before it is one. Returns when that fails.
void become_worker(const char* program, const UniqueFd& socket, const UniqueFd& said, int spawner) {
  if (!give_up_privileges(spawner) || !limit_worker()) return;
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  // The socket is the last: what stands in its place is needed before.
  if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(nothing, STDOUT_FILENO) < 0 ||
      ::dup2(said.get(), STDERR_FILENO) < 0 || ::dup2(socket.get(), kSocket) < 0 ||
      ::close_range(kSocket + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
    return;
  std::ignore = ::setpriority(PRIO_PROCESS, 0, kWorkerNice);
  // When memory ends, it goes before the service.
  if (UniqueFd score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)); score)
    std::ignore = ::write(score.get(), "500", 3);
  std::array<char*, 2> words{const_cast<char*>(program), nullptr};
  std::array<char*, 1> environment{nullptr};
  ::execve(program, words.data(), environment.data());
}

// What it has started, and is asked to do with that.
class Workers {
 public:
  Workers(const std::string& program, UniqueFd socket)
      : program_(program), socket_(std::move(socket)) {}

  void serve() {
    while (true) {
      const bool is_asked = wait();
      see_to_those_that_end();
      if (!is_asked) continue;
      auto packet = receive(socket_.get());
      Answer answer{};
      if (packet) {
        answer = perform(*packet);
        answer.kind = packet->request.kind;
        answer.number = packet->request.number;
      }
      if (!packet || ::send(socket_.get(), &answer, sizeof answer, MSG_NOSIGNAL) < 0) break;
    }
    wind_down();
  }

 private:
  struct Worker {
    pid_t pid;
    WorkerLog log;
    Clock::time_point deadline{};  // of one that ends
  };

  // Whether there is a request. What workers say meanwhile is read.
  bool wait() {
    std::vector<pollfd> ready{{socket_.get(), POLLIN, 0}};
    for (const auto* list : {&workers_, &ending_})
      for (const Worker& each : *list)
        ready.push_back({each.log.descriptor(), POLLIN, 0});
    const auto limit = ending_.empty() ? -1 : static_cast<int>(kOften.count());
    if (::poll(ready.data(), ready.size(), limit) <= 0) return false;
    std::size_t at = 1;
    for (auto* list : {&workers_, &ending_})
      for (Worker& each : *list)
        if (ready[at++].revents != 0) each.log.read();
    return ready[0].revents != 0;
  }

  Answer perform(Packet& packet) {
    switch (packet.request.kind) {
      case Request::Kind::Start: return start(std::move(packet.socket));
      case Request::Kind::Kill: return kill(packet.request.pid);
      case Request::Kind::LetEnd: return let_end(packet.request.pid);
    }
    return {.error = EINVAL, .pid = 0, .status = 0};
  }

  // What went wrong in the new process comes back over a pipe, which execve() closes.
  Answer start(UniqueFd socket) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      return {.error = errno, .pid = 0, .status = 0};
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {.error = errno, .pid = 0, .status = 0};
    UniqueFd log(ends[0]);
    UniqueFd said(ends[1]);
    if (::fcntl(log.get(), F_SETFL, O_NONBLOCK) != 0)
      return {.error = errno, .pid = 0, .status = 0};
    const pid_t self = ::getpid();
    pid_t pid = ::fork();
    if (pid < 0) return {.error = errno, .pid = 0, .status = 0};
    if (pid == 0) {
      become_worker(program_.c_str(), socket, said, self);
      const int error = errno != 0 ? errno : ECHILD;
      std::ignore = ::write(theirs.get(), &error, sizeof error);
      ::_exit(EXIT_FAILURE);
    }
    theirs.reset();
    int error = 0;
    ssize_t size = -1;
    do
      size = ::read(ours.get(), &error, sizeof error);
    while (size < 0 && errno == EINTR);
    if (size == 0) {
      workers_.push_back({.pid = pid, .log = WorkerLog(std::move(log), pid)});
      return {.error = 0, .pid = pid, .status = 0};
    }
    ::waitpid(pid, nullptr, 0);
    return {.error = error, .pid = 0, .status = 0};
  }

  // A worker is reaped here and nowhere else, so that its number is nobody else's until then.
  Answer kill(pid_t pid) {
    auto worker = taken(pid);
    if (!worker) return {.error = ESRCH, .pid = pid, .status = 0};
    ::kill(pid, SIGKILL);
    const auto deadline = Clock::now() + kKilled;
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0) {
      if (Clock::now() >= deadline) {
        worker->deadline = deadline;
        ending_.push_back(*std::move(worker));
        return {.error = ETIMEDOUT, .pid = pid, .status = 0};
      }
      ::poll(nullptr, 0, 1);
    }
    worker->log.finish();
    return {.error = 0, .pid = pid, .status = status};
  }

  Answer let_end(pid_t pid) {
    auto worker = taken(pid);
    if (!worker) return {.error = ESRCH, .pid = pid, .status = 0};
    worker->deadline = Clock::now() + kGrace;
    ending_.push_back(*std::move(worker));
    return {.error = 0, .pid = pid, .status = 0};
  }

  // The service stops in order, and its workers' sockets are closed. What cannot be killed is left
  // to the kernel.
  void wind_down() {
    while (!workers_.empty())
      std::ignore = let_end(workers_.back().pid);
    const auto latest = Clock::now() + kGrace + kKilled;
    for (see_to_those_that_end(); !ending_.empty() && Clock::now() < latest;
         see_to_those_that_end())
      ::poll(nullptr, 0, static_cast<int>(kOften.count()));
  }

  std::optional<Worker> taken(pid_t pid) {
    const auto found = std::ranges::find(workers_, pid, &Worker::pid);
    if (found == workers_.end()) return std::nullopt;
    std::optional<Worker> worker(std::move(*found));
    workers_.erase(found);
    return worker;
  }

  void see_to_those_that_end() {
    std::erase_if(ending_, [](Worker& each) {
      if (::waitpid(each.pid, nullptr, WNOHANG) != 0) {
        each.log.finish();
        return true;
      }
      if (Clock::now() >= each.deadline) ::kill(each.pid, SIGKILL);
      return false;
    });
  }

  const std::string& program_;
  UniqueFd socket_;
  std::vector<Worker> workers_;
  std::vector<Worker> ending_;
};

}  // namespace

void serve_as_spawner(const std::string& program, UniqueFd socket, int service) {
  ::prctl(PR_SET_NAME, "strongroom-spwn", 0, 0, 0);
  if (socket.get() != kSocket) {
    if (::dup2(socket.get(), kSocket) < 0) ::_exit(EXIT_FAILURE);
    socket = UniqueFd(kSocket);
  }
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0 || ::dup2(nothing, STDOUT_FILENO) < 0 ||
      ::fcntl(kSocket, F_SETFD, FD_CLOEXEC) != 0 || ::close_range(kSocket + 1, ~0U, 0) != 0 ||
      !give_up_privileges(service) || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    ::_exit(EXIT_FAILURE);
  Workers(program, std::move(socket)).serve();
  ::_exit(EXIT_SUCCESS);
}

}  // namespace strongroom::spawner
