#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/values/values.h"
#include "config/values/words.h"

namespace strongroom::config {
namespace {

template <typename Element>
std::string list_to_toml(const std::vector<Element>& values, auto&& word_of) {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (const Element& value : values)
    words.push_back(word_of(value));
  return fmt::format("[{}]", fmt::join(words, ", "));
}

std::string account_to_toml(const std::string& name) {
  const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
  return is_number ? name : fmt::format("\"{}\"", name);
}

}  // namespace

std::string to_toml(bool value) {
  return value ? "true" : "false";
}
std::string to_toml(std::uint32_t value) {
  return std::to_string(value);
}
std::string to_toml(ByteSize value) {
  return fmt::format("\"{}\"", readable(value));
}
std::string to_toml(std::chrono::milliseconds value) {
  return fmt::format("\"{}\"", readable(value));
}
std::string to_toml(const std::string& value) {
  return fmt::format("\"{}\"", value);
}
std::string to_toml(const std::filesystem::path& value) {
  return fmt::format("\"{}\"", value.string());
}
std::string to_toml(FileMode value) {
  return fmt::format("\"{:04o}\"", value.bits);
}
std::string to_toml(const User& value) {
  return account_to_toml(value.name);
}
std::string to_toml(const Group& value) {
  return account_to_toml(value.name);
}
std::string to_toml(const Tenant& value) {
  return fmt::format("\"{}\"", value.name);
}
std::string to_toml(const std::vector<User>& value) {
  return list_to_toml(value, [](const User& user) { return account_to_toml(user.name); });
}
std::string to_toml(const std::vector<Group>& value) {
  return list_to_toml(value, [](const Group& group) { return account_to_toml(group.name); });
}
std::string to_toml(const std::vector<Authenticator>& value) {
  return list_to_toml(value, [](Authenticator authenticator) {
    return fmt::format("\"{}\"", name_of(authenticator));
  });
}
std::string to_toml(ProviderType value) {
  return fmt::format("\"{}\"", name_of(value));
}
std::string to_string(const KeySource& source) {
  return fmt::format("{}:{}", name_in(kKeySourceNames, source.kind),
                     source.path.empty() ? source.name : source.path.string());
}
std::string to_toml(const KeySource& value) {
  return fmt::format("\"{}\"", to_string(value));
}
std::string to_string(const Pcrs& pcrs) {
  std::string text;
  for (std::uint32_t pcr = 0; pcrs.mask >> pcr != 0; ++pcr)
    if ((pcrs.mask >> pcr & 1U) != 0)
      text += fmt::format("{}{}", text.empty() ? pcrs.bank + ":" : ",", pcr);
  return text;
}
std::string to_toml(const Pcrs& value) {
  return fmt::format("\"{}\"", to_string(value));
}
std::string to_toml(const ProviderName& value) {
  return fmt::format("\"{}\"", value.name);
}
std::string to_toml(log::Level value) {
  return fmt::format("\"{}\"", name_in(kLevelNames, value));
}

std::string to_toml(const Tcti& value) {
  return fmt::format("\"{}\"", value.name);
}
std::string to_toml(TpmRoot value) {
  return fmt::format("\"{}\"", name_in(kTpmRootNames, value));
}
std::string to_toml(const SecretSource& value) {
  switch (value.kind) {
    case SecretSource::Kind::None: break;
    case SecretSource::Kind::File: return fmt::format("\"file:{}\"", value.name);
    case SecretSource::Kind::Credential: return fmt::format("\"credential:{}\"", value.name);
    case SecretSource::Kind::Inline: break;  // is for nobody to read
  }
  return "\"\"";
}

std::string to_toml(const TokenUri& value) {
  return fmt::format("\"{}\"", value.text);
}
std::string to_toml(const TokenName& value) {
  return fmt::format("\"{}\"", value.name);
}
std::string to_toml(TokenSlot value) {
  return value.number ? std::to_string(*value.number) : "\"\"";
}
std::string to_toml(const std::vector<TokenQuirk>& value) {
  return list_to_toml(value, [](const TokenQuirk& quirk) { return "\"" + quirk.name + "\""; });
}
std::string to_toml(TokenIsolation value) {
  return fmt::format("\"{}\"", name_in(kTokenIsolationNames, value));
}
std::string to_toml(TokenSandbox value) {
  return fmt::format("\"{}\"", name_in(kTokenSandboxNames, value));
}
std::string to_toml(const std::vector<TokenPath>& value) {
  return list_to_toml(value, [](const TokenPath& path) { return to_toml(path.path); });
}
std::string to_toml(const std::vector<TokenVariable>& value) {
  return list_to_toml(value, [](const TokenVariable& variable) {
    return fmt::format("\"{}={}\"", variable.name, variable.value);
  });
}

std::string readable(std::uint32_t value) {
  return std::to_string(value);
}
std::string readable(ByteSize value) {
  return with_unit(value.bytes, kSizeUnits);
}
std::string readable(std::chrono::milliseconds value) {
  return with_unit(static_cast<std::uint64_t>(value.count()), kDurationUnits);
}

std::optional<log::Level> log_level_named(std::string_view word) {
  return value_named(kLevelNames, word);
}
std::string_view name_of(Authenticator authenticator) {
  return name_in(kAuthenticatorNames, authenticator);
}
std::string_view name_of(ProviderType type) {
  return name_in(kProviderTypeNames, type);
}

}  // namespace strongroom::config
