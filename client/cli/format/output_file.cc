#include "client/cli/format/output_file.h"

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kEndings = {SIGHUP, SIGINT, SIGTERM};

// For the handler, which may use neither heap nor locks.
std::array<char, PATH_MAX> unfinished{};

extern "C" void remove_unfinished(int signal) {
  ::unlink(unfinished.data());
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

// The file of another name. Gone with this object, or with the program, until it is in its place.
class Unfinished {
 public:
  // For a name as mkostemp(3) wants it, with its '\0' at most as long as PATH_MAX.
  explicit Unfinished(const std::string& name) {
    std::memcpy(unfinished.data(), name.c_str(), name.size() + 1);
    for (std::size_t i = 0; i < kEndings.size(); ++i) {
      before_[i] = std::signal(kEndings[i], remove_unfinished);
      if (before_[i] == SIG_IGN) std::signal(kEndings[i], SIG_IGN);
    }
  }
  ~Unfinished() {
    if (!is_in_place_) ::unlink(unfinished.data());
    for (std::size_t i = 0; i < kEndings.size(); ++i)
      std::signal(kEndings[i], before_[i]);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  // The handler knows the name before there is a file.
  static UniqueFd make() { return UniqueFd(::mkostemp(unfinished.data(), O_CLOEXEC)); }
  bool put_in_place(const std::string& file) {
    is_in_place_ = ::rename(unfinished.data(), file.c_str()) == 0;
    return is_in_place_;
  }

 private:
  std::array<void (*)(int), kEndings.size()> before_{};
  bool is_in_place_ = false;
};

// Whether all of it is written; else errno tells.
bool write_all(const UniqueFd& fd, ByteView bytes) {
  while (!bytes.empty()) {
    ssize_t size = ::write(fd.get(), bytes.data(), bytes.size());
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return true;
}

Outcome<> write_as_it_is(const std::string& file, ByteView bytes) {
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return file_failure("opening", file, errno);
  if (!write_all(fd, bytes)) return file_failure("writing", file, errno);
  return {};
}

mode_t mode_by_umask() {
  mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

Outcome<> write_beside(const std::string& file, mode_t mode, ByteView bytes) {
  std::filesystem::path path(file);
  std::string beside = (path.parent_path() / ".strongroom-XXXXXX").string();
  if (beside.size() >= unfinished.size()) return file_failure("opening", file, ENAMETOOLONG);
  Unfinished written(beside);
  UniqueFd fd = Unfinished::make();
  if (!fd) return file_failure("opening", file, errno);
  if (::fchmod(fd.get(), mode) != 0) return file_failure("setting the mode of", file, errno);
  if (!write_all(fd, bytes)) return file_failure("writing", file, errno);
  if (!written.put_in_place(file)) return file_failure("writing", file, errno);
  return {};
}

}  // namespace

std::unexpected<Failure> file_failure(std::string_view doing, const std::string& file, int code) {
  return failed(ExitCode::Other, fmt::format("{} '{}': {}", doing, visible(file),
                                             std::generic_category().message(code)));
}

Outcome<> replace_file(const std::string& file, const mode_t* mode, ByteView bytes) {
  struct stat before{};
  bool is_there = ::stat(file.c_str(), &before) == 0;
  if (is_there && !S_ISREG(before.st_mode)) return write_as_it_is(file, bytes);
  std::error_code code;
  // Through a link to what it names.
  std::filesystem::path target = file;
  if (is_there) target = std::filesystem::canonical(file, code);
  if (code) return file_failure("opening", file, code.value());
  mode_t usual = is_there ? before.st_mode & 07777 : mode_by_umask();
  return write_beside(target.string(), mode != nullptr ? *mode : usual, bytes);
}

}  // namespace strongroom::cli
