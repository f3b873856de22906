// Whose keys a client's are.
#pragma once

#include <array>
#include <charconv>
#include <optional>
#include <pwd.h>
#include <string>
#include <sys/types.h>

namespace strongroom::cli {

// The name of the user that a client stands for whose name is a uid in decimal, as this machine
// knows it now.
inline std::optional<std::string> user_of(const std::string& client) {
  uid_t uid = 0;
  const char* end = client.data() + client.size();
  auto [stop, code] = std::from_chars(client.data(), end, uid);
  if (code != std::errc() || stop != end) return std::nullopt;
  std::array<char, 4096> memory;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return std::string(found->pw_name);
}

}  // namespace strongroom::cli
