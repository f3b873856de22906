// Options and arguments as data: what parses a command line also prints its help.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/format/names.h"

namespace strongroom::cli {

// What a value may be. Completion offers it; words that exclude others are checked with the command
// line, before a command runs.
struct Values {
  enum class Kind : std::uint8_t {
    Any,
    Files,
    Keys,   // names of the caller's keys
    Words,  // one of `words`, and nothing else
    Names,  // one of `words`, or what else the command understands
  };
  Kind kind = Kind::Any;
  std::vector<std::string> (*words)() = nullptr;  // of Words and Names
};
inline constexpr Values kFiles{Values::Kind::Files};
inline constexpr Values kKeys{Values::Kind::Keys};
constexpr Values one_of(std::vector<std::string> (*words)()) {
  return {Values::Kind::Words, words};
}
constexpr Values such_as(std::vector<std::string> (*words)()) {
  return {Values::Kind::Names, words};
}

struct Option {
  std::string_view name;      // without dashes
  std::string_view argument;  // what its value is called; empty for a switch
  std::string_view help;
  Values values = {};
  bool is_repeatable = false;  // a list, whose parts may be given one by one
};

struct Positional {
  enum class Need : std::uint8_t { Required, Optional };
  std::string_view name;
  Need need;
  std::string_view help;
  Values values = {};
};
// Of a key that exists; what a new one is to be called is nobody's to guess.
inline constexpr Positional kKeyPositional = {"NAME", Positional::Need::Required, "the key", kKeys};

// Taken by every command, before its words or after them.
inline constexpr std::array kGlobalOptions = {
    Option{"socket", "PATH|URI",
           "the service's socket, else $STRONGROOM_SERVICE_ENDPOINT; administrators' commands have "
           "another, see their help",
           kFiles},
    Option{"insecure-socket", "", "use the socket whoever owns it"},
    Option{"provider", "NAME|ID", "the provider to use, else the first that the service lists",
           such_as(provider_names)},
    Option{"app-name", "NAME", "say this application name (Direct authenticator)"},
    Option{"timeout", "SECONDS", "how long a call may take, 0 for ever; 60 by default"},
    Option{"json", "", "print records as JSON"},
    Option{"color", "WHEN", "auto, always or never",
           one_of([] { return std::vector<std::string>{"auto", "always", "never"}; })},
    Option{"quiet", "", "show no progress"},
    Option{"help", "", "say how to use the command"},
    Option{"version", "", "say which version this is"},
};

// Of --socket, for the commands of administrators.
inline constexpr std::string_view kAdminSocketHelp =
    "the administrators' socket, else $STRONGROOM_ADMIN_ENDPOINT, else /run/strongroom/admin.sock";

// Shared by commands that write bytes.
inline constexpr Option kForceOption = {"force", "", "write binary data even to a terminal"};
inline constexpr Option kOutputOption = {"output", "FILE", "where to write, else standard output",
                                         kFiles};
// By those that cannot be undone.
inline constexpr Option kYesOption = {"yes", "", "do not ask whether that is meant"};
inline constexpr Option kTypeOption = {
    "type", "TYPE",
    "ecc-p256|ecc-p384|ecc-p521|ed25519|ed448|rsa-2048|rsa-3072|rsa-4096|aes-128|aes-192|aes-256|"
    "hmac-BITS|derive-BITS",
    such_as(type_names)};
inline constexpr Option kAlgorithmOption = {
    "algorithm", "NAME",
    "the one algorithm that the key permits: ecdsa-sha256, rsa-pss-sha256, aes-gcm, aes-kwp …; a "
    "fitting one by default",
    such_as(algorithm_names)};
inline constexpr Option kUsageOption = {
    "usage", "LIST",
    "sign,verify,encrypt,decrypt,derive,wrap,unwrap,export; by default what the algorithm is for",
    such_as(all_usage_names)};
inline constexpr Option kDrawnNonceOption = {
    "drawn-nonce-only", "",
    "of AEAD keys: encrypt with nonces that the service draws, and no "
    "others"};

}  // namespace strongroom::cli
