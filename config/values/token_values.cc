// Values that say which token a provider has.
#include <limits>

#include "config/nearest.h"
#include "config/values/token_uri.h"
#include "config/values/value_problems.h"
#include "config/values/words.h"

namespace strongroom::config {
namespace {

template <typename Take>
void each_text(const Node& node, const Reading& reading, std::string_view expected, Take take) {
  const auto* array = std::get_if<Node::Array>(&node.value);
  if (array == nullptr) return report_kind(node, reading, expected);
  for (const Node& element : *array) {
    const std::string* text = text_in(element, reading, expected);
    if (text == nullptr) continue;
    reading.elements.push_back(element.where);
    take(element, *text);
  }
}

}  // namespace

void read(const Node& node, const Reading& reading, TokenUri& value) {
  const std::string* text = text_in(node, reading, "a PKCS#11 URI");
  if (text == nullptr) return;
  auto uri = token_uri_from(*text);
  if (uri)
    value = *std::move(uri);
  else
    report(node, reading, fmt::format("'{}' {}", reading.name, uri.error()));
}

// As CK_TOKEN_INFO has room for it, in PKCS#11 v2.40 §3.2.
void read(const Node& node, const Reading& reading, TokenName& value) {
  const std::string* text = text_in(node, reading, "a string");
  if (text == nullptr) return;
  const bool is_text = std::ranges::none_of(*text, [](char letter) {
    return static_cast<unsigned char>(letter) < ' ' || letter == 0x7F;
  });
  if (text->size() < reading.bounds.least || text->size() > reading.bounds.most || !is_text)
    return report_text(node, reading,
                       fmt::format("{} to {} bytes without control characters",
                                   reading.bounds.least, reading.bounds.most),
                       *text);
  value.name = *text;
}

void read(const Node& node, const Reading& reading, TokenSlot& value) {
  std::uint32_t number = 0;
  const std::size_t problems = reading.problems.size();
  read(node, reading, number);
  if (reading.problems.size() == problems) value.number = number;
}

void read(const Node& node, const Reading& reading, std::vector<TokenQuirk>& value) {
  value.clear();
  each_text(node, reading, "a list of strings", [&](const Node& element, const std::string& name) {
    if (std::ranges::find(kTokenQuirks, name) == kTokenQuirks.end())
      report(
          element, reading,
          fmt::format("unknown quirk '{}'{}", escaped(name, 64), suggestion(name, kTokenQuirks)));
    else
      value.push_back({name});
  });
}

void read(const Node& node, const Reading& reading, TokenIsolation& value) {
  read_word(node, reading, kTokenIsolationNames, "isolation", value);
}

void read(const Node& node, const Reading& reading, TokenSandbox& value) {
  read_word(node, reading, kTokenSandboxNames, "sandbox", value);
}

void read(const Node& node, const Reading& reading, std::vector<TokenPath>& value) {
  constexpr std::string_view kExpected = "a list of absolute paths";
  value.clear();
  each_text(node, reading, kExpected, [&](const Node& element, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(text).lexically_normal();
    if (path == "/")
      report(element, reading,
             fmt::format("'{}' must not name '/', below which is all that the module is kept from",
                         reading.name));
    else if (path.is_absolute() && text.find('\0') == text.npos)
      value.push_back({path});
    else
      report_text(element, reading, kExpected, text);
  });
}

// The value is not shown: somebody may have put a PIN there.
void read(const Node& node, const Reading& reading, std::vector<TokenVariable>& value) {
  constexpr std::string_view kExpected = "a list of \"NAME=value\"";
  constexpr std::string_view kOfTheLoader = "LD_";
  value.clear();
  each_text(node, reading, kExpected, [&](const Node& element, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos || equals == 0 || text.find('\0') != text.npos)
      report(element, reading, fmt::format("'{}' must be {}", reading.name, kExpected));
    else if (text.starts_with(kOfTheLoader))
      report(element, reading,
             fmt::format("'{}' must not set '{}': the dynamic loader's variables decide which code "
                         "runs",
                         reading.name, escaped(text.substr(0, equals), 64)));
    else
      value.push_back({.name = text.substr(0, equals), .value = text.substr(equals + 1)});
  });
}

}  // namespace strongroom::config
