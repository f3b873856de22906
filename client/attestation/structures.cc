#include "client/attestation/structures.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "client/attestation/reader.h"

namespace strongroom::attestation {
namespace {

constexpr std::uint32_t kMagic = 0xff544347;  // TPM_GENERATED_VALUE
// More than any TPM has, of what is counted in four bytes.
constexpr std::uint32_t kMostBanks = 16;

Verified<Algorithm> algorithm_in(Reader& reader) {
  auto number = TRY(reader.number<std::uint16_t>());
  return static_cast<Algorithm>(number);
}

// TPMT_SYM_DEF_OBJECT, §11.1.7, with the key's size and the mode where there is a cipher.
Verified<> skip_symmetric(Reader& reader) {
  auto algorithm = TRY(algorithm_in(reader));
  if (algorithm == Algorithm::Null) return {};
  if (algorithm != Algorithm::Aes)
    return reader.malformed(fmt::format("the cipher 0x{:04x}", std::to_underlying(algorithm)));
  TRY(reader.take(4));
  return {};
}

// TPMT_RSA_SCHEME, TPMT_ECC_SCHEME and TPMT_KDF_SCHEME. Others than these, some of which have more
// fields, are not read.
Verified<> skip_scheme(Reader& reader) {
  using enum Algorithm;
  constexpr std::array kWithHash = {RsaSsa, RsaPss, Oaep, EcDsa, EcDh};
  auto algorithm = TRY(algorithm_in(reader));
  if (algorithm == Null || algorithm == RsaEs) return {};
  if (std::ranges::find(kWithHash, algorithm) == kWithHash.end())
    return reader.malformed(fmt::format("the scheme 0x{:04x}", std::to_underlying(algorithm)));
  TRY(reader.take(2));
  return {};
}

Verified<RsaKey> rsa_key_in(Reader& reader) {
  TRY(skip_symmetric(reader));
  TRY(skip_scheme(reader));
  RsaKey key{};
  key.bits = TRY(reader.number<std::uint16_t>());
  key.exponent = TRY(reader.number<std::uint32_t>());
  key.modulus = TRY(reader.sized());
  return key;
}

Verified<EccKey> ecc_key_in(Reader& reader) {
  TRY(skip_symmetric(reader));
  TRY(skip_scheme(reader));
  EccKey key{};
  key.curve = TRY(reader.number<std::uint16_t>());
  TRY(skip_scheme(reader));
  key.x = TRY(reader.sized());
  key.y = TRY(reader.sized());
  return key;
}

// TPMS_PCR_SELECTION, §10.6.2: a bitmap, the first octet has the first eight registers.
Verified<BankSelection> selection_in(Reader& reader) {
  BankSelection selection{};
  selection.bank = TRY(reader.number<std::uint16_t>());
  auto size = TRY(reader.number(1));
  auto bitmap = TRY(reader.take(size));
  for (std::uint32_t i = 0; i < 8 * bitmap.size(); ++i)
    if ((bitmap[i / 8] >> (i % 8) & std::byte{1}) != std::byte{0}) selection.registers.push_back(i);
  return selection;
}

Verified<CertifyInfo> certify_info_in(Reader& reader) {
  CertifyInfo info{};
  info.name = TRY(reader.sized());
  info.qualified_name = TRY(reader.sized());
  return info;
}

Verified<QuoteInfo> quote_info_in(Reader& reader) {
  QuoteInfo info{};
  auto count = TRY(reader.number<std::uint32_t>());
  if (count > kMostBanks) return reader.malformed(fmt::format("{} banks", count));
  for (std::uint32_t i = 0; i < count; ++i) {
    auto selection = TRY(selection_in(reader));
    info.selections.push_back(std::move(selection));
  }
  info.digest = TRY(reader.sized());
  return info;
}

// TPMS_CLOCK_INFO, §10.11.1.
Verified<ClockInfo> clock_in(Reader& reader) {
  ClockInfo clock{};
  clock.clock = TRY(reader.number<std::uint64_t>());
  clock.reset_count = TRY(reader.number<std::uint32_t>());
  clock.restart_count = TRY(reader.number<std::uint32_t>());
  auto safe = TRY(reader.number(1));
  if (safe > 1) return reader.malformed("neither safe nor unsafe");
  clock.is_safe = safe == 1;
  return clock;
}

std::string_view name_of_type(std::uint16_t type) {
  if (type == static_cast<std::uint16_t>(StatementType::Certify)) return " (a certified key)";
  if (type == static_cast<std::uint16_t>(StatementType::Quote)) return " (a quote)";
  return "";
}

Verified<> check_kind(Reader& reader, StatementType expected) {
  auto magic = TRY(reader.number<std::uint32_t>());
  if (magic != kMagic)
    return differs(Field::Magic, fmt::format("0x{:08x}", kMagic), fmt::format("0x{:08x}", magic));
  auto type = TRY(reader.number<std::uint16_t>());
  const auto wanted = static_cast<std::uint16_t>(expected);
  if (type == wanted) return {};
  return differs(Field::Type, fmt::format("0x{:04x}{}", wanted, name_of_type(wanted)),
                 fmt::format("0x{:04x}{}", type, name_of_type(type)));
}

}  // namespace

Verified<PublicArea> public_area_in(ByteView bytes) {
  Reader reader("public area", bytes);
  auto type = TRY(algorithm_in(reader));
  PublicArea area{};
  area.name_algorithm = TRY(algorithm_in(reader));
  area.attributes = TRY(reader.number<std::uint32_t>());
  TRY(reader.sized());  // the policy
  if (type == Algorithm::Rsa)
    area.key = TRY(rsa_key_in(reader));
  else if (type == Algorithm::Ecc)
    area.key = TRY(ecc_key_in(reader));
  else
    return reader.malformed(
        fmt::format("key type 0x{:04x} is neither RSA nor ECC", static_cast<std::uint16_t>(type)));
  TRY(reader.end());
  return area;
}

Verified<Signature> signature_in(ByteView bytes) {
  Reader reader("signature", bytes);
  auto scheme = TRY(algorithm_in(reader));
  Signature signature{};
  signature.hash = TRY(algorithm_in(reader));
  if (scheme == Algorithm::EcDsa) {
    EcdsaSignature numbers{};
    numbers.r = TRY(reader.sized());
    numbers.s = TRY(reader.sized());
    signature.numbers = numbers;
  } else if (scheme == Algorithm::RsaSsa || scheme == Algorithm::RsaPss) {
    auto number = TRY(reader.sized());
    signature.numbers = RsaSignature{scheme == Algorithm::RsaPss, number};
  } else {
    return reader.malformed(fmt::format("scheme 0x{:04x} is none of ECDSA, RSASSA and RSAPSS",
                                        static_cast<std::uint16_t>(scheme)));
  }
  TRY(reader.end());
  return signature;
}

Verified<Statement> statement_in(ByteView bytes, StatementType type) {
  Reader reader("statement", bytes);
  TRY(check_kind(reader, type));
  Statement statement{};
  statement.qualified_signer = TRY(reader.sized());
  statement.nonce = TRY(reader.sized());
  statement.clock = TRY(clock_in(reader));
  statement.firmware_version = TRY(reader.number<std::uint64_t>());
  if (type == StatementType::Certify)
    statement.attested = TRY(certify_info_in(reader));
  else
    statement.attested = TRY(quote_info_in(reader));
  TRY(reader.end());
  return statement;
}

}  // namespace strongroom::attestation
