// What the commands of attestation have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/input_output.h"
#include "strongroom/attestation.h"
#include "strongroom/key_attestation.h"

namespace strongroom::cli {

inline constexpr Option kNonceOption = {
    "nonce", "HEX", "the verifier's fresh random number, up to 64 bytes; some TPMs take 32"};
// Usage when it is missing.
Outcome<SecretBytes> nonce_from(const Arguments& arguments);

// "sha256:0,7+sha384:4", and with values "sha256:0=HEX,7=HEX". A register without a bank is one of
// the bank before. Registers come bank by bank, ascending.
inline constexpr Option kPcrsOption = {
    "pcrs",
    "LIST",
    "the registers, sha256:0,7+sha384:4 for example; to verify, a value may stand behind a "
    "register: sha256:0=HEX",
    {},
    true};
Outcome<std::vector<attestation::RegisterValue>> registers_from(std::string_view list);

// The file's content as `read` understands it, InvalidData when it does not.
template <typename T>
Outcome<T> read_parts(const Invocation& invocation, const std::optional<std::string>& file,
                      attestation::Verified<T> (*read)(std::string_view), std::string_view what);
Failure unreadable(const std::optional<std::string>& file, std::string_view what,
                   const attestation::Failure& failure);

// What verifiers are told: 7 for a statement that does not verify, 2 for their own input.
Failure not_verified(std::string_view doing, const attestation::Failure& failure);

// For what names no key: to the provider of --provider, else to that of TPMs.
CallOptions on_tpm(const Invocation& invocation);
Task attesting(std::string doing, const Client& client);

// To the file of the argument at `index`, or of --output.
Outcome<> write_text(const Invocation& invocation, std::size_t index, const std::string& text);

template <typename T>
Outcome<T> read_parts(const Invocation& invocation, const std::optional<std::string>& file,
                      attestation::Verified<T> (*read)(std::string_view), std::string_view what) {
  constexpr std::size_t kMostText = std::size_t{64} * 1024;
  SecretBytes text = TRY(read_all(file, invocation.streams, kMostText));
  auto parts = read(text_of(text));
  if (!parts) return std::unexpected(unreadable(file, what, parts.error()));
  return *std::move(parts);
}

}  // namespace strongroom::cli
