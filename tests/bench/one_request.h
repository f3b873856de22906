// A request on a connection of its own, waited for.
#pragma once

#include "tests/bench/task.h"

namespace strongroom::bench {

// Ends the program with exit code 1 when there is no answer.
Response ask(const std::string& socket, const Task& task);

// Makes the keys that the tasks use, unless they are there.
void prepare(const std::string& socket, ProviderId provider);

}  // namespace strongroom::bench
