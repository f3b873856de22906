#include "client/cli/certificates/extensions.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include "base/bytes.h"
#include "client/cli/format/digest.h"
#include "client/cli/format/openssl_handles.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

using namespace std::string_view_literals;

// OIDs of RFC 5280 §4.2, as contents.
constexpr std::string_view kSubjectKeyIdentifier = "\x55\x1d\x0e"sv;
constexpr std::string_view kKeyUsage = "\x55\x1d\x0f"sv;
constexpr std::string_view kAlternativeNames = "\x55\x1d\x11"sv;
constexpr std::string_view kBasicConstraints = "\x55\x1d\x13"sv;
constexpr std::string_view kAuthorityKeyIdentifier = "\x55\x1d\x23"sv;
constexpr std::string_view kExtendedKeyUsage = "\x55\x1d\x25"sv;

// Their places are the bits of KeyUsage.
constexpr std::array<std::string_view, 9> kUsages = {
    "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly"};

constexpr std::array<std::string_view, 7> kPurposes = {
    "serverAuth",   "clientAuth",  "codeSigning",        "emailProtection",
    "timeStamping", "OCSPSigning", "anyExtendedKeyUsage"};

der::Element extension(std::string_view identifier, Weight weight, ByteView value) {
  constexpr std::array kTrue = {std::byte{0xff}};
  der::Element critical;
  if (weight == Weight::Critical) critical = der::element(der::kBoolean, {kTrue});
  return der::element(der::kSequence, {der::object_identifier(identifier), critical,
                                       der::element(der::kOctetString, {value})});
}

template <typename Names>
std::unexpected<Failure> unknown(std::string_view what, std::string_view name, const Names& names) {
  return failed(ExitCode::Usage,
                fmt::format("reading the command line: '{}' is no {}", visible(name), what),
                fmt::format("it is one of {}", fmt::join(names, ", ")));
}

// Calls `take` for each word of a list until one fails.
template <typename Take>
Outcome<> for_each_word(std::string_view list, Take take) {
  while (true) {
    std::size_t comma = list.find(',');
    TRY(take(list.substr(0, comma)));
    if (comma == std::string_view::npos) return {};
    list.remove_prefix(comma + 1);
  }
}

// A named bit list ends with its last one bit (X.690 §11.2.2).
der::Element named_bits(std::uint16_t bits) {
  unsigned last = 0;
  for (unsigned i = 0; i < 16; ++i)
    if ((bits & (0x8000U >> i)) != 0) last = i;
  const std::array octets = {static_cast<std::byte>(7 - last % 8),
                             static_cast<std::byte>(bits >> 8),
                             static_cast<std::byte>(bits & 0xff)};
  return der::element(der::kBitString, {ByteView(octets).first(last < 8 ? 2 : 3)});
}

bool is_dotted(std::string_view word) {
  return word.find('.') != std::string_view::npos &&
         word.find_first_not_of("0123456789.") == std::string_view::npos;
}

Outcome<der::Element> purpose_from(std::string_view word) {
  bool is_known = std::ranges::find(kPurposes, word) != kPurposes.end();
  if (!is_known && !is_dotted(word)) return unknown("purpose of a certificate", word, kPurposes);
  Owned<ASN1_OBJECT> object(OBJ_txt2obj(std::string(word).c_str(), is_known ? 0 : 1));
  ERR_clear_error();
  if (!object || OBJ_length(object.get()) == 0)
    return unknown("purpose of a certificate", word, kPurposes);
  std::string_view content(reinterpret_cast<const char*>(OBJ_get0_data(object.get())),
                           OBJ_length(object.get()));
  return der::object_identifier(content);
}

}  // namespace

der::Element basic_constraints(bool is_authority) {
  constexpr std::array kTrue = {std::byte{0xff}};
  der::Element authority;
  if (is_authority) authority = der::element(der::kBoolean, {kTrue});
  return extension(kBasicConstraints, Weight::Critical, der::element(der::kSequence, {authority}));
}

Outcome<der::Element> key_usage_from(std::string_view list) {
  std::uint16_t bits = 0;
  auto take = [&](std::string_view word) -> Outcome<> {
    const auto* found = std::ranges::find(kUsages, word);
    if (found == kUsages.end()) return unknown("usage of a key", word, kUsages);
    bits = static_cast<std::uint16_t>(bits | (0x8000U >> (found - kUsages.begin())));
    return {};
  };
  TRY(for_each_word(list, take));
  return extension(kKeyUsage, Weight::Critical, named_bits(bits));
}

Outcome<der::Element> extended_key_usage_from(std::string_view list) {
  der::Element purposes;
  auto take = [&](std::string_view word) -> Outcome<> {
    der::Element purpose = TRY(purpose_from(word));
    purposes.insert(purposes.end(), purpose.begin(), purpose.end());
    return {};
  };
  TRY(for_each_word(list, take));
  return extension(kExtendedKeyUsage, Weight::Ordinary, der::element(der::kSequence, {purposes}));
}

der::Element alternative_names_extension(ByteView names, Weight weight) {
  return extension(kAlternativeNames, weight, names);
}

Outcome<der::Element> key_identifiers(ByteView public_key_info) {
  std::optional<ByteView> content = der::content_of(public_key_info, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  std::ignore = fields.take(der::kSequence);
  std::optional<ByteView> bits = fields.take_bits();
  if (!bits) return failed(ExitCode::InvalidData, "reading the public key: it is none");
  Bytes digest = TRY(digest_of(psa::Hash::Sha1, *bits));
  der::Element both =
      extension(kSubjectKeyIdentifier, Weight::Ordinary, der::element(der::kOctetString, {digest}));
  der::Element authority =
      extension(kAuthorityKeyIdentifier, Weight::Ordinary,
                der::element(der::kSequence, {der::element(der::primitive(0), {digest})}));
  both.insert(both.end(), authority.begin(), authority.end());
  return both;
}

der::Element extension_list(const Extensions& extensions, ByteView more) {
  return der::element(der::kSequence,
                      {extensions.basic_constraints, extensions.key_usage,
                       extensions.extended_key_usage, extensions.alternative_names, more});
}

}  // namespace strongroom::cli
