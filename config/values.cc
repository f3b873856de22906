#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "config/nearest.h"

namespace strongroom::config {
namespace {

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

constexpr std::array kSizeUnits = {
    Unit{"B", 1},
    Unit{"KiB", kKibibyte},
    Unit{"MiB", kMebibyte},
    Unit{"GiB", 1024 * kMebibyte},
};

constexpr std::array kDurationUnits = {
    Unit{"ms", 1},
    Unit{"s", kSecondMs},
    Unit{"min", 60 * kSecondMs},
    Unit{"h", kHourMs},
};

constexpr std::array kAuthenticatorNames = {
    std::pair<std::string_view, Authenticator>{"unix-peer-credentials",
                                               Authenticator::UnixPeerCredentials},
    std::pair<std::string_view, Authenticator>{"direct", Authenticator::Direct},
};

constexpr std::array kProviderTypeNames = {
    std::pair<std::string_view, ProviderType>{"software", ProviderType::Software},
};

constexpr std::array kLevelNames = {
    std::pair<std::string_view, log::Level>{"trace", log::Level::Trace},
    std::pair<std::string_view, log::Level>{"debug", log::Level::Debug},
    std::pair<std::string_view, log::Level>{"info", log::Level::Info},
    std::pair<std::string_view, log::Level>{"warning", log::Level::Warning},
    std::pair<std::string_view, log::Level>{"error", log::Level::Error},
    std::pair<std::string_view, log::Level>{"off", log::Level::Off},
};

template <typename Names>
auto value_named(const Names& names, std::string_view word)
    -> std::optional<typename Names::value_type::second_type> {
  const auto* found = std::ranges::find(names, word, &Names::value_type::first);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

template <typename Names, typename Value>
std::string_view name_in(const Names& names, Value value) {
  return std::ranges::find(names, value, &Names::value_type::second)->first;
}

void report(const Node& node, const Reading& reading, std::string text) {
  reading.problems.push_back({.file = reading.file, .where = node.where, .text = std::move(text)});
}

// `expected` completes "'strict' must be …".
void report_kind(const Node& node, const Reading& reading, std::string_view expected) {
  report(node, reading,
         fmt::format("'{}' must be {}, not {}", reading.name, expected, kind_of(node)));
}

void report_text(const Node& node, const Reading& reading, std::string_view expected,
                 std::string_view text) {
  report(node, reading,
         fmt::format("'{}' must be {}, not '{}'", reading.name, expected, escaped(text, 64)));
}

const std::string* text_in(const Node& node, const Reading& reading, std::string_view expected) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (text == nullptr) report_kind(node, reading, expected);
  return text;
}

bool is_within(const Bounds& bounds, std::uint64_t number) {
  return bounds.least <= number && number <= bounds.most;
}

// "64KiB", "1h": in the largest unit that needs no fraction.
template <std::size_t N>
std::string with_unit(std::uint64_t number, const std::array<Unit, N>& units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units)
    if (number != 0 && number % unit.factor == 0) best = &unit;
  return fmt::format("{}{}", number / best->factor, best->suffix);
}

// nullopt for anything but digits and a unit, and for what 64 bits cannot hold.
template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text,
                                             const std::array<Unit, N>& units) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view suffix(rest, text.data() + text.size());
  const auto* unit = std::ranges::find(units, suffix, &Unit::suffix);
  std::uint64_t product = 0;
  if (unit == units.end() || __builtin_mul_overflow(number, unit->factor, &product))
    return std::nullopt;
  return product;
}

template <typename Names>
void read_word(const Node& node, const Reading& reading, const Names& names, std::string_view what,
               auto& value) {
  std::vector<std::string_view> words;
  words.reserve(names.size());
  for (const auto& [name, unused] : names)
    words.push_back(name);
  const std::string expected = fmt::format("one of {}", fmt::join(words, ", "));
  const std::string* word = text_in(node, reading, expected);
  if (word == nullptr) return;
  if (const auto named = value_named(names, *word))
    value = *named;
  else
    report(node, reading,
           fmt::format("unknown {} '{}'{}", what, escaped(*word, 64), suggestion(*word, words)));
}

// The name of an account, which may be given by its number.
std::optional<std::string> account_in(const Node& node, const Reading& reading,
                                      std::string_view expected) {
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return std::to_string(*number);
  if (const auto* name = std::get_if<std::string>(&node.value)) return *name;
  report_kind(node, reading, expected);
  return std::nullopt;
}

void read(const Node& node, const Reading& reading, User& value) {
  const auto name = account_in(node, reading, "a list of users' names or numbers");
  if (!name) return;
  value = {.name = *name, .id = reading.accounts.uid_of(*name)};
  if (!value.id) report(node, reading, fmt::format("no user is called '{}'", escaped(*name, 64)));
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
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (text->empty() || text->find_first_not_of(kAllowed) != text->npos)
    return report_text(node, reading, kExpected, *text);
  value = *text;
}

void read(const Node& node, const Reading& reading, std::filesystem::path& value) {
  constexpr std::string_view kExpected = "an absolute path";
  const std::string* text = text_in(node, reading, kExpected);
  if (text == nullptr) return;
  if (!text->starts_with('/') || text->ends_with('/') || text->find('\0') != text->npos)
    return report_text(node, reading, kExpected, *text);
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

void read(const Node& node, const Reading& reading, Group& value) {
  const auto name = account_in(node, reading, "a group's name or number");
  if (!name) return;
  value = {.name = *name, .id = reading.accounts.gid_of(*name)};
  if (!value.id) report(node, reading, fmt::format("no group is called '{}'", escaped(*name, 64)));
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

// The text is never shown: somebody may have put the secret itself here.
void read(const Node& node, const Reading& reading, KeySource& value) {
  constexpr std::string_view kExpected = "\"file:\" and an absolute path";
  constexpr std::string_view kFile = "file:";
  const std::string* text = text_in(node, reading, kExpected);
  if (text == nullptr) return;
  const std::string path = text->starts_with(kFile) ? text->substr(kFile.size()) : std::string();
  if (!path.starts_with('/') || path.ends_with('/') || path.find('\0') != path.npos)
    return report(node, reading, fmt::format("'{}' must be {}", reading.name, kExpected));
  value = {.kind = KeySource::Kind::File, .path = std::filesystem::path(path).lexically_normal()};
}

void read(const Node& node, const Reading& reading, log::Level& value) {
  read_word(node, reading, kLevelNames, "log level", value);
}

std::string to_toml(bool value) {
  return value ? "true" : "false";
}
std::string to_toml(std::uint32_t value) {
  return std::to_string(value);
}
std::string to_toml(ByteSize value) {
  return std::to_string(value.bytes);
}
std::string to_toml(std::chrono::milliseconds value) {
  return fmt::format("\"{}\"",
                     with_unit(static_cast<std::uint64_t>(value.count()), kDurationUnits));
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
std::string to_toml(const Group& value) {
  return account_to_toml(value.name);
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
std::string to_toml(const KeySource& value) {
  return fmt::format("\"file:{}\"", value.path.string());
}
std::string to_toml(log::Level value) {
  return fmt::format("\"{}\"", name_in(kLevelNames, value));
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
