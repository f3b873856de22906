#include "service/store/disk/key_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/unique_fd.h"

namespace strongroom {
namespace {

constexpr std::size_t kCreatedSize = 32;
constexpr off_t kLeastSize = 32;
constexpr off_t kGreatestSize = 4096;

std::unexpected<Error> file_error(std::string_view call, const std::string& path) {
  int code = errno;
  Status status =
      code == ENOSPC ? Status::PsaErrorInsufficientStorage : Status::KeyInfoManagerError;
  return fail(status, fmt::format("{} '{}': {}", call, path, errno_text(code)));
}

std::unexpected<Error> refused(const std::string& path, std::string_view why) {
  return fail(Status::KeyInfoManagerError, fmt::format("key file '{}': {}", path, why));
}

Result<> check(const struct stat& file, const std::string& path,
               KeyFileReaders readers = KeyFileReaders::OwnerAlone) {
  if (!S_ISREG(file.st_mode)) return refused(path, "is not a regular file");
  if (file.st_uid != 0 && file.st_uid != ::geteuid())
    return refused(path, fmt::format("belongs to uid {}, neither to us nor to root", file.st_uid));
  const mode_t others = readers == KeyFileReaders::OwnerAlone ? 077U : 07U;
  if ((file.st_mode & others) != 0)
    return refused(path,
                   fmt::format("mode {:04o} lets others in, want 0600", file.st_mode & 07777U));
  if (file.st_size < kLeastSize) return refused(path, "holds fewer than 32 bytes");
  if (file.st_size > kGreatestSize) return refused(path, "holds more than 4096 bytes");
  return {};
}

Result<> write_all(int fd, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// False leaves the reason in errno.
bool rename_without_replacing(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  // A file system that does not know the flag.
  return errno == EINVAL && ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

Result<SecretBuffer> read_whole(int fd, std::size_t size, const std::string& path) {
  SecretBuffer content = TRY(SecretBuffer::of_size(size));
  std::size_t have = 0;
  while (have < size) {
    ssize_t got = ::read(fd, content.reveal_mutable().data() + have, size - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("read", path);
    if (got == 0) return refused(path, "shrank while it was read");
    have += static_cast<std::size_t>(got);
  }
  return content;
}

}  // namespace

Result<SecretBuffer> read_key_file(const std::string& path, KeyFileReaders readers) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return file_error("open key file", path);
  struct stat file{};
  if (::fstat(fd.get(), &file) != 0) return file_error("fstat", path);
  TRY(check(file, path, readers));
  return read_whole(fd.get(), static_cast<std::size_t>(file.st_size), path);
}

Result<> create_key_file(const std::string& path) {
  SecretBuffer material = TRY(SecretBuffer::random(kCreatedSize));
  // What a start that was cut short has left is written over.
  const std::string draft = path + ".creating";
  UniqueFd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return file_error("create key file", draft);
  if (::fchmod(fd.get(), 0600) != 0) return file_error("fchmod", draft);
  TRY(write_all(fd.get(), material.reveal(), draft));
  if (::fsync(fd.get()) != 0) return file_error("fsync", draft);
  if (!rename_without_replacing(draft, path)) return file_error("create key file", path);
  return sync_directory_of(path);
}

Result<> erase_key_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return {};
  if (!fd) return file_error("open key file", path);
  struct stat file{};
  if (::fstat(fd.get(), &file) != 0) return file_error("fstat", path);
  TRY(check(file, path));
  TRY(write_all(fd.get(), Bytes(static_cast<std::size_t>(file.st_size)), path));
  if (::fsync(fd.get()) != 0) return file_error("fsync", path);
  if (::unlink(path.c_str()) != 0) return file_error("unlink", path);
  return sync_directory_of(path);
}

Result<> sync_directory_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? std::string(".") : parent.string();
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return file_error("open directory", directory);
  if (::fsync(fd.get()) != 0) return file_error("fsync", directory);
  return {};
}

Result<> create_private_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd && errno != EEXIST) return file_error("create", path);
  // By its name: SQLite may have the file open, and its locks would go with the first descriptor of
  // the file that this process closes (fcntl(2), record locks).
  if (::chmod(path.c_str(), 0600) != 0) return file_error("chmod", path);
  return {};
}

bool file_exists(const std::string& path) {
  struct stat file{};
  return ::lstat(path.c_str(), &file) == 0;
}

}  // namespace strongroom
