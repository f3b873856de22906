#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/attestation/cryptography.h"
#include "client/attestation/names.h"
#include "client/attestation/reader.h"
#include "client/attestation/structures.h"

namespace strongroom::attestation {
namespace {

std::string hex_of(ByteView bytes) {
  return bytes.empty() ? "nothing" : to_hex(bytes);
}

Verified<> check_bytes(Field field, ByteView expected, ByteView found) {
  if (std::ranges::equal(expected, found)) return {};
  return differs(field, hex_of(expected), hex_of(found));
}

template <typename Number>
Verified<> check_number(Field field, const std::optional<Number>& expected, Number found) {
  if (!expected || *expected == found) return {};
  return differs(field, fmt::to_string(*expected), fmt::to_string(found));
}

// Of the signer: the enrolled key, whole, and what it signed.
Verified<> check_signer(const Evidence& evidence, const Expected& expected,
                        const Statement& statement) {
  auto area = TRY(public_area_in(evidence.attestation_key));
  auto name = TRY(name_of(evidence.attestation_key));
  TRY(check_bytes(Field::AttestationKey, expected.attestation_key_name, name));
  TRY(check_role(area, KeyRole::AttestationKey));
  auto key = TRY(key_of(area));
  auto signature = TRY(signature_in(evidence.signature));
  TRY(check_signature(key.get(), signature, evidence.attest));
  return check_bytes(Field::QualifiedSigner, name_below_endorsement(name),
                     statement.qualified_signer);
}

Verified<> check_clock(const ClockInfo& found, const Expected& expected) {
  if (expected.clock_at_least && found.clock < *expected.clock_at_least)
    return differs(Field::Clock, fmt::format("{} or later", *expected.clock_at_least),
                   fmt::to_string(found.clock));
  if (expected.safe_clock && !found.is_safe)
    return differs(Field::Clock, "one that is safe to compare", "one that is not");
  TRY(check_number(Field::ResetCount, expected.reset_count, found.reset_count));
  return check_number(Field::RestartCount, expected.restart_count, found.restart_count);
}

Verified<> check_expected(const Expected& expected) {
  if (expected.nonce.empty())
    return failure(Field::Expectation, "without a nonce, an old statement would do");
  if (expected.attestation_key_name.empty())
    return failure(Field::Expectation, "without an attestation key, anybody's statement would do");
  return {};
}

// What every statement has. The signature comes before what it covers.
Verified<Statement> checked_statement(const Evidence& evidence, const Expected& expected,
                                      StatementType type) {
  TRY(check_expected(expected));
  auto statement = TRY(statement_in(evidence.attest, type));
  TRY(check_signer(evidence, expected, statement));
  TRY(check_bytes(Field::Nonce, expected.nonce, statement.nonce));
  TRY(check_clock(statement.clock, expected));
  if (expected.firmware_version && *expected.firmware_version != statement.firmware_version)
    return differs(Field::FirmwareVersion, fmt::format("0x{:016x}", *expected.firmware_version),
                   fmt::format("0x{:016x}", statement.firmware_version));
  return statement;
}

CommonFindings common_of(const Statement& statement) {
  return {.clock = statement.clock, .firmware_version = statement.firmware_version};
}

std::string to_string(PcrBank bank) {
  switch (bank) {
    case PcrBank::Sha1: return "sha1";
    case PcrBank::Sha256: return "sha256";
    case PcrBank::Sha384: return "sha384";
    case PcrBank::Sha512: return "sha512";
  }
  return fmt::format("0x{:04x}", static_cast<std::uint16_t>(bank));
}

std::string to_string(const Register& which) {
  return fmt::format("{}:{}", to_string(which.bank), which.number);
}

std::vector<Register> registers_of(const std::vector<BankSelection>& selections) {
  std::vector<Register> registers;
  for (const BankSelection& selection : selections)
    for (std::uint32_t number : selection.registers)
      registers.push_back({static_cast<PcrBank>(selection.bank), number});
  return registers;
}

std::string list_of(std::vector<Register> registers) {
  std::vector<std::string> names(registers.size());
  std::ranges::transform(registers, names.begin(),
                         [](const Register& which) { return to_string(which); });
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, " "));
}

Verified<> check_selection(const std::vector<Register>& found, const ExpectedRegisters& expected) {
  std::vector<Register> wanted(expected.values.size());
  std::ranges::transform(expected.values, wanted.begin(), &RegisterValue::which);
  if (std::ranges::is_permutation(wanted, found)) return {};
  return differs(Field::PcrSelection, list_of(wanted), list_of(found));
}

// What came beside the statement counts only because its digest is signed: with the hash of the
// signature, TPM 2.0 r1.59 Part 3 §18.4.
Verified<> check_digest(const Evidence& evidence, const QuoteInfo& quote) {
  auto signature = TRY(signature_in(evidence.signature));
  Bytes joined;
  for (const Bytes& value : evidence.registers)
    joined.insert(joined.end(), value.begin(), value.end());
  return check_bytes(Field::PcrDigest, quote.digest, digest(signature.hash, {joined}));
}

std::size_t size_of_value(PcrBank bank) {
  switch (bank) {
    case PcrBank::Sha1: return 20;
    case PcrBank::Sha256: return 32;
    case PcrBank::Sha384: return 48;
    case PcrBank::Sha512: return 64;
  }
  return 0;
}

// Values of other lengths could be cut differently and have the same digest.
Verified<std::vector<RegisterValue>> values_of(const Evidence& evidence,
                                               const std::vector<Register>& registers) {
  if (evidence.registers.size() != registers.size())
    return differs(Field::PcrSelection, fmt::format("{} values", registers.size()),
                   fmt::to_string(evidence.registers.size()));
  std::vector<RegisterValue> values;
  for (std::size_t i = 0; i < registers.size(); ++i) {
    const std::size_t size = size_of_value(registers[i].bank);
    if (evidence.registers[i].size() != size)
      return differs(Field::PcrDigest, fmt::format("{} bytes of {}", size, to_string(registers[i])),
                     fmt::to_string(evidence.registers[i].size()));
    values.push_back({registers[i], evidence.registers[i]});
  }
  return values;
}

Verified<> check_values(const std::vector<RegisterValue>& found,
                        const ExpectedRegisters& expected) {
  for (const RegisterValue& value : found) {
    auto wanted = std::ranges::find(expected.values, value.which, &RegisterValue::which);
    if (wanted->value.empty() || wanted->value == value.value) continue;
    return differs(Field::PcrDigest,
                   fmt::format("{} {}", to_string(value.which), to_hex(wanted->value)),
                   to_hex(value.value));
  }
  return {};
}

}  // namespace

Verified<CertifiedKey> verify_key(const Evidence& evidence, const Expected& expected,
                                  const ExpectedKey& key) {
  auto statement = TRY(checked_statement(evidence, expected, StatementType::Certify));
  auto name = TRY(name_of(evidence.key));
  TRY(check_bytes(Field::Name, std::get<CertifyInfo>(statement.attested).name, name));
  auto area = TRY(public_area_in(evidence.key));
  TRY(check_attributes(area.attributes, key.set, key.clear));
  auto public_key = TRY(key_of(area));
  auto info = TRY(subject_public_key_info(public_key.get()));
  if (!key.public_key.empty()) TRY(check_bytes(Field::PublicKey, key.public_key, info));
  return CertifiedKey{.common = common_of(statement),
                      .name = std::move(name),
                      .attributes = area.attributes,
                      .public_key = std::move(info)};
}

Verified<QuotedRegisters> verify_quote(const Evidence& evidence, const Expected& expected,
                                       const ExpectedRegisters& registers) {
  auto statement = TRY(checked_statement(evidence, expected, StatementType::Quote));
  const auto& quote = std::get<QuoteInfo>(statement.attested);
  auto quoted = registers_of(quote.selections);
  TRY(check_selection(quoted, registers));
  auto values = TRY(values_of(evidence, quoted));
  TRY(check_digest(evidence, quote));
  TRY(check_values(values, registers));
  return QuotedRegisters{.common = common_of(statement), .values = std::move(values)};
}

}  // namespace strongroom::attestation
