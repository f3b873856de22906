// From a file to checked Settings: strict, and telling everything that is wrong at once.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "config/accounts.h"
#include "config/checks.h"
#include "config/problem.h"
#include "config/settings.h"

namespace strongroom::config {

inline constexpr std::string_view kDefaultPath = "/etc/strongroom/strongroom.toml";
inline constexpr std::string_view kFragments = "conf.d";             // beside it
inline constexpr std::size_t kLargestFile = std::size_t{64} * 1024;  // bytes

// Settings, or at least one problem.
using Loaded = std::expected<Settings, Problems>;

// Reads `path` and then what stands in conf.d/ beside it: each *.toml that is not hidden, in byte
// order of their names. All are regular files that belong to root or to this process's user and
// that nobody else may write, as is the directory. Tables of an array add up over the files, and
// the first replace the defaults; any other key stands in one file only.
[[nodiscard]] Loaded load(const std::filesystem::path& path,
                          const Accounts& accounts = system_accounts());

// Settings, and where they stand.
struct Placed {
  Settings settings;
  Places places;
};

// As load() from texts; `file` is what problems name.
struct Source {
  std::string file;
  std::expected<std::string, std::string> text;  // or why there is none
};
[[nodiscard]] Loaded parse(std::span<const Source> sources,
                           const Accounts& accounts = system_accounts());
[[nodiscard]] std::expected<Placed, Problems> parse_with_places(std::span<const Source> sources,
                                                                const Accounts& accounts);
[[nodiscard]] Loaded parse(std::string_view text, const std::string& file,
                           const Accounts& accounts = system_accounts());

// As load(), and with what the settings name on this machine (surroundings.h): nothing is run, no
// secret read. Warnings alone do not keep a daemon from starting.
[[nodiscard]] Problems examine(const std::filesystem::path& path,
                               const Accounts& accounts = system_accounts());

// A daemon whose sockets, store and key all live in `directory`, which exists, belongs to this
// process's user and is written by nobody else: for tests, demonstrations and development. Whoever
// may enter the directory may connect; its owner administers. Memory is locked where that is
// permitted.
[[nodiscard]] Loaded standalone(const std::filesystem::path& directory);

}  // namespace strongroom::config
