// One run of `strongroom`, apart from the process around it.
#pragma once

#include <span>
#include <string>

#include "client/cli/command.h"
#include "client/cli/exit_code.h"

namespace strongroom::cli {

// `tokens` is the command line without the program's name. A failure is one line on `err`, and a
// second one when it is known what to do next.
ExitCode run(std::span<const std::string> tokens, Streams& streams);

}  // namespace strongroom::cli
