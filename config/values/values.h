// One value of a document to one value of Settings, and back to TOML for documentation. A value
// that does not fit is reported and left as it was.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/accounts.h"
#include "config/document.h"
#include "config/grammar.h"
#include "config/settings.h"

namespace strongroom::config {

// What reading a value needs beside it.
struct Reading {
  std::string_view name;  // of the key
  Bounds bounds;
  const Accounts& accounts;
  const std::string& file;  // that the value stands in
  Problems& problems;
  std::vector<Position>& elements;  // where the elements of a list stand that could be read
};

void read(const Node& node, const Reading& reading, bool& value);
void read(const Node& node, const Reading& reading, std::uint32_t& value);
void read(const Node& node, const Reading& reading, ByteSize& value);
void read(const Node& node, const Reading& reading, std::chrono::milliseconds& value);
void read(const Node& node, const Reading& reading, std::string& value);
void read(const Node& node, const Reading& reading, std::filesystem::path& value);
void read(const Node& node, const Reading& reading, FileMode& value);
void read(const Node& node, const Reading& reading, User& value);
void read(const Node& node, const Reading& reading, Group& value);
void read(const Node& node, const Reading& reading, Tenant& value);
void read(const Node& node, const Reading& reading, std::vector<User>& value);
void read(const Node& node, const Reading& reading, std::vector<Group>& value);
void read(const Node& node, const Reading& reading, std::vector<Authenticator>& value);
void read(const Node& node, const Reading& reading, ProviderType& value);
void read(const Node& node, const Reading& reading, KeySource& value);
void read(const Node& node, const Reading& reading, Pcrs& value);
void read(const Node& node, const Reading& reading, ProviderName& value);
void read(const Node& node, const Reading& reading, log::Level& value);
void read(const Node& node, const Reading& reading, Tcti& value);
void read(const Node& node, const Reading& reading, TpmRoot& value);
void read(const Node& node, const Reading& reading, SecretSource& value);
void read(const Node& node, const Reading& reading, TokenUri& value);
void read(const Node& node, const Reading& reading, TokenName& value);
void read(const Node& node, const Reading& reading, TokenSlot& value);
void read(const Node& node, const Reading& reading, std::vector<TokenQuirk>& value);
void read(const Node& node, const Reading& reading, TokenIsolation& value);
void read(const Node& node, const Reading& reading, TokenSandbox& value);
void read(const Node& node, const Reading& reading, std::vector<TokenPath>& value);
void read(const Node& node, const Reading& reading, std::vector<TokenVariable>& value);

std::string to_toml(bool value);
std::string to_toml(std::uint32_t value);
std::string to_toml(ByteSize value);
std::string to_toml(std::chrono::milliseconds value);
std::string to_toml(const std::string& value);
std::string to_toml(const std::filesystem::path& value);
std::string to_toml(FileMode value);
std::string to_toml(const User& value);
std::string to_toml(const Group& value);
std::string to_toml(const Tenant& value);
std::string to_toml(const std::vector<User>& value);
std::string to_toml(const std::vector<Group>& value);
std::string to_toml(const std::vector<Authenticator>& value);
std::string to_toml(ProviderType value);
std::string to_toml(const KeySource& value);
std::string to_toml(const Pcrs& value);
std::string to_toml(const ProviderName& value);
std::string to_toml(log::Level value);
std::string to_toml(const Tcti& value);
std::string to_toml(TpmRoot value);
std::string to_toml(const SecretSource& value);
std::string to_toml(const TokenUri& value);
std::string to_toml(const TokenName& value);
std::string to_toml(TokenSlot value);
std::string to_toml(const std::vector<TokenQuirk>& value);
std::string to_toml(TokenIsolation value);
std::string to_toml(TokenSandbox value);
std::string to_toml(const std::vector<TokenPath>& value);
std::string to_toml(const std::vector<TokenVariable>& value);

// As people read an amount: "3", "64KiB", "5min".
std::string readable(std::uint32_t value);
std::string readable(ByteSize value);
std::string readable(std::chrono::milliseconds value);

// "file:/…", "tpm:NAME", …; nullopt for anything else.
std::optional<KeySource> key_source_from(std::string_view text);
std::string to_string(const KeySource& source);
inline constexpr std::string_view kKeySourceForms =
    "\"file:\" or \"command:\" and a file's absolute path, \"credential:\" and a credential's "
    "name, "
    "or \"tpm:\" and a provider's name";
// "sha256:0,7", in any order, each once; nullopt for anything else.
std::optional<Pcrs> pcrs_from(std::string_view text);
std::string to_string(const Pcrs& pcrs);
inline constexpr std::string_view kPcrsForm =
    "sha1, sha256, sha384 or sha512, a colon, and numbers from 0 to 23 with commas between them";

// The value that stands for `word`, or nullopt: "warning", "software", …
std::optional<log::Level> log_level_named(std::string_view word);
std::string_view name_of(Authenticator authenticator);
std::string_view name_of(ProviderType type);

}  // namespace strongroom::config
