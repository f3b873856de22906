// The texts of --help, made from the tables that parse the command line.
#pragma once

#include <string>

#include "client/cli/command.h"

namespace strongroom::cli {

std::string general_help();
// Of "key": what begins with that word.
std::string group_help(std::string_view group);
std::string command_help(const Command& command);

}  // namespace strongroom::cli
