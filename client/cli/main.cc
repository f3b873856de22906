#include <clocale>
#include <csignal>
#include <iostream>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "client/cli/run.h"

namespace {

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  std::setlocale(LC_CTYPE, "");  // how wide characters are; numbers stay as they are
  // Whoever reads no further ends this program without a word, whatever its parent ignores.
  std::signal(SIGPIPE, SIG_DFL);
  std::vector<std::string> tokens(argv + (argc > 0 ? 1 : 0), argv + argc);
  strongroom::cli::Streams streams{.in = std::cin,
                                   .out = std::cout,
                                   .err = std::cerr,
                                   .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                                   .in_is_terminal = ::isatty(STDIN_FILENO) == 1,
                                   .err_is_terminal = ::isatty(STDERR_FILENO) == 1,
                                   .columns = terminal_columns()};
  return std::to_underlying(strongroom::cli::run(tokens, streams));
}
