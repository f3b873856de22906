#include "client/cli/commands/store/daemon_program.h"

#include <ostream>
#include <unistd.h>

#include <fmt/format.h>

#include "base/errno_text.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {

Outcome<> become_daemon(const Invocation& invocation, std::vector<std::string> words) {
  return become_daemon_of(invocation.arguments.value("config"), invocation, std::move(words));
}

Outcome<> become_daemon_of(const std::optional<std::string>& config, const Invocation& invocation,
                           std::vector<std::string> words) {
  const std::string program = invocation.arguments.value("strongroomd").value_or(STRONGROOMD);
  words.insert(words.begin(), program);
  if (config) words.insert(words.end(), {"--config", *config});
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  invocation.streams.out.flush();
  ::execv(program.c_str(), pointers.data());
  return failed(ExitCode::Other, fmt::format("starting '{}': {}", visible(program), errno_text()),
                "--strongroomd says where the daemon's program is");
}

}  // namespace strongroom::cli
