#include "client/cli/format/input_output.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <istream>
#include <ostream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "client/cli/format/text_encoding.h"

namespace strongroom::cli {
namespace {

constexpr std::array kEncodings = {
    std::pair{std::string_view("pem"), Encoding::Pem},
    std::pair{std::string_view("der"), Encoding::Der},
    std::pair{std::string_view("raw"), Encoding::Raw},
    std::pair{std::string_view("hex"), Encoding::Hex},
    std::pair{std::string_view("base64"), Encoding::Base64},
};

constexpr std::size_t kPieceSize = std::size_t{64} * 1024;

// nullptr: standard input or output.
const std::string* named_file(const std::optional<std::string>& file) {
  return file && *file != "-" ? &*file : nullptr;
}

std::unexpected<Failure> file_failure(std::string_view doing, const std::string& file, int code) {
  return failed(ExitCode::Other, fmt::format("{} '{}': {}", doing, escaped(file),
                                             std::generic_category().message(code)));
}

Outcome<> read_file(const std::string& file, const std::function<void(ByteView)>& take) {
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return file_failure("opening", file, errno);
  SecretBytes piece(kPieceSize);
  while (true) {
    ssize_t size = ::read(fd.get(), piece.data(), piece.size());
    if (size == 0) return {};
    if (size > 0)
      take(ByteView(piece).first(static_cast<std::size_t>(size)));
    else if (errno != EINTR)
      return file_failure("reading", file, errno);
  }
}

Outcome<> read_stream(std::istream& in, const std::function<void(ByteView)>& take) {
  SecretBytes piece(kPieceSize);
  while (in) {
    in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    take(ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad()) return failed(ExitCode::Other, "reading standard input: it cannot be read");
  return {};
}

Outcome<> write_file(const std::string& file, Secrecy secrecy, ByteView bytes) {
  mode_t mode = secrecy == Secrecy::Secret ? 0600 : 0666;
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd) return file_failure("opening", file, errno);
  // A file that was there keeps its mode, and others might read what is about to be written.
  if (secrecy == Secrecy::Secret && ::fchmod(fd.get(), mode) != 0)
    return file_failure("making private", file, errno);
  while (!bytes.empty()) {
    ssize_t size = ::write(fd.get(), bytes.data(), bytes.size());
    if (size >= 0)
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    else if (errno != EINTR)
      return file_failure("writing", file, errno);
  }
  return {};
}

SecretBytes with_newline(SecretBytes text) {
  text.push_back(static_cast<std::byte>('\n'));
  return text;
}

}  // namespace

Outcome<> read_pieces(const std::optional<std::string>& file, Streams& streams,
                      const std::function<void(ByteView)>& take) {
  const std::string* name = named_file(file);
  return name == nullptr ? read_stream(streams.in, take) : read_file(*name, take);
}

Outcome<SecretBytes> read_all(const std::optional<std::string>& file, Streams& streams,
                              std::size_t limit) {
  SecretBytes all;
  std::size_t size = 0;
  TRY(read_pieces(file, streams, [&](ByteView piece) {
    size += piece.size();
    if (size <= limit) all.insert(all.end(), piece.begin(), piece.end());
  }));
  if (size > limit)
    return failed(ExitCode::InvalidData,
                  fmt::format("reading '{}': {} bytes are more than the {} it may have",
                              escaped(file.value_or("-")), size, limit));
  return all;
}

Outcome<Encoding> encoding_from(const std::optional<std::string>& name) {
  if (!name) return Encoding::Native;
  for (const auto& [known, encoding] : kEncodings)
    if (known == *name) return encoding;
  return failed(ExitCode::Usage,
                fmt::format("reading the command line: '{}' is no format", escaped(*name)),
                "it is one of pem, der, raw, hex, base64");
}

Outcome<SecretBytes> decoded(SecretBytes data, Encoding encoding) {
  std::optional<SecretBytes> bytes;
  if (encoding == Encoding::Hex)
    bytes = from_hex(text_of(data));
  else if (encoding == Encoding::Base64)
    bytes = from_base64(text_of(data));
  else
    return data;
  if (!bytes)
    return failed(ExitCode::InvalidData, encoding == Encoding::Hex
                                             ? "decoding the input: it is not hexadecimal"
                                             : "decoding the input: it is not base64");
  return *std::move(bytes);
}

Outcome<> write_output(const Invocation& invocation, const Output& output, ByteView bytes) {
  SecretBytes text;
  if (output.encoding == Encoding::Hex) text = with_newline(hex_text(bytes));
  if (output.encoding == Encoding::Base64) text = with_newline(base64_text(bytes));
  bool is_text = !text.empty() || output.encoding == Encoding::Pem;
  if (!text.empty()) bytes = text;
  if (const std::string* name = named_file(output.file))
    return write_file(*name, output.secrecy, bytes);
  Streams& streams = invocation.streams;
  if (!is_text && streams.out_is_terminal && !invocation.arguments.has("force"))
    return failed(ExitCode::Usage, "writing to the terminal: the data is binary",
                  "name a file, choose --out-format hex or base64, or say --force");
  streams.out << text_of(bytes);
  return {};
}

}  // namespace strongroom::cli
