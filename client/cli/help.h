// The texts of --help, made from the tables that parse the command line.
#pragma once

#include <string>

#include "client/cli/command.h"

namespace strongroom::cli {

std::string general_help();
std::string command_help(const Command& command);

}  // namespace strongroom::cli
