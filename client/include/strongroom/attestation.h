// Judges what a TPM stated of its keys and of its machine, for those who trust neither that machine
// nor the way that the statement came: library strongroom-attestation, which needs neither a TPM
// nor the service. Formats are those of TPM 2.0 Part 2, revision 1.59; the service's tutorial says
// who sends what to whom. All functions may be called from any thread. Memory that runs out throws
// std::bad_alloc, and nothing else is thrown.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace strongroom::attestation {

// What does not verify.
enum class Field : std::uint8_t {
  Structure,        // an encoding that no TPM gives, bytes left over among it
  Magic,            // not made by a TPM
  Type,             // another kind of statement
  Nonce,            // an answer to another question
  Name,             // another key than its public area is of
  QualifiedSigner,  // another signer than the attestation key, or below another hierarchy
  Clock,            // before the time of an earlier statement, or not safe to compare
  ResetCount,
  RestartCount,
  FirmwareVersion,
  PcrSelection,
  PcrDigest,
  Signature,
  AttestationKey,  // another key than the one that was enrolled
  KeyAttributes,
  PublicKey,   // another key than the one that was shown
  Expectation  // the caller's own input: no nonce, a key that is none
};

// Begins with the field; names what was expected and what was found.
struct Failure {
  Field field;
  std::string message;
};

template <typename T = void>
using Verified = std::expected<T, Failure>;

// What the service answers to CertifyKey or Quote; the others are empty then.
struct Evidence {
  Bytes attest;                  // TPMS_ATTEST
  Bytes signature;               // TPMT_SIGNATURE
  Bytes attestation_key;         // TPMT_PUBLIC
  Bytes key;                     // TPMT_PUBLIC, of CertifyKey
  std::vector<Bytes> registers;  // values, of Quote
};

// What it answers to PrepareKeyAttestation.
struct Identity {
  Bytes name;
  Bytes key;              // TPMT_PUBLIC
  Bytes endorsement_key;  // RSAPublicKey, DER
};

// What AttestKey takes.
struct Challenge {
  Bytes credential;
  Bytes secret;
};

// Bits of TPMA_OBJECT, TPM 2.0 Part 2 §8.3.
namespace attribute {
inline constexpr std::uint32_t kFixedTpm = 1U << 1;
inline constexpr std::uint32_t kFixedParent = 1U << 4;
inline constexpr std::uint32_t kSensitiveDataOrigin = 1U << 5;
inline constexpr std::uint32_t kEncryptedDuplication = 1U << 11;
inline constexpr std::uint32_t kRestricted = 1U << 16;
inline constexpr std::uint32_t kDecrypt = 1U << 17;
inline constexpr std::uint32_t kSign = 1U << 18;
}  // namespace attribute

// TPMI_ALG_HASH of a bank of registers.
enum class PcrBank : std::uint16_t {
  Sha1 = 0x0004,
  Sha256 = 0x000b,
  Sha384 = 0x000c,
  Sha512 = 0x000d
};

struct Register {
  PcrBank bank;
  std::uint32_t number;
  bool operator==(const Register&) const = default;
};
struct RegisterValue {
  Register which;
  Bytes value;
};

// A TPM's clock: milliseconds in use, and how often it was reset, and restarted since.
struct ClockInfo {
  std::uint64_t clock;
  std::uint32_t reset_count;
  std::uint32_t restart_count;
  bool is_safe;  // no higher value was told before a sudden loss of power
};

// What is demanded of every statement.
struct Expected {
  ByteView nonce;                 // that was sent; never empty
  ByteView attestation_key_name;  // of the key that was enrolled
  // Where an earlier statement, or the owner, says so.
  std::optional<std::uint64_t> clock_at_least{};
  bool safe_clock = false;
  std::optional<std::uint32_t> reset_count{};
  std::optional<std::uint32_t> restart_count{};
  std::optional<std::uint64_t> firmware_version{};
};

// Of a certified key. Keys that came from outside, or can leave the TPM, have not all of the first.
struct ExpectedKey {
  std::uint32_t set =
      attribute::kFixedTpm | attribute::kFixedParent | attribute::kSensitiveDataOrigin;
  std::uint32_t clear = attribute::kRestricted | attribute::kEncryptedDuplication;
  // SubjectPublicKeyInfo, DER, of the key that was shown; empty when the statement is to tell it.
  ByteView public_key{};
};

// Of a quote: registers with their values, or empty values for those that are to be told. A quote
// of other registers, more or fewer, does not verify.
struct ExpectedRegisters {
  std::vector<RegisterValue> values;
};

struct CommonFindings {
  ClockInfo clock;
  std::uint64_t firmware_version;
};

struct CertifiedKey {
  CommonFindings common;
  Bytes name;
  std::uint32_t attributes;
  Bytes public_key;  // SubjectPublicKeyInfo, DER
};

struct QuotedRegisters {
  CommonFindings common;
  std::vector<RegisterValue> values;
};

#pragma GCC visibility push(default)

std::string_view to_string(Field field) noexcept;

// That a TPM holds the key and made it, as far as `key` demands.
Verified<CertifiedKey> verify_key(const Evidence& evidence, const Expected& expected,
                                  const ExpectedKey& key = {});
// What the registers were.
Verified<QuotedRegisters> verify_quote(const Evidence& evidence, const Expected& expected,
                                       const ExpectedRegisters& registers);

// The name of a key, from its public area: TPM2B_NAME's content. SHA-256 alone.
Verified<Bytes> name_of(ByteView public_area);

// Of which kind the key of an identity is to be.
enum class KeyRole : std::uint8_t {
  AttestationKey,  // restricted to statements of the TPM: what it signs, the TPM says
  ApplicationKey,  // made in the TPM, and bound to it
};
// TPM2_MakeCredential in software: `secret`, 16 to 32 random bytes, for whoever has both keys of
// the identity in one TPM. Checks that name and public area belong together and what the role
// demands. That the endorsement key is a TPM's, its certificate or a list must have said before.
Verified<Challenge> challenge(const Identity& identity, KeyRole role, ByteView secret);

// One file of PEM blocks for each, as the command line writes them. Text is read up to 64 KiB;
// what is not among the blocks is skipped.
std::string to_text(const Evidence& evidence);
std::string to_text(const Identity& identity);
std::string to_text(const Challenge& challenge);
Verified<Evidence> evidence_in(std::string_view text);
Verified<Identity> identity_in(std::string_view text);
Verified<Challenge> challenge_in(std::string_view text);

#pragma GCC visibility pop

}  // namespace strongroom::attestation
