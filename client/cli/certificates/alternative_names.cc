#include "client/cli/certificates/alternative_names.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

struct Kind {
  std::string_view prefix;
  std::uint8_t tag;
};
constexpr std::array kKinds = {
    Kind{"DNS:", der::primitive(2)},
    Kind{"IP:", der::primitive(7)},
    Kind{"email:", der::primitive(1)},
    Kind{"URI:", der::primitive(6)},
};

const Kind* kind_of(std::string_view text) {
  const auto* found =
      std::ranges::find_if(kKinds, [&](const Kind& kind) { return text.starts_with(kind.prefix); });
  return found == kKinds.end() ? nullptr : found;
}

std::unexpected<Failure> not_a_name(std::string_view text, std::string_view cause,
                                    std::string_view advice) {
  return failed(ExitCode::Usage,
                fmt::format("reading the alternative name '{}': {}", visible(text), cause),
                std::string(advice));
}

// Visible ASCII, as IA5String holds nothing that a name needs beside it.
bool is_plain(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) { return c > ' ' && c < 0x7f; });
}

// Labels of letters, digits, - and _, the first one perhaps an asterisk (RFC 9525 §6.3).
bool is_host_name(std::string_view value) {
  if (value.starts_with("*.")) value.remove_prefix(2);
  bool was_dot = true;
  for (char c : value) {
    bool is_dot = c == '.';
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool is_known = is_dot || is_letter || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!is_known || (is_dot && was_dot)) return false;
    was_dot = is_dot;
  }
  return !was_dot;
}

Bytes address_of(const std::string& text) {
  Bytes address(sizeof(in6_addr));
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  address.resize(sizeof(in_addr));
  if (::inet_pton(AF_INET, text.c_str(), address.data()) == 1) return address;
  return {};
}

Outcome<der::Element> general_name(std::string_view text) {
  const Kind* kind = kind_of(text);
  if (kind == nullptr)
    return not_a_name(text, "it says no kind", "it begins with DNS:, IP:, email: or URI:");
  std::string value(text.substr(kind->prefix.size()));
  if (kind->prefix == "IP:") {
    Bytes address = address_of(value);
    if (address.empty())
      return not_a_name(text, "it is no address", "for example IP:192.0.2.1 or IP:2001:db8::1");
    return der::element(kind->tag, {address});
  }
  if (!is_plain(value))
    return not_a_name(text, "it is empty, or not plain ASCII",
                      "names of other letters are given as they are encoded: xn--…, %C3%A4");
  if (kind->prefix == "DNS:" && !is_host_name(value))
    return not_a_name(text, "it is no name of a host", "for example DNS:www.example.org");
  if (kind->prefix == "email:" && value.find('@') == std::string::npos)
    return not_a_name(text, "it is no address", "for example email:me@example.org");
  if (kind->prefix == "URI:" && value.find(':') == std::string::npos)
    return not_a_name(text, "it is no absolute URI", "for example URI:https://example.org/");
  return der::element(kind->tag, {view_of(value)});
}

// The length of the first name in a list.
std::size_t end_of_first(std::string_view list) {
  std::size_t comma = list.find(',');
  while (comma != std::string_view::npos) {
    std::string_view next = list.substr(comma + 1);
    next.remove_prefix(std::min(next.find_first_not_of(' '), next.size()));
    if (kind_of(next) != nullptr) return comma;
    comma = list.find(',', comma + 1);
  }
  return list.size();
}

}  // namespace

Outcome<der::Element> alternative_names_from(std::string_view list) {
  der::Element names;
  do {
    list.remove_prefix(std::min(list.find_first_not_of(' '), list.size()));
    std::size_t end = end_of_first(list);
    der::Element name = TRY(general_name(list.substr(0, end)));
    names.insert(names.end(), name.begin(), name.end());
    list.remove_prefix(std::min(end + 1, list.size()));
  } while (!list.empty());
  return der::element(der::kSequence, {names});
}

}  // namespace strongroom::cli
