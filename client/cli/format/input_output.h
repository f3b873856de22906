// Where commands read their bytes and write them: a file, standard input, standard output.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "client/cli/command.h"
#include "client/cli/failure.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::cli {

// Hands the file's bytes to `take`, piece by piece. No file and "-" are standard input.
Outcome<> read_pieces(const std::optional<std::string>& file, Streams& streams,
                      const std::function<void(ByteView)>& take);
// The whole of it; InvalidData when it has more than `limit` bytes.
Outcome<SecretBytes> read_all(const std::optional<std::string>& file, Streams& streams,
                              std::size_t limit);

enum class Encoding : std::uint8_t { Native, Pem, Der, Raw, Hex, Base64 };
// What --out-format or --in-format says, which takes one of the words below; Native when it is not
// given.
Encoding encoding_from(const std::optional<std::string>& name);
// Words of those options, by what is read or written.
std::vector<std::string> data_formats();
std::vector<std::string> document_formats();
std::vector<std::string> signature_formats();
std::vector<std::string> key_formats();
std::vector<std::string> public_key_formats();
// Takes hex and base64 back to bytes.
Outcome<SecretBytes> decoded(SecretBytes data, Encoding encoding);

enum class Secrecy : std::uint8_t {
  Public,
  Secret,  // a file of mode 0600
  Hidden,  // and nothing of it, in whatever encoding, on a terminal
};
struct Output {
  std::optional<std::string> file;  // none and "-": standard output
  Encoding encoding;                // Hex and Base64 end in a newline; Pem is text as it is
  Secrecy secrecy = Secrecy::Public;
};
// The file of --output or of the argument at `index`, which mean the same. Usage when both are
// given.
Outcome<std::optional<std::string>> output_file(const Arguments& arguments, std::size_t index);
// A file is whole or not written at all. What a terminal is to be spared is a Usage failure unless
// --force is given: binary data, and what is hidden.
Outcome<> write_output(const Invocation& invocation, const Output& output, ByteView bytes);

}  // namespace strongroom::cli
