#include "service/process/secret_input.h"

#include <cstdio>
#include <optional>
#include <termios.h>
#include <unistd.h>

#include "base/errno_text.h"

namespace strongroom {
namespace {

constexpr std::size_t kLongest = 1024;

// A terminal shows nothing that is typed while this lives.
class Quiet {
 public:
  Quiet() {
    termios now{};
    if (::tcgetattr(STDIN_FILENO, &now) != 0) return;
    before_ = now;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
  }
  ~Quiet() {
    if (before_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &*before_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  std::optional<termios> before_;
};

void show(std::string_view text) {
  std::ignore = std::fwrite(text.data(), 1, text.size(), stderr);
  std::ignore = std::fflush(stderr);
}

// Byte by byte: what follows the line is not ours.
Result<SecretBuffer> read_line() {
  SecretBuffer line = TRY(SecretBuffer::of_size(kLongest));
  std::size_t have = 0;
  while (have < kLongest) {
    const ssize_t got = ::read(STDIN_FILENO, line.reveal_mutable().data() + have, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(Status::PsaErrorGenericError,
                  fmt::format("reading standard input: {}", errno_text()));
    if (got == 0 || line.reveal()[have] == std::byte{'\n'}) break;
    ++have;
  }
  line.shrink_to(have);
  if (line.is_empty())
    return fail(Status::PsaErrorInvalidArgument, "reading standard input: there is nothing");
  return line;
}

}  // namespace

bool is_typed() noexcept {
  return ::isatty(STDIN_FILENO) == 1;
}

Result<SecretBuffer> read_secret_line(std::string_view prompt) {
  if (!is_typed()) return read_line();
  Quiet quiet;
  show(prompt);
  Result<SecretBuffer> line = read_line();
  show("\n");
  return line;
}

Result<> write_secret(ByteView secret) {
  std::ignore = std::fflush(stdout);
  while (!secret.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, secret.data(), secret.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      return fail(Status::PsaErrorGenericError,
                  fmt::format("writing standard output: {}", errno_text()));
    secret = secret.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace strongroom
