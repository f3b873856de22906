#include "config/machine/module_file.h"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace strongroom::config {
namespace {

// What a loader compares: the same place in files of 32 and of 64 bits.
struct Machine {
  unsigned char file_class;
  unsigned char encoding;
  Elf64_Half type;
  Elf64_Half machine;
};

constexpr std::size_t kHeader = EI_NIDENT + 2 * sizeof(Elf64_Half);
constexpr std::size_t kPiece = std::size_t{1} << 20;
// The one name that every module gives to whoever loads it: PKCS#11 v2.40 §5.2.
constexpr std::string_view kEntry{"C_GetFunctionList\0", 18};

// The next piece of the file; less than was asked for at its end, and after an error.
std::string_view read_piece(int file, char* into, std::size_t size) {
  std::size_t length = 0;
  while (length < size) {
    const ssize_t count = ::read(file, into + length, size - length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    length += static_cast<std::size_t>(count);
  }
  return {into, length};
}

// Empty for what is no ELF file.
std::optional<Machine> machine_of(std::string_view header) {
  if (header.size() < kHeader || !header.starts_with(ELFMAG)) return std::nullopt;
  Machine machine{};
  machine.file_class = static_cast<unsigned char>(header[EI_CLASS]);
  machine.encoding = static_cast<unsigned char>(header[EI_DATA]);
  std::memcpy(&machine.type, header.data() + EI_NIDENT, sizeof machine.type);
  std::memcpy(&machine.machine, header.data() + EI_NIDENT + sizeof machine.type,
              sizeof machine.machine);
  return machine;
}

std::optional<Machine> own_machine() {
  const UniqueFd file(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  std::string header(kHeader, '\0');
  return file ? machine_of(read_piece(file.get(), header.data(), header.size())) : std::nullopt;
}

bool is_for_this_machine(const Machine& machine) {
  const auto own = own_machine();
  return !own || (machine.file_class == own->file_class && machine.encoding == own->encoding &&
                  machine.machine == own->machine);
}

// Beginning with `piece`, which the file was read to the end of, in its buffer.
bool has_entry(int file, std::string& buffer, std::string_view piece) {
  std::string tail;
  while (!piece.empty()) {
    const std::string text = tail + std::string(piece);
    if (text.find(kEntry) != text.npos) return true;
    tail = text.substr(text.size() - std::min(text.size(), kEntry.size()));
    piece = read_piece(file, buffer.data(), buffer.size());
  }
  return false;
}

std::string why_unfit(int file) {
  std::string buffer(kPiece, '\0');
  const std::string_view beginning = read_piece(file, buffer.data(), buffer.size());
  const auto machine = machine_of(beginning);
  if (!machine || machine->type != ET_DYN) return "is no shared library";
  if (!is_for_this_machine(*machine)) return "is for another kind of machine";
  if (!has_entry(file, buffer, beginning))
    return "is no PKCS#11 module: it has no C_GetFunctionList";
  return {};
}

std::string why_doubtful(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != geteuid())
    return fmt::format("belongs to uid {}, who can have the service run anything", status.st_uid);
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fmt::format("has the mode {:04o}: others can have the service run anything",
                       status.st_mode & 07777);
  return {};
}

}  // namespace

ModuleFile look_at_module_file(const std::filesystem::path& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && errno == EACCES) return {};
  struct stat status{};
  if (!file || fstat(file.get(), &status) != 0)
    return {.unfit = fmt::format("cannot be opened: {}", std::generic_category().message(errno)),
            .doubt = {}};
  if (!S_ISREG(status.st_mode)) return {.unfit = "is not a regular file", .doubt = {}};
  return {.unfit = why_unfit(file.get()), .doubt = why_doubtful(status)};
}

}  // namespace strongroom::config
