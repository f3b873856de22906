#include "client/cli/keys/openssh.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/bytes.h"
#include "client/cli/format/names.h"
#include "client/cli/format/text_encoding.h"
#include "client/cli/keys/curves.h"
#include "client/cli/keys/der.h"
#include "client/cli/keys/public_key.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::string_view kRsa = "ssh-rsa";
constexpr std::string_view kEcdsa = "ecdsa-sha2-";
constexpr std::string_view kEd25519 = "ssh-ed25519";
constexpr std::string_view kSpace = " \t\r";

struct SshLine {
  std::string_view type;
  std::string_view blob;  // base64
};

bool is_key_type(std::string_view word) {
  return word.starts_with("ssh-") || word.starts_with(kEcdsa) || word.starts_with("sk-ssh-") ||
         word.starts_with("sk-ecdsa-");
}

// Up to the next space that is not in quotes (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
  bool is_quoted = false;
  std::size_t end = 0;
  for (; end < line.size(); ++end) {
    if (line[end] == '\\' && end + 1 < line.size() && line[end + 1] == '"')
      ++end;
    else if (line[end] == '"')
      is_quoted = !is_quoted;
    else if (!is_quoted && kSpace.find(line[end]) != std::string_view::npos)
      break;
  }
  end = std::min(end, line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// nullopt for a line that holds no key.
std::optional<SshLine> key_in(std::string_view line) {
  std::string_view first = take_word(line);
  if (first.empty() || first.starts_with('#')) return std::nullopt;
  std::string_view type = is_key_type(first) ? first : take_word(line);
  if (!is_key_type(type)) return std::nullopt;
  return SshLine{.type = type, .blob = take_word(line)};
}

template <typename Take>
void for_each_key(std::string_view text, Take take) {
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    if (std::optional<SshLine> key = key_in(text.substr(0, end))) take(*key);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// A uint32 (RFC 4251 §5).
std::optional<std::uint32_t> take_number(ByteView& blob) {
  constexpr std::size_t kSize = 4;
  if (blob.size() < kSize) return std::nullopt;
  std::uint32_t number = 0;
  for (std::byte octet : blob.first(kSize))
    number = number << 8 | std::to_integer<std::uint32_t>(octet);
  blob = blob.subspan(kSize);
  return number;
}

// A length-prefixed string.
std::optional<ByteView> take_string(ByteView& blob) {
  std::optional<std::uint32_t> size = take_number(blob);
  if (!size || blob.size() < *size) return std::nullopt;
  ByteView content = blob.first(*size);
  blob = blob.subspan(*size);
  return content;
}

void append_string(Bytes& blob, ByteView content) {
  for (unsigned shift : {24U, 16U, 8U, 0U})
    blob.push_back(static_cast<std::byte>(content.size() >> shift & 0xff));
  blob.insert(blob.end(), content.begin(), content.end());
}

std::unexpected<Failure> not_an_ssh_key() {
  return not_a_key("its OpenSSH public key is incomplete or altered");
}

std::unexpected<Failure> not_an_ssh_private_key() {
  return not_a_key("its OpenSSH private key is incomplete or altered");
}

Outcome<KeyMaterial> from_rsa_blob(ByteView blob) {
  std::optional<ByteView> exponent = take_string(blob);
  std::optional<ByteView> modulus = take_string(blob);
  if (!exponent || !modulus || !blob.empty()) return not_an_ssh_key();
  return from_rsa_public_key(der::element(
      der::kSequence, {der::unsigned_integer(*modulus), der::unsigned_integer(*exponent)}));
}

Outcome<KeyMaterial> from_ecdsa_blob(std::string_view curve_name, ByteView blob) {
  std::optional<ByteView> inner_name = take_string(blob);
  std::optional<ByteView> point = take_string(blob);
  const Curve* curve = curve_of_ssh(curve_name);
  if (curve == nullptr || !curve->is_weierstrass() || !inner_name ||
      text_of(*inner_name) != curve_name || !point || !blob.empty())
    return not_an_ssh_key();
  return from_point(*curve, *point);
}

// RFC 8709 §4.
Outcome<KeyMaterial> from_ed25519_blob(ByteView blob) {
  std::optional<ByteView> key = take_string(blob);
  if (!key || !blob.empty()) return not_an_ssh_key();
  return from_point(*curve_of_ssh(kEd25519), *key);
}

Outcome<KeyMaterial> from_line(const SshLine& line) {
  bool is_certificate = line.type.find("-cert-v01@") != std::string_view::npos;
  bool is_known = line.type == kRsa || line.type == kEd25519 || line.type.starts_with(kEcdsa);
  if (is_certificate || !is_known)
    return failed(
        ExitCode::NotSupported,
        fmt::format("it holds a key of type {}, which the service cannot hold", visible(line.type)),
        "it takes ssh-ed25519, ssh-rsa and ecdsa-sha2-nistp256, -nistp384 and -nistp521");
  std::optional<SecretBytes> decoded = from_base64(line.blob);
  ByteView blob = decoded ? ByteView(*decoded) : ByteView();
  std::optional<ByteView> type = take_string(blob);
  if (!type || text_of(*type) != line.type) return not_an_ssh_key();
  if (line.type == kRsa) return from_rsa_blob(blob);
  if (line.type == kEd25519) return from_ed25519_blob(blob);
  return from_ecdsa_blob(line.type.substr(kEcdsa.size()), blob);
}

// The part of a private key file that a passphrase would encrypt: two equal numbers, type, public
// key, private key with the public one behind it, comment, padding.
Outcome<KeyMaterial> from_private_part(ByteView part) {
  std::optional<std::uint32_t> one = take_number(part);
  std::optional<std::uint32_t> other = take_number(part);
  std::optional<ByteView> type = take_string(part);
  std::optional<ByteView> public_key = take_string(part);
  std::optional<ByteView> key = take_string(part);
  const Curve& curve = *curve_of_ssh(kEd25519);
  const std::size_t size = curve.private_size();
  bool is_whole = one && one == other && type && text_of(*type) == kEd25519 && public_key &&
                  public_key->size() == size && key && key->size() == 2 * size &&
                  std::ranges::equal(key->subspan(size), *public_key);
  if (!is_whole) return not_an_ssh_private_key();
  return KeyMaterial{.type = {psa::KeyType::Kind::EccKeyPair, curve.family},
                     .bits = curve.bits,
                     .data = SecretBytes(key->begin(), key->begin() + std::ptrdiff_t(size))};
}

Outcome<Bytes> rsa_blob(ByteView exported) {
  std::optional<ByteView> content = der::content_of(exported, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  // An mpint (RFC 4251 §5) is a DER integer's content.
  std::optional<ByteView> modulus = fields.take(der::kInteger);
  std::optional<ByteView> exponent = fields.take(der::kInteger);
  if (!modulus || !exponent) return not_a_key("encoding a public key: the bytes are not one");
  Bytes blob;
  append_string(blob, view_of(kRsa));
  append_string(blob, *exponent);
  append_string(blob, *modulus);
  return blob;
}

}  // namespace

bool looks_like_ssh_public_key(std::string_view text) {
  bool found = false;
  for_each_key(text, [&](const SshLine&) { found = true; });
  return found;
}

Outcome<KeyMaterial> from_ssh_public_key(std::string_view text) {
  std::optional<SshLine> found;
  std::size_t count = 0;
  for_each_key(text, [&](const SshLine& line) {
    found = line;
    ++count;
  });
  if (!found) return not_a_key("it holds no OpenSSH public key");
  if (count > 1)
    return not_a_key(
        fmt::format("it holds {} OpenSSH public keys, and which one is meant is open", count),
        "put the one line into a file of its own");
  return from_line(*found);
}

Outcome<KeyMaterial> from_ssh_private_key(ByteView content) {
  using namespace std::string_view_literals;
  constexpr std::string_view kMagic = "openssh-key-v1\0"sv;
  if (!text_of(content).starts_with(kMagic)) return not_an_ssh_private_key();
  content = content.subspan(kMagic.size());
  std::optional<ByteView> cipher = take_string(content);
  std::ignore = take_string(content);  // of the passphrase: function, and its options
  std::ignore = take_string(content);
  std::optional<std::uint32_t> count = take_number(content);
  std::optional<ByteView> public_key = take_string(content);
  std::optional<ByteView> part = take_string(content);
  if (!cipher || count != 1U || !public_key || !part) return not_an_ssh_private_key();
  std::optional<ByteView> type = take_string(*public_key);
  bool is_ed25519 = type && text_of(*type) == kEd25519;
  if (is_ed25519 && text_of(*cipher) == "none") return from_private_part(*part);
  return failed(
      ExitCode::NotSupported,
      "it holds an OPENSSH PRIVATE KEY, a form that openssl does not read either",
      is_ed25519 ? "on a copy of the file, \"ssh-keygen -p -N '' -f COPY\" takes the passphrase off"
                 : "on a copy of the file, 'ssh-keygen -p -m PKCS8 -f COPY' rewrites it as PKCS#8");
}

Outcome<std::string> ssh_public_key(const psa::KeyType& type, std::uint32_t bits, ByteView exported,
                                    std::string_view comment) {
  const Curve* curve = type.is_ecc() ? curve_of(type, bits) : nullptr;
  bool has_form = type.is_rsa() || (curve != nullptr && !curve->ssh_name.empty());
  if (!has_form)
    return failed(ExitCode::NotSupported,
                  fmt::format("encoding a public key of type {}: OpenSSH has no form for it",
                              type_name(type, bits)));
  if (curve == nullptr) {
    Bytes blob = TRY(rsa_blob(exported));
    return fmt::format("{} {} {}\n", kRsa, to_base64(blob), visible(comment));
  }
  std::string name =
      curve->is_edwards() ? std::string(kEd25519) : fmt::format("{}{}", kEcdsa, curve->ssh_name);
  Bytes blob;
  append_string(blob, view_of(name));
  if (!curve->is_edwards()) append_string(blob, view_of(curve->ssh_name));
  append_string(blob, exported);
  return fmt::format("{} {} {}\n", name, to_base64(blob), visible(comment));
}

}  // namespace strongroom::cli
