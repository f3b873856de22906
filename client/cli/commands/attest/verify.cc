// strongroom attest verify
#include <algorithm>
#include <array>
#include <charconv>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/commands/attest/attesting.h"
#include "client/cli/format/words.h"
#include "client/cli/keys/key_input.h"
#include "client/cli/keys/pem.h"
#include "client/cli/keys/public_key.h"
#include "client/cli/record/table.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

namespace attribute = attestation::attribute;

constexpr std::array kOptions = {
    Option{"attestation-key", "FILE",
           "the identity of the attestation key, which answered a challenge before", kFiles},
    kNonceOption,
    Option{"public-key", "FILE", "of a key: that it is this one, as a public key or certificate",
           kFiles},
    Option{"signs", "", "of a key: that it signs"},
    Option{"decrypts", "", "of a key: that it decrypts"},
    kPcrsOption,
    Option{"clock-at-least", "MS", "that the TPM's clock is this far, in milliseconds"},
    Option{"safe-clock", "", "that the clock did not go back in a power cut"},
    Option{"reset-count", "N", "that the TPM was reset as often as this"},
    Option{"restart-count", "N", "that it was restarted as often as this"},
    Option{"firmware", "HEX", "that its firmware has this version, 16 digits"},
};
constexpr std::array kPositionals = {
    Positional{"EVIDENCE", Positional::Need::Optional,
               "what 'attest certify' or 'attest quote' wrote, else standard input", kFiles},
};

constexpr std::array kAttributeNames = {
    std::pair{attribute::kFixedTpm, "fixedtpm"},
    std::pair{attribute::kFixedParent, "fixedparent"},
    std::pair{attribute::kSensitiveDataOrigin, "sensitivedataorigin"},
    std::pair{attribute::kRestricted, "restricted"},
    std::pair{attribute::kDecrypt, "decrypt"},
    std::pair{attribute::kSign, "sign"},
};

template <typename Number>
Outcome<std::optional<Number>> number_in(const Arguments& arguments, std::string_view option) {
  auto text = arguments.value(option);
  if (!text) return std::optional<Number>();
  auto number = whole_number<Number>(*text);
  if (number) return number;
  return failed(ExitCode::Usage, fmt::format("reading --{}: '{}' is no number that it can be",
                                             option, visible(*text)));
}

Outcome<std::optional<std::uint64_t>> firmware_in(const Arguments& arguments) {
  auto text = arguments.value("firmware");
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t version = 0;
  const char* end = text->data() + text->size();
  auto [stop, code] = std::from_chars(text->data(), end, version, 16);
  if (code == std::errc() && stop == end && text->size() == 16) return std::optional(version);
  return failed(ExitCode::Usage, fmt::format("reading --firmware: '{}' is not 16 digits in "
                                             "hexadecimal",
                                             visible(*text)));
}

Outcome<Bytes> enrolled_name(const Invocation& invocation) {
  auto file = invocation.arguments.value("attestation-key");
  if (!file)
    return failed(ExitCode::Usage, "reading the command line: --attestation-key is missing",
                  "it names the identity of the key that the machine was enrolled with; 'man "
                  "strongroom-attest' tells how");
  auto identity = TRY(read_parts(invocation, file, &attestation::identity_in, "identity"));
  auto name = attestation::name_of(identity.key);
  if (!name) return std::unexpected(unreadable(file, "identity", name.error()));
  return *std::move(name);
}

// Views of `nonce` and `name`.
Outcome<attestation::Expected> expected_from(const Arguments& arguments, ByteView nonce,
                                             ByteView name) {
  attestation::Expected expected{.nonce = nonce, .attestation_key_name = name};
  expected.clock_at_least = TRY(number_in<std::uint64_t>(arguments, "clock-at-least"));
  expected.safe_clock = arguments.has("safe-clock");
  expected.reset_count = TRY(number_in<std::uint32_t>(arguments, "reset-count"));
  expected.restart_count = TRY(number_in<std::uint32_t>(arguments, "restart-count"));
  expected.firmware_version = TRY(firmware_in(arguments));
  return expected;
}

Outcome<Bytes> shown_key(const Invocation& invocation) {
  auto file = invocation.arguments.value("public-key");
  if (!file) return Bytes();
  KeyMaterial key =
      TRY(read_key_file(invocation, {.file = file, .encoding = Encoding::Native, .type = {}}));
  if (!key.type.is_public_key())
    return failed(ExitCode::InvalidData, fmt::format("{}: it holds a private key", reading(file)));
  return public_key_info(key.type, key.bits, key.data);
}

Json::Array names_of(std::uint32_t attributes) {
  Json::Array names;
  for (const auto& [bit, name] : kAttributeNames)
    if ((attributes & bit) != 0) names.emplace_back(name);
  return names;
}

// Every field stands in both kinds of statement; what there is none of is null or empty.
struct Findings {
  attestation::CommonFindings common;
  Json name = nullptr;
  Json::Array attributes;
  Json public_key = nullptr;
  Json::Array registers;
};

void print_json(std::string_view statement, Findings found, std::ostream& out) {
  const auto& [clock, firmware_version] = found.common;
  const Json object = Json::Object{{"statement", statement},
                                   {"name", std::move(found.name)},
                                   {"attributes", std::move(found.attributes)},
                                   {"public_key", std::move(found.public_key)},
                                   {"registers", std::move(found.registers)},
                                   {"clock", static_cast<std::int64_t>(clock.clock)},
                                   {"clock_is_safe", clock.is_safe},
                                   {"reset_count", clock.reset_count},
                                   {"restart_count", clock.restart_count},
                                   {"firmware", fmt::format("{:016x}", firmware_version)}};
  out << object.text() << '\n';
}

void print(const attestation::CommonFindings& common, std::ostream& out) {
  out << fmt::format("clock: {} ms{}\nresets: {}\nrestarts: {}\nfirmware: {:016x}\n",
                     common.clock.clock, common.clock.is_safe ? "" : ", not safe",
                     common.clock.reset_count, common.clock.restart_count, common.firmware_version);
}

void report(const Invocation& invocation, const attestation::CertifiedKey& found) {
  const SecretBytes armoured = to_pem("PUBLIC KEY", found.public_key);
  const std::string pem(text_of(armoured));
  std::ostream& out = invocation.streams.out;
  if (invocation.wants_json()) {
    Findings findings{.common = found.common, .attributes = names_of(found.attributes)};
    findings.name = Json(to_hex(found.name));
    findings.public_key = Json(pem);
    print_json("key", std::move(findings), out);
    return;
  }
  out << fmt::format("Verified OK: the TPM holds this key\nname: {}\n", to_hex(found.name));
  print(found.common, out);
  out << pem;
}

std::string_view name_of(attestation::PcrBank bank) {
  switch (bank) {
    case attestation::PcrBank::Sha1: return "sha1";
    case attestation::PcrBank::Sha256: return "sha256";
    case attestation::PcrBank::Sha384: return "sha384";
    case attestation::PcrBank::Sha512: return "sha512";
  }
  return "unknown";
}

void report(const Invocation& invocation, const attestation::QuotedRegisters& found) {
  std::ostream& out = invocation.streams.out;
  if (invocation.wants_json()) {
    Findings findings{.common = found.common};
    for (const auto& [which, value] : found.values)
      findings.registers.push_back(Json::Object{
          {"bank", name_of(which.bank)}, {"number", which.number}, {"value", to_hex(value)}});
    print_json("quote", std::move(findings), out);
    return;
  }
  out << "Verified OK: the registers are these\n";
  print(found.common, out);
  for (const auto& [which, value] : found.values)
    out << fmt::format("{}:{}={}\n", name_of(which.bank), which.number, to_hex(value));
}

Outcome<> verify_key(const Invocation& invocation, const attestation::Evidence& evidence,
                     const attestation::Expected& expected) {
  const Arguments& arguments = invocation.arguments;
  Bytes shown = TRY(shown_key(invocation));
  attestation::ExpectedKey key;
  key.public_key = shown;
  if (arguments.has("signs")) key.set |= attribute::kSign;
  if (arguments.has("decrypts")) key.set |= attribute::kDecrypt;
  auto found = attestation::verify_key(evidence, expected, key);
  if (!found) return std::unexpected(not_verified("verifying the key", found.error()));
  report(invocation, *found);
  return {};
}

Outcome<> verify_quote(const Invocation& invocation, const attestation::Evidence& evidence,
                       const attestation::Expected& expected, const std::string& list) {
  attestation::ExpectedRegisters registers;
  registers.values = TRY(registers_from(list));
  auto found = attestation::verify_quote(evidence, expected, registers);
  if (!found) return std::unexpected(not_verified("verifying the quote", found.error()));
  report(invocation, *found);
  return {};
}

// --pcrs says which of the two is expected: evidence of the other kind does not verify.
Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  SecretBytes nonce = TRY(nonce_from(arguments));
  Bytes name = TRY(enrolled_name(invocation));
  attestation::Expected expected = TRY(expected_from(arguments, nonce, name));
  auto evidence =
      TRY(read_parts(invocation, arguments.positional(0), &attestation::evidence_in, "evidence"));
  if (auto list = arguments.value("pcrs"))
    return verify_quote(invocation, evidence, expected, *list);
  return verify_key(invocation, evidence, expected);
}

}  // namespace

const Command kAttestVerify = {
    .words = "attest verify",
    .summary = "judge what a TPM stated of a key or of its machine; needs neither service nor TPM",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
