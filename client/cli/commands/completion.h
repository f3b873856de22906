// Completion scripts of shells, made from the tables that parse the command line.
#pragma once

#include <string>

namespace strongroom::cli {

std::string bash_completion();
std::string zsh_completion();

}  // namespace strongroom::cli
