#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/errno_text.h"
#include "base/unique_fd.h"
#include "service/key_sources/key_sources.h"

namespace strongroom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostSaid = 512;
constexpr int kCannotRun = 126;

std::unexpected<Error> failed(const std::string& program, std::string_view why) {
  return fail(Status::KeyInfoManagerError, fmt::format("command '{}': {}", escaped(program), why));
}

// The rest of the path is the administrator's, as that of the configuration is.
Result<> check_program(const std::string& program) {
  struct stat file{};
  if (::stat(program.c_str(), &file) != 0) return failed(program, errno_text());
  if (!S_ISREG(file.st_mode)) return failed(program, "is not a regular file");
  if (file.st_uid != 0 && file.st_uid != ::geteuid())
    return failed(program,
                  fmt::format("belongs to uid {}, neither to us nor to root", file.st_uid));
  if ((file.st_mode & 022U) != 0)
    return failed(program, fmt::format("mode {:04o} lets others change it", file.st_mode & 07777U));
  return {};
}

// Sockets, not pipes: the service's system calls have those only. Both of ours do not block.
struct Link {
  UniqueFd ours;
  UniqueFd theirs;
};

Result<Link> make_link(const std::string& program) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return failed(program, fmt::format("socketpair: {}", errno_text()));
  Link link{UniqueFd(ends[0]), UniqueFd(ends[1])};
  const int flags = ::fcntl(link.theirs.get(), F_GETFL);
  if (flags < 0 || ::fcntl(link.theirs.get(), F_SETFL, flags & ~O_NONBLOCK) != 0)
    return failed(program, fmt::format("fcntl: {}", errno_text()));
  return link;
}

// A program of its own session, which can be ended with all that it starts. Nothing is allocated
// between fork and exec.
[[noreturn]] void become(const char* program, char* const* environment, int output, int errors) {
  const int nothing = ::open("/dev/null", O_RDONLY);
  sigset_t none;
  ::sigemptyset(&none);
  std::array<char*, 2> words{const_cast<char*>(program), nullptr};
  if (nothing >= 0 && ::setsid() >= 0 && ::pthread_sigmask(SIG_SETMASK, &none, nullptr) == 0 &&
      ::signal(SIGPIPE, SIG_DFL) != SIG_ERR && ::dup2(nothing, STDIN_FILENO) >= 0 &&
      ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0 &&
      ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
    ::execve(program, words.data(), environment);
  const char* why = ::strerrordesc_np(errno);
  std::ignore = ::write(errors, why, __builtin_strlen(why));
  ::_exit(kCannotRun);
}

std::vector<std::string> clean_environment() {
  std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
                                       "LC_ALL=C"};
  if (const char* credentials = ::secure_getenv("CREDENTIALS_DIRECTORY"); credentials != nullptr)
    environment.push_back(std::string("CREDENTIALS_DIRECTORY=") + credentials);
  return environment;
}

class Run {
 public:
  Run(const std::string& program, std::chrono::milliseconds limit)
      : program_(program), deadline_(Clock::now() + limit), limit_(limit) {}
  ~Run() {
    if (child_ > 0) end();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Result<SecretBuffer> output() {
    material_ = TRY(SecretBuffer::of_size(StoreKeySource::kMostMaterial + 1));
    TRY(start());
    TRY(read_all());
    TRY(await_end());
    if (got_ < StoreKeySource::kLeastMaterial)
      return failed(program_, fmt::format("printed {} bytes, fewer than {}", got_,
                                          StoreKeySource::kLeastMaterial));
    material_.shrink_to(got_);
    return std::move(material_);
  }

 private:
  Result<> start() {
    Link output = TRY(make_link(program_));
    Link errors = TRY(make_link(program_));
    std::vector<std::string> environment = clean_environment();
    std::vector<char*> pointers;
    pointers.reserve(environment.size() + 1);
    for (std::string& entry : environment)
      pointers.push_back(entry.data());
    pointers.push_back(nullptr);
    child_ = ::fork();
    if (child_ < 0) return failed(program_, fmt::format("fork: {}", errno_text()));
    if (child_ == 0)
      become(program_.c_str(), pointers.data(), output.theirs.get(), errors.theirs.get());
    output_ = std::move(output.ours);
    errors_ = std::move(errors.ours);
    return {};
  }

  // Until both streams have ended.
  Result<> read_all() {
    while (output_ || errors_) {
      std::array<pollfd, 2> ready{{{output_.get(), POLLIN, 0}, {errors_.get(), POLLIN, 0}}};
      TRY(wait_for(ready));
      if (ready[0].revents != 0) TRY(read_output());
      if (ready[1].revents != 0) read_errors();
    }
    return {};
  }

  Result<> wait_for(std::span<pollfd> ready) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
    if (left.count() <= 0) return late();
    const int count = ::poll(ready.data(), ready.size(), static_cast<int>(left.count()));
    if (count < 0 && errno != EINTR) return failed(program_, fmt::format("poll: {}", errno_text()));
    return {};
  }

  Result<> read_output() {
    MutableByteView rest = material_.reveal_mutable().subspan(got_);
    const ssize_t count = ::read(output_.get(), rest.data(), rest.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return {};
    if (count <= 0) {
      output_ = UniqueFd();
      return {};
    }
    got_ += static_cast<std::size_t>(count);
    if (got_ > StoreKeySource::kMostMaterial)
      return failed(program_, fmt::format("printed more than {} bytes{}",
                                          StoreKeySource::kMostMaterial, words()));
    return {};
  }

  // Beyond the first part it is read and forgotten, so that the program does not wait for us.
  void read_errors() {
    std::array<char, kMostSaid> piece{};
    const ssize_t count = ::read(errors_.get(), piece.data(), piece.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0) {
      errors_ = UniqueFd();
      return;
    }
    said_.append(piece.data(), static_cast<std::size_t>(count));
    if (said_.size() > kMostSaid) said_.resize(kMostSaid);
  }

  Result<> await_end() {
    int status = 0;
    for (pid_t ended = 0; ended != child_;) {
      ended = ::waitpid(child_, &status, WNOHANG);
      if (ended < 0 && errno != EINTR)
        return failed(program_, fmt::format("waitpid: {}", errno_text()));
      if (ended == child_) break;
      if (Clock::now() >= deadline_) return late();
      ::poll(nullptr, 0, 2);
    }
    child_ = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    const std::string how = WIFEXITED(status) ? fmt::format("exit code {}", WEXITSTATUS(status))
                                              : fmt::format("ended by signal {}", WTERMSIG(status));
    return failed(program_, how + words());
  }

  std::unexpected<Error> late() {
    return failed(program_, fmt::format("not done within {} ms{}", limit_.count(), words()));
  }

  // What it said, without the end of its last line.
  std::string words() const {
    const std::size_t end = said_.find_last_not_of(" \n\r\t");
    if (end == said_.npos) return {};
    return fmt::format("; it said '{}'", escaped(said_.substr(0, end + 1), kMostSaid));
  }

  void end() {
    ::kill(-child_, SIGKILL);
    // Before it has a session of its own.
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  const std::string& program_;
  const Clock::time_point deadline_;
  const std::chrono::milliseconds limit_;
  SecretBuffer material_;
  std::size_t got_ = 0;
  std::string said_;
  UniqueFd output_;
  UniqueFd errors_;
  pid_t child_ = 0;
};

// Keeps what the program printed until the store is open.
class CommandKeySource final : public StoreKeySource {
 public:
  CommandKeySource(const std::string& program, SecretBuffer material)
      : name_("command:" + program), material_(std::move(material)) {}

  const std::string& name() const noexcept override { return name_; }
  bool may_have_been_used() const override { return true; }
  Result<Provided> provide() override {
    SecretBuffer material = TRY(read({}));
    return Provided{std::move(material), {}};
  }
  Result<SecretBuffer> read(ByteView) override { return SecretBuffer::copy_of(material_.reveal()); }

 private:
  const std::string name_;
  const SecretBuffer material_;
};

}  // namespace

Result<std::shared_ptr<StoreKeySource>> command_key_source(const std::string& program,
                                                           std::chrono::milliseconds limit) {
  TRY(check_program(program));
  SecretBuffer material = TRY(Run(program, limit).output());
  std::shared_ptr<StoreKeySource> source =
      std::make_shared<CommandKeySource>(program, std::move(material));
  return source;
}

}  // namespace strongroom
