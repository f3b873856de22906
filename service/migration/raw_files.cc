#include "service/migration/raw_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/unique_fd.h"

namespace strongroom::parsec {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestDatabase = std::size_t{512} << 20;
constexpr std::size_t kLargestMapping = std::size_t{64} << 10;
constexpr std::size_t kMostFiles = std::size_t{1} << 20;
// Application, provider, key.
constexpr int kDeepest = 2;
constexpr std::size_t kStep = std::size_t{64} << 10;

std::unexpected<Error> failed(const char* call, const std::string& path) {
  const Status status =
      errno == ENOENT ? Status::PsaErrorDoesNotExist : Status::PsaErrorStorageFailure;
  return fail(status, fmt::format("{} '{}': {}", call, escaped(path), errno_text()));
}

// O_NONBLOCK: a pipe that nobody writes to is waited for else.
Result<UniqueFd> open_regular(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return failed("open", path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed("fstat", path);
  if (S_ISREG(status.st_mode)) return file;
  return fail(Status::PsaErrorStorageFailure,
              fmt::format("'{}' is not a regular file", escaped(path)));
}

Result<Bytes> read_all(int file, const std::string& path, std::size_t most) {
  Bytes content;
  for (std::size_t size = 0;;) {
    content.resize(size + kStep);
    const ssize_t got = ::read(file, content.data() + size, kStep);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    size += static_cast<std::size_t>(got);
    content.resize(size);
    if (got == 0) return content;
    if (size > most)
      return fail(Status::PsaErrorInsufficientStorage,
                  fmt::format("'{}' is longer than {} bytes", escaped(path), most));
  }
}

std::vector<std::string> parts_of(const fs::path& path, const fs::path& below) {
  std::vector<std::string> parts;
  for (const fs::path& each : path.lexically_relative(below))
    parts.push_back(each.string());
  return parts;
}

// One entry of the directory; what is nothing of a mapping's is told.
void take(const fs::directory_entry& entry, const fs::path& directory, RawMappings& found) {
  Result<Bytes> content = read_raw_file(entry.path().string(), kLargestMapping);
  if (content)
    found.files.push_back({parts_of(entry.path(), directory), *std::move(content)});
  else
    found.problems.push_back(content.error().message());
}

Result<RawMappings> read_directory(const std::string& path) {
  RawMappings found{.origin = path, .database = {}, .files = {}, .problems = {}};
  std::error_code error;
  fs::recursive_directory_iterator entries(path, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    if (entries->is_directory(error) && !entries->is_symlink(error)) {
      if (entries.depth() >= kDeepest) entries.disable_recursion_pending();
      continue;
    }
    if (found.files.size() + found.problems.size() >= kMostFiles)
      return fail(Status::PsaErrorInsufficientStorage,
                  fmt::format("'{}' holds more than {} files", escaped(path), kMostFiles));
    take(*entries, path, found);
  }
  if (!error) return found;
  return fail(Status::PsaErrorStorageFailure,
              fmt::format("reading '{}': {}", escaped(path), error.message()));
}

// A journal or a log beside it holds what the file alone does not.
Result<> check_alone(const std::string& path) {
  for (const char* suffix : {"-journal", "-wal"}) {
    struct stat status{};
    if (::stat((path + suffix).c_str(), &status) != 0 || status.st_size == 0) continue;
    return fail(Status::PsaErrorStorageFailure,
                fmt::format("'{}{}' is not empty: Parsec's service runs, or was cut off; start and "
                            "stop it once",
                            escaped(path), suffix));
  }
  return {};
}

Result<RawMappings> read_database(const std::string& path) {
  RawMappings found{.origin = path, .database = {}, .files = {}, .problems = {}};
  found.database = TRY(read_raw_file(path, kLargestDatabase));
  // Afterwards: what began since is seen.
  TRY(check_alone(path));
  return found;
}

// "0000000000000002.psa_its", as Mbed TLS names them: 16 hexadecimal digits.
std::optional<std::uint64_t> key_number(const std::string& name) {
  constexpr std::size_t kDigits = 16;
  if (name.size() <= kDigits || name.substr(kDigits) != ".psa_its") return std::nullopt;
  std::uint64_t number = 0;
  const char* end = name.data() + kDigits;
  const auto parsed = std::from_chars(name.data(), end, number, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

Result<Bytes> read_raw_file(const std::string& path, std::size_t most) {
  UniqueFd file = TRY(open_regular(path));
  return read_all(file.get(), path, most);
}

Result<RawMappings> read_raw_mappings(const KeyInfoManager& manager) {
  return manager.kind == KeyInfoManager::Kind::Sqlite ? read_database(manager.path)
                                                      : read_directory(manager.path);
}

Result<std::map<std::uint64_t, Bytes>> read_raw_keys(const std::string& directory) {
  std::map<std::uint64_t, Bytes> keys;
  std::error_code error;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const auto number = key_number(entries->path().filename().string());
    if (!number) continue;
    Bytes content = TRY(read_raw_file(entries->path().string(), kLargestMapping));
    keys.emplace(*number, std::move(content));
  }
  if (!error) return keys;
  return fail(Status::PsaErrorStorageFailure,
              fmt::format("reading '{}': {}", escaped(directory), error.message()));
}

}  // namespace strongroom::parsec
