#include <iostream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "client/cli/run.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  std::vector<std::string> tokens(argv + (argc > 0 ? 1 : 0), argv + argc);
  strongroom::cli::Streams streams{.in = std::cin,
                                   .out = std::cout,
                                   .err = std::cerr,
                                   .out_is_terminal = ::isatty(STDOUT_FILENO) == 1};
  return std::to_underlying(strongroom::cli::run(tokens, streams));
}
