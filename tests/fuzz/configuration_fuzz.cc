// The text of configuration files, which an administrator's mistakes or tools may have written. A
// NUL byte ends one file and begins the next.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "config/parser.h"

namespace {

using namespace strongroom::config;

// Every name is somebody's, so that an input gets past its first group.
Accounts accounts() {
  return {.uid_of = [](const std::string&) { return std::optional<uid_t>(1); },
          .gid_of = [](const std::string&) { return std::optional<gid_t>(1); }};
}

std::vector<Source> files_in(std::string_view input) {
  std::vector<Source> files;
  while (true) {
    const auto end = std::min(input.find('\0'), input.size());
    files.push_back(
        {.file = fmt::format("{}.toml", files.size()), .text = std::string(input.substr(0, end))});
    if (end == input.size()) return files;
    input.remove_prefix(end + 1);
  }
}

bool is_shown_safely(const std::string& text) {
  return !text.empty() && std::ranges::none_of(text, [](unsigned char letter) {
    return letter < 0x20 || letter == 0x7F;
  });
}

void check_problems(const Problems& problems) {
  if (problems.empty()) std::abort();
  for (const Problem& problem : problems)
    if (problem.file.empty() || !is_shown_safely(problem.text)) std::abort();
}

// What every other part of the daemon relies on.
void check_settings(const Settings& settings) {
  if (settings.sockets.empty() || settings.auth.order.empty()) std::abort();
  for (const Socket& socket : settings.sockets)
    if (!socket.path.is_absolute() || (socket.admin && !socket.tenant.name.empty())) std::abort();
  const Limits& limits = settings.limits;
  if (limits.connections == 0 || limits.frames_in_flight == 0 || limits.max_in_flight == 0)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<Source> files =
      files_in(std::string_view(reinterpret_cast<const char*>(data), size));
  if (const Loaded loaded = parse(files, accounts()))
    check_settings(*loaded);
  else
    check_problems(loaded.error());
  return 0;
}
