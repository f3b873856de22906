// Where a passphrase comes from: the terminal or a file; never the command line or the environment,
// which others can read.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "client/cli/command.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::cli {

inline constexpr Option kPassphraseFileOption = {
    "passphrase-file", "FILE", "its first line is the passphrase; else the terminal is asked",
    kFiles};

using AskPassphrase = std::function<Outcome<SecretBytes>()>;

// Asks when it is called, not before. `file` is what the passphrase is for.
AskPassphrase passphrase_for(const Invocation& invocation, const std::optional<std::string>& file);

// From the process's terminal, without an echo, whatever standard input is. Usage when it has none.
// A signal that ends the process gives the terminal its echo back first.
Outcome<SecretBytes> ask_terminal(const std::string& prompt);

}  // namespace strongroom::cli
