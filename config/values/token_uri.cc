#include "config/values/token_uri.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>

#include "base/bytes.h"
#include "config/nearest.h"

namespace strongroom::config {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
// RFC 7512 §2.3.
constexpr std::array<std::string_view, 10> kOfTokens = {"token",
                                                        "manufacturer",
                                                        "serial",
                                                        "model",
                                                        "library-version",
                                                        "library-manufacturer",
                                                        "slot-id",
                                                        "library-description",
                                                        "slot-description",
                                                        "slot-manufacturer"};
constexpr std::array<std::string_view, 3> kOfObjects = {"object", "type", "id"};
constexpr std::array<std::string_view, 4> kOfQueries = {"module-path", "module-name", "pin-source",
                                                        "pin-value"};

std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    unsigned value = 0;
    const char* end = text.data() + i + 3;
    const auto [rest, error] = std::from_chars(text.data() + i + 1, end, value, 16);
    if (error != std::errc() || rest != end || value == 0) return std::nullopt;
    plain += static_cast<char>(value);
    i += 2;
  }
  return plain;
}

std::optional<SecretSource> pin_source(std::string_view source) {
  constexpr std::string_view kFile = "file:";
  if (source.starts_with(kFile)) source.remove_prefix(kFile.size());
  if (source.starts_with("//")) source.remove_prefix(2);
  const std::filesystem::path path = std::filesystem::path(source).lexically_normal();
  if (!path.is_absolute() || path.native().ends_with('/')) return std::nullopt;
  return SecretSource{.kind = SecretSource::Kind::File, .name = path};
}

class Reader {
 public:
  std::expected<TokenUri, std::string> read(std::string_view text) {
    if (!text.starts_with(kScheme)) return std::unexpected("must begin with \"pkcs11:\"");
    text.remove_prefix(kScheme.size());
    const std::size_t question = text.find('?');
    uri_.text = kScheme;
    uri_.text += text.substr(0, question);
    read_all(text.substr(0, question), ';', kOfTokens);
    if (question != text.npos) read_all(text.substr(question + 1), '&', kOfQueries);
    if (wrong_.empty() && !names_module_)
      wrong_ = "names no module; add module-path or module-name";
    if (!wrong_.empty()) return std::unexpected(wrong_);
    return std::move(uri_);
  }

 private:
  void read_all(std::string_view part, char separator, std::span<const std::string_view> known) {
    while (!part.empty() && wrong_.empty()) {
      const std::size_t end = std::min(part.find(separator), part.size());
      read_attribute(part.substr(0, end), known);
      part.remove_prefix(std::min(end + 1, part.size()));
    }
  }

  void read_attribute(std::string_view attribute, std::span<const std::string_view> known) {
    const std::size_t equals = attribute.find('=');
    const std::string_view name = attribute.substr(0, equals);
    if (std::ranges::find(kOfObjects, name) != kOfObjects.end())
      return refuse(fmt::format("names an object by '{}', not a token", name));
    if (std::ranges::find(known, name) == known.end())
      return refuse(fmt::format("has an attribute '{}' that is not known there{}",
                                escaped(name, 64), suggestion(name, known)));
    const auto value =
        equals == attribute.npos ? std::nullopt : decoded(attribute.substr(equals + 1));
    if (!value) return refuse(fmt::format("has no readable value of '{}'", name));
    if (!seen_.insert(name).second) return refuse(fmt::format("names '{}' twice", name));
    take(name, *value, attribute);
  }

  void take(std::string_view name, const std::string& value, std::string_view attribute) {
    constexpr std::string_view kOfLibraries = "library-";
    const bool is_of_token = std::ranges::find(kOfTokens, name) != kOfTokens.end();
    if (is_of_token && !name.starts_with(kOfLibraries)) uri_.names_token = true;
    if (name == "pin-source") return take_source(value);
    if (name == "pin-value") return take_pin({.kind = SecretSource::Kind::Inline, .name = value});
    if (!name.starts_with("module-")) return;
    if (name == "module-path" && !value.starts_with('/'))
      return refuse("must have an absolute path in 'module-path'");
    if (name == "module-path") uri_.module_path = value;
    if (name == "module-name") uri_.module_name = value;
    names_module_ = true;
    uri_.text += has_query_ ? '&' : '?';
    uri_.text += attribute;
    has_query_ = true;
  }

  void take_source(const std::string& value) {
    if (value.starts_with('|'))
      return refuse("has a program in 'pin-source', which is not run; name a file");
    if (auto source = pin_source(value)) return take_pin(*std::move(source));
    refuse("must have a file's absolute path in 'pin-source'");
  }

  void take_pin(SecretSource pin) {
    if (uri_.pin != SecretSource{}) return refuse("has both 'pin-source' and 'pin-value'");
    uri_.pin = std::move(pin);
  }

  void refuse(std::string why) {
    if (wrong_.empty()) wrong_ = std::move(why);
  }

  TokenUri uri_;
  std::set<std::string_view> seen_;
  bool names_module_ = false;
  bool has_query_ = false;
  std::string wrong_;
};

}  // namespace

std::expected<TokenUri, std::string> token_uri_from(std::string_view text) {
  return Reader().read(text);
}

}  // namespace strongroom::config
