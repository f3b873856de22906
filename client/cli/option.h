// Options and arguments as data: what parses a command line also prints its help.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace strongroom::cli {

struct Option {
  std::string_view name;      // without dashes
  std::string_view argument;  // what its value is called; empty for a switch
  std::string_view help;
  bool is_repeatable = false;  // a list, whose parts may be given one by one
};

struct Positional {
  enum class Need : std::uint8_t { Required, Optional };
  std::string_view name;
  Need need;
  std::string_view help;
};

// Taken by every command, before its words or after them.
inline constexpr std::array kGlobalOptions = {
    Option{"socket", "PATH|URI", "the service's socket, else $STRONGROOM_SERVICE_ENDPOINT"},
    Option{"insecure-socket", "", "use the socket whoever owns it"},
    Option{"provider", "NAME|ID", "the provider to use, else the first that the service lists"},
    Option{"app-name", "NAME", "say this application name (Direct authenticator)"},
    Option{"timeout", "SECONDS", "how long a call may take, 0 for ever; 60 by default"},
    Option{"json", "", "print records as JSON"},
    Option{"color", "WHEN", "auto, always or never"},
    Option{"quiet", "", "show no progress"},
    Option{"help", "", "say how to use the command"},
    Option{"version", "", "say which version this is"},
};

// Shared by commands that write bytes.
inline constexpr Option kForceOption = {"force", "", "write binary data even to a terminal"};
inline constexpr Option kOutputOption = {"output", "FILE", "where to write, else standard output"};
// By those that cannot be undone.
inline constexpr Option kYesOption = {"yes", "", "do not ask whether that is meant"};
inline constexpr Option kTypeOption = {
    "type", "TYPE",
    "ecc-p256|ecc-p384|ecc-p521|rsa-2048|rsa-3072|rsa-4096|aes-128|aes-192|aes-256"};
inline constexpr Option kAlgorithmOption = {
    "algorithm", "NAME",
    "the one algorithm that the key permits: ecdsa-sha256, rsa-pss-sha256, aes-gcm …; a fitting "
    "one by default"};
inline constexpr Option kUsageOption = {
    "usage", "LIST",
    "sign,verify,encrypt,decrypt,derive,export; by default what the algorithm is for"};

}  // namespace strongroom::cli
