#include "client/socket_trust.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <pwd.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom::client {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's own walk, path_resolution(7)

std::optional<uid_t> uid_of(const char* user) {
  std::array<char, 4096> memory;
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(user, &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->pw_uid;
}

std::unexpected<ClientError> untrusted(const std::string& path, std::string_view cause) {
  return std::unexpected(
      ClientError(ErrorSource::Endpoint, Status::ConnectionError,
                  fmt::format("not trusting the socket: '{}' {}", escaped(path), cause)));
}

std::unexpected<ClientError> unreachable(const std::string& socket_path, int code) {
  return std::unexpected(not_reachable(socket_path, code));
}

// The state of one walk: where it is, and the components still to be walked, last one first.
class Walk {
 public:
  Walk(const std::string& socket_path, const std::vector<uid_t>& owners)
      : socket_path_(socket_path), owners_(owners) {}

  ClientResult<> to_its_end() {
    std::error_code code;
    std::filesystem::path absolute = std::filesystem::absolute(socket_path_, code);
    if (code) return unreachable(socket_path_, code.value());
    push(absolute.string());
    struct stat root{};
    if (::lstat("/", &root) != 0) return unreachable(socket_path_, errno);
    TRY(check("/", root));
    while (!pending_.empty())
      TRY(step());
    if (!at_socket_) return unreachable(socket_path_, ENOTSOCK);
    return {};
  }

 private:
  void push(std::string_view path) {
    if (path.starts_with('/')) here_.clear();
    while (!path.empty()) {
      std::size_t slash = path.rfind('/');
      std::string_view last = slash == path.npos ? path : path.substr(slash + 1);
      if (!last.empty() && last != ".") pending_.emplace_back(last);
      path = slash == path.npos ? "" : path.substr(0, slash);
    }
  }

  ClientResult<> step() {
    std::string component = std::move(pending_.back());
    pending_.pop_back();
    if (component == "..") {
      here_.resize(std::min(here_.rfind('/'), here_.size()));
      at_socket_ = false;
      return {};
    }
    std::string next = fmt::format("{}/{}", here_, component);
    struct stat status{};
    if (::lstat(next.c_str(), &status) != 0) return unreachable(socket_path_, errno);
    TRY(check(next, status));
    if (S_ISLNK(status.st_mode)) return follow(next);
    at_socket_ = S_ISSOCK(status.st_mode);
    here_ = std::move(next);
    return {};
  }

  ClientResult<> follow(const std::string& link) {
    if (++links_ > kMaxLinks) return unreachable(socket_path_, ELOOP);
    std::error_code code;
    std::filesystem::path target = std::filesystem::read_symlink(link, code);
    if (code) return unreachable(socket_path_, code.value());
    push(target.string());
    return {};
  }

  ClientResult<> check(const std::string& path, const struct stat& status) const {
    if (std::ranges::find(owners_, status.st_uid) == owners_.end())
      return untrusted(path, fmt::format("belongs to uid {}, who is neither root nor the service "
                                         "nor you",
                                         status.st_uid));
    bool replaceable = S_ISDIR(status.st_mode) && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
                       (status.st_mode & S_ISVTX) == 0;
    if (replaceable)
      return untrusted(path, fmt::format("is a directory that others may write to (mode {:04o})",
                                         status.st_mode & 07777));
    return {};
  }

  const std::string& socket_path_;
  const std::vector<uid_t>& owners_;
  std::string here_;  // without the last '/', so that the root is empty
  std::vector<std::string> pending_;
  int links_ = 0;
  bool at_socket_ = false;
};

}  // namespace

std::vector<uid_t> trusted_owners(const std::string& socket_path) {
  std::vector<uid_t> owners = {0};
  if (std::optional<uid_t> service = uid_of("strongroom")) owners.push_back(*service);
  if (!socket_path.starts_with("/run/parsec/")) return owners;
  if (std::optional<uid_t> parsec = uid_of("parsec")) owners.push_back(*parsec);
  return owners;
}

ClientResult<> check_socket_trust(const std::string& socket_path,
                                  const std::vector<uid_t>& owners) {
  return Walk(socket_path, owners).to_its_end();
}

ClientError not_reachable(const std::string& socket_path, int code) {
  std::string cause = std::generic_category().message(code);
  if (code == ENOENT) cause = "no such socket";
  if (code == ECONNREFUSED) cause = "connection refused, nobody listens on it";
  return {ErrorSource::Endpoint, Status::ConnectionError,
          fmt::format("connecting to '{}': {}", escaped(socket_path), cause), code};
}

}  // namespace strongroom::client
