#include "client/cli/keys/pem.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/cli/format/text_encoding.h"

namespace strongroom::cli {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLineLength = 64;  // RFC 7468 §2

// The next line without its end; `text` goes on behind it.
std::string_view take_line(std::string_view& text) {
  std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  return line;
}

// Headers stand in front of an empty line (RFC 1421 §4.4).
std::string take_headers(std::string_view& body) {
  std::string headers;
  std::string_view rest = body;
  bool has_headers = rest.substr(0, rest.find('\n')).find(':') != std::string_view::npos;
  if (!has_headers) return headers;
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (line.empty()) break;
    headers += fmt::format("{}\n", line);
  }
  body = rest;
  return headers;
}

// `text` is behind the BEGIN line of a block with that label, and behind its END line afterwards.
Outcome<PemBlock> take_block(std::string_view label, std::string_view& text) {
  std::string end_line = fmt::format("-----END {}-----", label);
  std::size_t end = text.find(end_line);
  std::string_view body = text.substr(0, end);
  if (end == std::string_view::npos || body.find(kBegin) != std::string_view::npos)
    return failed(ExitCode::InvalidData, fmt::format("its PEM block '{}' has no end", label));
  text.remove_prefix(end + end_line.size());
  std::string headers = take_headers(body);
  std::optional<SecretBytes> data = from_base64(body);
  if (!data || data->empty())
    return failed(ExitCode::InvalidData, fmt::format("its PEM block '{}' is not base64", label));
  return PemBlock{
      .label = std::string(label), .headers = std::move(headers), .data = *std::move(data)};
}

}  // namespace

bool looks_like_pem(std::string_view text) noexcept {
  return text.starts_with(kBegin) || text.find("\n-----BEGIN ") != std::string_view::npos;
}

Outcome<std::vector<PemBlock>> pem_blocks(std::string_view text) {
  std::vector<PemBlock> blocks;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    bool is_begin = line.starts_with(kBegin) && line.size() > kBegin.size() + kDashes.size() &&
                    line.ends_with(kDashes);
    if (!is_begin) continue;
    line.remove_prefix(kBegin.size());
    line.remove_suffix(kDashes.size());
    std::string label = escaped(line);
    PemBlock block = TRY(take_block(label, text));
    blocks.push_back(std::move(block));
  }
  return blocks;
}

SecretBytes to_pem(std::string_view label, ByteView data) {
  SecretBytes body = base64_text(data);
  std::string_view rest = text_of(body);
  SecretBytes pem;
  auto append = [&](std::string_view part) {
    ByteView bytes = view_of(part);
    pem.insert(pem.end(), bytes.begin(), bytes.end());
  };
  append(fmt::format("-----BEGIN {}-----\n", label));
  while (!rest.empty()) {
    append(rest.substr(0, kLineLength));
    append("\n");
    rest.remove_prefix(std::min(kLineLength, rest.size()));
  }
  append(fmt::format("-----END {}-----\n", label));
  return pem;
}

}  // namespace strongroom::cli
