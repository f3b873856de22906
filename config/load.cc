#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "config/checks.h"
#include "config/machine/surroundings.h"
#include "config/parser.h"

namespace strongroom::config {
namespace {

std::string reason(int code) {
  return std::generic_category().message(code);
}

// Why what somebody else may have written is not to be believed, or an empty text.
std::string distrust(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != geteuid())
    return fmt::format("it belongs to uid {}, not to root or to this process's user",
                       status.st_uid);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fmt::format("others may write it (mode {:04o}); take that away with 'chmod go-w'",
                       status.st_mode & 07777);
  return {};
}

std::string distrust_file(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  if (std::string why = distrust(status); !why.empty()) return why;
  if (status.st_size > static_cast<off_t>(kLargestFile))
    return fmt::format("it is longer than {} bytes", kLargestFile);
  return {};
}

std::expected<std::string, std::string> read_trusted(const std::filesystem::path& path) {
  // Non-blocking, so that a pipe in the file's place cannot hold the start up.
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return std::unexpected(fmt::format("cannot be opened: {}", reason(errno)));
  struct stat status{};
  if (fstat(file.get(), &status) != 0)
    return std::unexpected(fmt::format("cannot be examined: {}", reason(errno)));
  if (const std::string why = distrust_file(status); !why.empty())
    return std::unexpected(fmt::format("is refused: {}", why));

  std::string text(kLargestFile + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + length, text.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(fmt::format("cannot be read: {}", reason(errno)));
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  text.resize(length);
  return text;
}

// Why names in this directory are not to be believed, or an empty text.
std::string distrust_directory(const std::filesystem::path& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return fmt::format("cannot be examined: {}", reason(errno));
  if (!S_ISDIR(status.st_mode)) return "is refused: it is not a directory";
  if (const std::string why = distrust(status); !why.empty())
    return fmt::format("is refused: {}", why);
  return {};
}

// The fragments' paths in byte order, or why they are not known. No directory is an empty one.
std::expected<std::vector<std::filesystem::path>, std::string> list_fragments(
    const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error == std::errc::no_such_file_or_directory) return found;
  if (!error)
    if (std::string why = distrust_directory(directory); !why.empty()) return std::unexpected(why);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.ends_with(".toml") && !name.starts_with('.')) found.push_back(entry->path());
  }
  if (error) return std::unexpected(fmt::format("cannot be read: {}", error.message()));
  std::ranges::sort(found, {}, [](const auto& path) { return path.native(); });
  return found;
}

// The file and its fragments, each as far as it is to be believed.
std::vector<Source> read_sources(const std::filesystem::path& path) {
  std::vector<Source> sources{{.file = path, .text = read_trusted(path)}};
  const std::filesystem::path directory = path.parent_path() / kFragments;
  const auto fragments = list_fragments(directory);
  if (fragments)
    for (const std::filesystem::path& fragment : *fragments)
      sources.push_back({.file = fragment, .text = read_trusted(fragment)});
  else
    sources.push_back({.file = directory, .text = std::unexpected(fragments.error())});
  return sources;
}

Loaded refused(const std::string& file, std::string text) {
  return std::unexpected(Problems{{.file = file, .where = {}, .text = std::move(text)}});
}

// Why a standalone daemon cannot live there, or an empty text.
std::string unfit(const std::filesystem::path& directory) {
  struct stat status{};
  if (stat(directory.c_str(), &status) != 0) return reason(errno);
  if (!S_ISDIR(status.st_mode)) return "it is not a directory";
  if (status.st_uid != geteuid())
    return fmt::format("it belongs to uid {}, and this process runs as {}", status.st_uid,
                       geteuid());
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fmt::format("others may write it (mode {:04o})", status.st_mode & 07777);
  return {};
}

}  // namespace

Loaded load(const std::filesystem::path& path, const Accounts& accounts) {
  return parse(read_sources(path), accounts);
}

Problems examine(const std::filesystem::path& path, const Accounts& accounts) {
  const auto placed = parse_with_places(read_sources(path), accounts);
  return placed ? problems_of_surroundings(placed->settings, placed->places, path) : placed.error();
}

Loaded standalone(const std::filesystem::path& directory) {
  std::error_code error;
  const std::filesystem::path home = std::filesystem::canonical(directory, error);
  if (error) return refused(directory, fmt::format("cannot be used: {}", error.message()));
  if (std::string why = unfit(home); !why.empty())
    return refused(directory, fmt::format("cannot be used: {}", why));

  Settings settings;
  settings.service.require_locked_memory = false;
  settings.sockets = {
      {.path = home / "strongroom.sock", .mode = {0666}},
      {.path = home / "admin.sock", .mode = {0600}, .admin = true},
  };
  settings.admin.uids = {{.name = std::to_string(geteuid()), .id = geteuid()}};
  settings.admin.groups.clear();
  settings.store.path = home / "keys.db";
  settings.store.key_source.path = home / "store.key";
  Problems problems;
  check(settings, directory, {}, problems);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return settings;
}

}  // namespace strongroom::config
