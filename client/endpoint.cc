#include "client/endpoint.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sys/un.h>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"

namespace strongroom::client {
namespace {

constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

std::unexpected<ClientError> refused(std::string_view endpoint, std::string_view cause) {
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument,
                  fmt::format("reading endpoint '{}': {}", escaped(endpoint), cause)));
}

bool is_scheme_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

// RFC 3986 §3.1, in lower case; nullopt for what is a path: it has a '/' before any ':', or no ':'.
std::optional<std::string> scheme_of(std::string_view endpoint) {
  std::size_t colon = endpoint.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string scheme(endpoint.substr(0, colon));
  if (!std::ranges::all_of(scheme, is_scheme_character)) return std::nullopt;
  std::ranges::transform(scheme, scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return scheme;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 3986 §2.1; nullopt for a '%' without two digits behind it.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = hex_digit(text[i + 1]);
    int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(16 * high + low);
    i += 2;
  }
  return decoded;
}

ClientResult<std::string> path_of_uri(std::string_view uri) {
  std::string_view rest = uri.substr(uri.find(':') + 1);
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view host = rest.substr(0, slash);
    if (!host.empty() && host != "localhost") return refused(uri, "it names another host");
    rest.remove_prefix(slash);
  }
  if (rest.find_first_of("?#") != std::string_view::npos)
    return refused(uri, "a query or fragment has no meaning here");
  std::optional<std::string> path = percent_decoded(rest);
  if (!path) return refused(uri, "'%' without two hexadecimal digits");
  if (!path->starts_with('/')) return refused(uri, "the path is not absolute");
  return *std::move(path);
}

}  // namespace

ClientResult<std::string> socket_path_of(std::string_view endpoint) {
  std::optional<std::string> scheme = scheme_of(endpoint);
  if (scheme && *scheme != "unix")
    return refused(endpoint, fmt::format("scheme '{}' is not 'unix'", *scheme));
  auto path = TRY(scheme ? path_of_uri(endpoint) : std::string(endpoint));
  if (path.empty()) return refused(endpoint, "it is empty");
  if (path.find('\0') != std::string::npos) return refused(endpoint, "a path holds no NUL");
  if (path.size() > kLongestPath)
    return refused(endpoint, fmt::format("the path has {} bytes, a socket's at most {}",
                                         path.size(), kLongestPath));
  return path;
}

ClientResult<std::string> resolve_endpoint(std::string_view option) {
  if (!option.empty()) return socket_path_of(option);
  for (const char* variable : {"STRONGROOM_SERVICE_ENDPOINT", "PARSEC_SERVICE_ENDPOINT"}) {
    const char* value = ::secure_getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    ClientResult<std::string> path = socket_path_of(value);
    if (!path) path.error().add_context(fmt::format("environment variable {}", variable));
    return path;
  }
  return std::string(kDefaultSocket);
}

}  // namespace strongroom::client
