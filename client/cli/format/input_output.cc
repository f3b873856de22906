#include "client/cli/format/input_output.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <istream>
#include <ostream>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.h"
#include "client/cli/format/output_file.h"
#include "client/cli/format/text_encoding.h"
#include "client/cli/terminal/progress.h"
#include "client/cli/terminal/visible.h"

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

std::optional<std::uint64_t> size_of(const UniqueFd& fd) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

Outcome<> read_file(const std::string& file, const Streams& streams,
                    const std::function<void(ByteView)>& take) {
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return file_failure("opening", file, errno);
  ProgressBar progress(streams, size_of(fd));
  SecretBytes piece(kPieceSize);
  while (true) {
    ssize_t size = ::read(fd.get(), piece.data(), piece.size());
    if (size == 0) return {};
    if (size < 0 && errno != EINTR) return file_failure("reading", file, errno);
    if (size < 0) continue;
    take(ByteView(piece).first(static_cast<std::size_t>(size)));
    progress.advance(static_cast<std::uint64_t>(size));
  }
}

Outcome<> read_stream(Streams& streams, const std::function<void(ByteView)>& take) {
  std::istream& in = streams.in;
  // What somebody types needs no bar.
  Streams shown = streams;
  shown.shows_progress = streams.shows_progress && !streams.in_is_terminal;
  ProgressBar progress(shown, std::nullopt);
  SecretBytes piece(kPieceSize);
  while (in) {
    in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    take(ByteView(piece).first(static_cast<std::size_t>(in.gcount())));
    progress.advance(static_cast<std::uint64_t>(in.gcount()));
  }
  if (in.bad()) return failed(ExitCode::Other, "reading standard input: it cannot be read");
  return {};
}

Outcome<> write_file(const std::string& file, Secrecy secrecy, ByteView bytes) {
  constexpr mode_t kPrivate = 0600;
  return replace_file(file, secrecy == Secrecy::Public ? nullptr : &kPrivate, bytes);
}

Outcome<> check_terminal(const Invocation& invocation, const Output& output, bool is_text) {
  bool is_spared = output.secrecy == Secrecy::Hidden || !is_text;
  if (!invocation.streams.out_is_terminal || !is_spared || invocation.arguments.has("force"))
    return {};
  if (output.secrecy == Secrecy::Hidden)
    return failed(ExitCode::Usage, "writing to the terminal: the data is secret",
                  "name a file, pipe it to where it is needed, or say --force");
  return failed(ExitCode::Usage, "writing to the terminal: the data is binary",
                "name a file, choose --out-format hex or base64, or say --force");
}

SecretBytes with_newline(SecretBytes text) {
  text.push_back(static_cast<std::byte>('\n'));
  return text;
}

}  // namespace

Outcome<> read_pieces(const std::optional<std::string>& file, Streams& streams,
                      const std::function<void(ByteView)>& take) {
  const std::string* name = named_file(file);
  return name == nullptr ? read_stream(streams, take) : read_file(*name, streams, take);
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
                              visible(file.value_or("-")), size, limit));
  return all;
}

Encoding encoding_from(const std::optional<std::string>& name) {
  for (const auto& [known, encoding] : kEncodings)
    if (name == known) return encoding;
  return Encoding::Native;
}

std::vector<std::string> data_formats() {
  return {"raw", "hex", "base64"};
}

std::vector<std::string> document_formats() {
  return {"pem", "der"};
}

std::vector<std::string> signature_formats() {
  return {"der", "raw", "hex", "base64"};
}

std::vector<std::string> key_formats() {
  return {"pem", "der", "raw", "hex", "base64"};
}

std::vector<std::string> public_key_formats() {
  return {"pem", "der", "openssh", "raw", "hex", "base64"};
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

Outcome<std::optional<std::string>> output_file(const Arguments& arguments, std::size_t index) {
  std::optional<std::string> option = arguments.value("output");
  std::optional<std::string> argument = arguments.positional(index);
  if (option && argument)
    return failed(ExitCode::Usage,
                  fmt::format("reading the command line: '{}' and --output both say where to write",
                              visible(*argument)));
  return option ? std::move(option) : std::move(argument);
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
  TRY(check_terminal(invocation, output, is_text));
  streams.out << text_of(bytes);
  return {};
}

}  // namespace strongroom::cli
