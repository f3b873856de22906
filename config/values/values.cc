#include "config/values/values.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "config/nearest.h"
#include "config/values/value_problems.h"
#include "config/values/words.h"

namespace strongroom::config {
namespace {

bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !text.empty() && text.find_first_not_of(kAllowed) == text.npos;
}

bool is_within(const Bounds& bounds, std::uint64_t number) {
  return bounds.least <= number && number <= bounds.most;
}

// The name of an account, which may be given by its number.
std::optional<std::string> account_in(const Node& node, const Reading& reading,
                                      std::string_view expected) {
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return std::to_string(*number);
  if (const auto* name = std::get_if<std::string>(&node.value)) return *name;
  report_kind(node, reading, expected);
  return std::nullopt;
}

void read(const Node& node, const Reading& reading, Authenticator& value) {
  read_word(node, reading, kAuthenticatorNames, "authenticator", value);
}

template <typename Element>
void read_list(const Node& node, const Reading& reading, std::vector<Element>& values) {
  const auto* array = std::get_if<Node::Array>(&node.value);
  if (array == nullptr) return report_kind(node, reading, "a list");
  values.clear();
  for (const Node& element : *array) {
    const std::size_t problems = reading.problems.size();
    Element value{};
    read(element, reading, value);
    if (reading.problems.size() != problems) continue;
    values.push_back(std::move(value));
    reading.elements.push_back(element.where);
  }
}

// Of UTF-8, which a TOML document always is: U+0000–U+001F, U+007F, U+0080–U+009F.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return true;
  }
  return false;
}

}  // namespace

void read(const Node& node, const Reading& reading, bool& value) {
  if (const auto* boolean = std::get_if<bool>(&node.value))
    value = *boolean;
  else
    report_kind(node, reading, "true or false");
}

void read(const Node& node, const Reading& reading, std::uint32_t& value) {
  const auto* number = std::get_if<std::int64_t>(&node.value);
  if (number == nullptr) return report_kind(node, reading, "a whole number");
  if (*number >= 0 && is_within(reading.bounds, static_cast<std::uint64_t>(*number)))
    value = static_cast<std::uint32_t>(*number);
  else
    report(node, reading,
           fmt::format("'{}' must be from {} to {}, not {}", reading.name, reading.bounds.least,
                       reading.bounds.most, *number));
}

void read(const Node& node, const Reading& reading, ByteSize& value) {
  constexpr std::string_view kExpected = "a size such as 1048576 or \"1MiB\"";
  std::optional<std::uint64_t> bytes;
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) {
    if (*number < 0) return report_text(node, reading, kExpected, std::to_string(*number));
    bytes = static_cast<std::uint64_t>(*number);
  } else if (const std::string* text = text_in(node, reading, kExpected)) {
    bytes = parse_with_unit(*text, kSizeUnits);
    if (!bytes) return report_text(node, reading, kExpected, *text);
  }
  if (!bytes) return;
  if (is_within(reading.bounds, *bytes))
    value.bytes = *bytes;
  else
    report(node, reading,
           fmt::format("'{}' must be from {} to {}, not {}", reading.name,
                       with_unit(reading.bounds.least, kSizeUnits),
                       with_unit(reading.bounds.most, kSizeUnits), with_unit(*bytes, kSizeUnits)));
}

void read(const Node& node, const Reading& reading, std::chrono::milliseconds& value) {
  constexpr std::string_view kExpected = "a duration such as \"5s\" (ms, s, min, h)";
  const std::string* text = text_in(node, reading, kExpected);
  if (text == nullptr) return;
  const auto duration = parse_with_unit(*text, kDurationUnits);
  if (!duration) return report_text(node, reading, kExpected, *text);
  if (is_within(reading.bounds, *duration))
    value = std::chrono::milliseconds(*duration);
  else
    report(node, reading,
           fmt::format("'{}' must be from {} to {}, not {}", reading.name,
                       with_unit(reading.bounds.least, kDurationUnits),
                       with_unit(reading.bounds.most, kDurationUnits), *text));
}

void read(const Node& node, const Reading& reading, std::string& value) {
  constexpr std::string_view kExpected = "letters, digits, '-', '_' and '.'";
  const std::string* text = text_in(node, reading, "a string");
  if (text == nullptr) return;
  if (!is_name(*text)) return report_text(node, reading, kExpected, *text);
  value = *text;
}

void read(const Node& node, const Reading& reading, std::filesystem::path& value) {
  constexpr std::string_view kExpected = "a file's absolute path";
  const std::string* text = text_in(node, reading, kExpected);
  if (text == nullptr) return;
  if (!is_path_of_file(*text)) return report_text(node, reading, kExpected, *text);
  value = std::filesystem::path(*text).lexically_normal();
}

void read(const Node& node, const Reading& reading, FileMode& value) {
  constexpr std::string_view kExpected = "octal read and write bits such as \"0660\"";
  constexpr std::uint32_t kReadAndWrite = 0666;
  const std::string* text = text_in(node, reading, kExpected);
  if (text == nullptr) return;
  std::uint32_t bits = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, bits, 8);
  if (error != std::errc() || rest != end || (bits & ~kReadAndWrite) != 0)
    return report_text(node, reading, kExpected, *text);
  value.bits = bits;
}

void read(const Node& node, const Reading& reading, User& value) {
  const auto name = account_in(node, reading, "a user's name or number");
  if (!name) return;
  value = {.name = *name, .id = reading.accounts.uid_of(*name)};
  if (!value.id) report(node, reading, fmt::format("no user is called '{}'", escaped(*name, 64)));
}

void read(const Node& node, const Reading& reading, Group& value) {
  const auto name = account_in(node, reading, "a group's name or number");
  if (!name) return;
  value = {.name = *name, .id = reading.accounts.gid_of(*name)};
  if (!value.id) report(node, reading, fmt::format("no group is called '{}'", escaped(*name, 64)));
}

void read(const Node& node, const Reading& reading, Tenant& value) {
  constexpr std::string_view kExpected = "1 to 64 bytes without control characters";
  constexpr std::size_t kLongest = 64;
  const std::string* text = text_in(node, reading, "a string");
  if (text == nullptr) return;
  if (text->empty() || text->size() > kLongest || has_control_character(*text))
    return report_text(node, reading, kExpected, *text);
  value.name = *text;
}

void read(const Node& node, const Reading& reading, std::vector<User>& value) {
  read_list(node, reading, value);
}
void read(const Node& node, const Reading& reading, std::vector<Group>& value) {
  read_list(node, reading, value);
}
void read(const Node& node, const Reading& reading, std::vector<Authenticator>& value) {
  const auto* array = std::get_if<Node::Array>(&node.value);
  if (array != nullptr && array->empty())
    return report(node, reading, fmt::format("'{}' must name an authenticator", reading.name));
  read_list(node, reading, value);
}

void read(const Node& node, const Reading& reading, ProviderType& value) {
  read_word(node, reading, kProviderTypeNames, "provider type", value);
}

std::optional<KeySource> key_source_from(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto kind = value_named(kKeySourceNames, text.substr(0, colon));
  const std::string rest(text.substr(colon + 1));
  if (!kind) return std::nullopt;
  if (*kind == KeySource::Kind::Credential || *kind == KeySource::Kind::Tpm) {
    const bool is_dots = rest == "." || rest == "..";
    if (!is_name(rest) || is_dots) return std::nullopt;
    return KeySource{.kind = *kind, .path = {}, .name = rest};
  }
  if (!is_path_of_file(rest)) return std::nullopt;
  return KeySource{
      .kind = *kind, .path = std::filesystem::path(rest).lexically_normal(), .name = {}};
}

// The text is never shown: somebody may have put the secret itself here.
void read(const Node& node, const Reading& reading, KeySource& value) {
  const std::string* text = text_in(node, reading, kKeySourceForms);
  if (text == nullptr) return;
  if (auto source = key_source_from(*text))
    value = *std::move(source);
  else
    report(node, reading, fmt::format("'{}' must be {}", reading.name, kKeySourceForms));
}

std::optional<Pcrs> pcrs_from(std::string_view text) {
  constexpr std::uint32_t kPcrs = 24;
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  Pcrs pcrs{.bank = std::string(text.substr(0, colon))};
  if (std::ranges::find(kPcrBanks, pcrs.bank) == kPcrBanks.end()) return std::nullopt;
  const char* next = text.data() + colon;
  const char* end = text.data() + text.size();
  while (next != end) {
    // A comma, or at first the colon.
    if (next != text.data() + colon && *next != ',') return std::nullopt;
    std::uint32_t number = 0;
    const auto [rest, error] = std::from_chars(next + 1, end, number);
    if (error != std::errc() || number >= kPcrs || (pcrs.mask >> number & 1U) != 0)
      return std::nullopt;
    pcrs.mask |= 1U << number;
    next = rest;
  }
  return pcrs;
}

void read(const Node& node, const Reading& reading, Pcrs& value) {
  const std::string* text = text_in(node, reading, "a string");
  if (text == nullptr || text->empty()) return;
  if (auto pcrs = pcrs_from(*text))
    value = *std::move(pcrs);
  else
    report_text(node, reading, kPcrsForm, *text);
}

void read(const Node& node, const Reading& reading, ProviderName& value) {
  const std::string* text = text_in(node, reading, "a provider's name");
  if (text != nullptr && !text->empty()) read(node, reading, value.name);
}

void read(const Node& node, const Reading& reading, log::Level& value) {
  read_word(node, reading, kLevelNames, "log level", value);
}

// As the TSS takes it: a library's short name, and what that makes of the rest.
void read(const Node& node, const Reading& reading, Tcti& value) {
  constexpr std::string_view kExpected =
      "an interface to a TPM such as \"device:/dev/tpmrm0\" or \"swtpm:path=/run/tpm\"";
  constexpr std::size_t kLongest = 255;
  const std::string* text = text_in(node, reading, kExpected);
  if (text == nullptr) return;
  const bool is_printable =
      std::ranges::all_of(*text, [](char letter) { return letter > ' ' && letter < 0x7F; });
  if (text->empty() || text->size() > kLongest || !is_printable || text->front() == ':')
    return report_text(node, reading, kExpected, *text);
  value.name = *text;
}

void read(const Node& node, const Reading& reading, TpmRoot& value) {
  read_word(node, reading, kTpmRootNames, "storage root", value);
}

// The text is never shown, as of a key source.
void read(const Node& node, const Reading& reading, SecretSource& value) {
  constexpr std::string_view kFile = "file:";
  constexpr std::string_view kCredential = "credential:";
  constexpr std::string_view kInline = "value:";
  constexpr std::string_view kExpected =
      "\"file:\" and a file's absolute path or \"credential:\" and a credential's name";
  const std::string* text = text_in(node, reading, kExpected);
  if (text == nullptr) return;
  const std::string_view whole = *text;
  const std::string path(whole.starts_with(kFile) ? whole.substr(kFile.size()) : "");
  const std::string name(whole.starts_with(kCredential) ? whole.substr(kCredential.size()) : "");
  if (is_path_of_file(path))
    value = {.kind = SecretSource::Kind::File,
             .name = std::filesystem::path(path).lexically_normal()};
  else if (is_name(name))
    value = {.kind = SecretSource::Kind::Credential, .name = name};
  else if (whole.starts_with(kInline))
    value = {.kind = SecretSource::Kind::Inline, .name = text->substr(kInline.size())};
  else
    report(node, reading, fmt::format("'{}' must be {}", reading.name, kExpected));
}

}  // namespace strongroom::config
