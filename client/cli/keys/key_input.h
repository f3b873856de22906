// A key that the command line names a file of.
#pragma once

#include <optional>
#include <string>

#include "client/cli/command.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/names.h"
#include "client/cli/keys/key_material.h"

namespace strongroom::cli {

struct KeyInput {
  std::optional<std::string> file;  // none and "-": standard input
  Encoding encoding;                // Native: what the content says
  std::optional<TypeAndSize> type;  // what the user says; needed for bytes that do not say it
};

// "reading 'web.pem'", for messages.
std::string reading(const std::optional<std::string>& file);

// May ask for a passphrase, see passphrase.h.
Outcome<KeyMaterial> read_key_file(const Invocation& invocation, const KeyInput& input);

}  // namespace strongroom::cli
