#include "client/cli/keys/passphrase.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "client/cli/format/input_output.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostBytes = 1024;  // libcrypto takes no longer one from PEM

volatile std::sig_atomic_t caught_signal = 0;

void remember_signal(int number) {
  caught_signal = number;
}

// While it lives these signals interrupt await() instead of ending the process; then they do.
class SignalsHeldOff {
 public:
  SignalsHeldOff() noexcept {
    caught_signal = 0;
    struct sigaction action{};
    action.sa_handler = remember_signal;  // without SA_RESTART
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &action, &before_[i]);
    sigset_t held{};
    ::sigemptyset(&held);
    for (int signal : kSignals)
      ::sigaddset(&held, signal);
    ::sigprocmask(SIG_BLOCK, &held, &mask_before_);
  }
  SignalsHeldOff(const SignalsHeldOff&) = delete;
  SignalsHeldOff& operator=(const SignalsHeldOff&) = delete;
  ~SignalsHeldOff() {
    ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &before_[i], nullptr);
    if (caught_signal != 0) ::raise(caught_signal);
  }

  // False when a signal came, before or meanwhile.
  bool await(int fd) const noexcept {
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    return ::ppoll(&readable, 1, nullptr, &mask_before_) == 1;
  }

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  std::array<struct sigaction, kSignals.size()> before_{};
  sigset_t mask_before_{};
};

// Turns the echo off as long as it lives.
class QuietTerminal {
 public:
  explicit QuietTerminal(int fd) noexcept : fd_(fd), is_terminal_(::tcgetattr(fd, &before_) == 0) {
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (is_terminal_) ::tcsetattr(fd, TCSAFLUSH, &quiet);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() {
    if (is_terminal_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }

 private:
  int fd_;
  termios before_{};
  bool is_terminal_;
};

SecretBytes first_line(ByteView text) {
  auto end = std::ranges::find(text, static_cast<std::byte>('\n'));
  if (end != text.begin() && *std::prev(end) == static_cast<std::byte>('\r')) --end;
  return {text.begin(), end};
}

void say(int fd, std::string_view text) {
  std::ignore = ::write(fd, text.data(), text.size());
}

// nullopt: a signal came, or the terminal went.
std::optional<SecretBytes> read_line(int fd, const SignalsHeldOff& signals) {
  SecretBytes line(kMostBytes);
  std::size_t size = 0;
  while (size < line.size()) {
    if (!signals.await(fd)) return std::nullopt;
    ssize_t count = ::read(fd, line.data() + size, line.size() - size);
    if (count <= 0) return std::nullopt;
    size += static_cast<std::size_t>(count);
    if (line[size - 1] == static_cast<std::byte>('\n')) break;
  }
  return first_line(ByteView(line).first(size));
}

Outcome<SecretBytes> from_file(const std::string& file, Streams& streams) {
  SecretBytes content = TRY(read_all(file, streams, std::size_t{64} * 1024));
  SecretBytes line = first_line(content);
  if (line.size() > kMostBytes)
    return failed(ExitCode::InvalidData, "the passphrase is longer than 1024 bytes");
  return line;
}

}  // namespace

Outcome<SecretBytes> ask_terminal(const std::string& prompt) {
  UniqueFd terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal)
    return failed(ExitCode::Usage,
                  "it is encrypted, and there is no terminal to ask for the "
                  "passphrase",
                  "--passphrase-file takes it from a file");
  std::optional<SecretBytes> line;
  {
    SignalsHeldOff held_off;
    QuietTerminal quiet(terminal.get());
    say(terminal.get(), prompt);
    line = read_line(terminal.get(), held_off);
    say(terminal.get(), "\n");
  }
  if (!line) return failed(ExitCode::Other, "no passphrase was given");
  return *std::move(line);
}

AskPassphrase passphrase_for(const Invocation& invocation, const std::optional<std::string>& file) {
  std::optional<std::string> source = invocation.arguments.value("passphrase-file");
  Streams* streams = &invocation.streams;
  bool is_taken = source == "-" && file.value_or("-") == "-";
  if (is_taken)
    return []() -> Outcome<SecretBytes> {
      return failed(ExitCode::Usage, "key and passphrase cannot both be standard input");
    };
  if (source) return [source = *source, streams]() { return from_file(source, *streams); };
  return [prompt = fmt::format("Passphrase for {}: ", visible(file.value_or("standard input")))] {
    return ask_terminal(prompt);
  };
}

}  // namespace strongroom::cli
