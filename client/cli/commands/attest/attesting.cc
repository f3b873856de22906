#include "client/cli/commands/attest/attesting.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "client/cli/format/text_encoding.h"
#include "client/cli/format/words.h"
#include "client/cli/keys/key_input.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

using attestation::PcrBank;
using attestation::Register;
using attestation::RegisterValue;

constexpr std::size_t kMostNonce = 64;
constexpr std::uint32_t kRegisters = 24;

struct Bank {
  std::string_view name;
  PcrBank bank;
  std::size_t value_size;
};
constexpr std::array kBanks = {
    Bank{"sha1", PcrBank::Sha1, 20},
    Bank{"sha256", PcrBank::Sha256, 32},
    Bank{"sha384", PcrBank::Sha384, 48},
    Bank{"sha512", PcrBank::Sha512, 64},
};

std::unexpected<Failure> bad_list(std::string_view cause) {
  return failed(ExitCode::Usage, fmt::format("reading --pcrs: {}", cause),
                "for example --pcrs sha256:0,1,7");
}

std::size_t size_of(PcrBank bank) {
  return std::ranges::find(kBanks, bank, &Bank::bank)->value_size;
}

// "7", "7=HEX".
Outcome<RegisterValue> register_from(PcrBank bank, std::string_view item) {
  const std::size_t equals = item.find('=');
  auto number = whole_number<std::uint32_t>(item.substr(0, equals));
  if (!number || *number >= kRegisters)
    return bad_list(fmt::format("'{}' is no register from 0 to 23", visible(item)));
  RegisterValue value{.which = {.bank = bank, .number = *number}, .value = {}};
  if (equals == std::string_view::npos) return value;
  auto bytes = from_hex(item.substr(equals + 1));
  if (!bytes || bytes->size() != size_of(bank))
    return bad_list(fmt::format("the value in '{}' is not {} bytes in hexadecimal", visible(item),
                                size_of(bank)));
  value.value = copy_of(*bytes);
  return value;
}

// Takes "sha256:" off the item, where it stands.
Outcome<> change_bank(std::string_view& item, std::optional<PcrBank>& bank) {
  const std::size_t colon = item.find(':');
  if (colon == std::string_view::npos) {
    if (bank) return {};
    return bad_list(fmt::format("'{}' has no bank before it", visible(item)));
  }
  const auto* row = std::ranges::find(kBanks, item.substr(0, colon), &Bank::name);
  if (row == kBanks.end())
    return bad_list(fmt::format("'{}' is no bank: sha1, sha256, sha384 or sha512",
                                visible(item.substr(0, colon))));
  bank = row->bank;
  item.remove_prefix(colon + 1);
  return {};
}

}  // namespace

Outcome<SecretBytes> nonce_from(const Arguments& arguments) {
  auto text = arguments.value("nonce");
  if (!text)
    return failed(ExitCode::Usage, "reading the command line: --nonce is missing",
                  "the verifier draws it, anew for each statement: 'openssl rand -hex 20'");
  auto nonce = from_hex(*text);
  if (nonce && !nonce->empty() && nonce->size() <= kMostNonce) return *std::move(nonce);
  return failed(ExitCode::Usage,
                fmt::format("reading --nonce: '{}' is not 1 to {} bytes in hexadecimal",
                            visible(*text), kMostNonce));
}

Outcome<std::vector<RegisterValue>> registers_from(std::string_view list) {
  std::vector<RegisterValue> values;
  std::optional<PcrBank> bank;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(",+"), list.size());
    std::string_view item = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    TRY(change_bank(item, bank));
    RegisterValue value = TRY(register_from(*bank, item));
    if (std::ranges::find(values, value.which, &RegisterValue::which) != values.end())
      return bad_list(fmt::format("register {} is there twice", value.which.number));
    values.push_back(std::move(value));
  }
  if (values.empty()) return bad_list("no register is named");
  std::ranges::stable_sort(values, {}, [](const RegisterValue& value) {
    return std::pair(value.which.bank, value.which.number);
  });
  return values;
}

Failure unreadable(const std::optional<std::string>& file, std::string_view what,
                   const attestation::Failure& failure) {
  return {ExitCode::InvalidData,
          fmt::format("{}: it is no {}: {}", reading(file), what, visible(failure.message)), ""};
}

Failure not_verified(std::string_view doing, const attestation::Failure& failure) {
  const bool is_callers = failure.field == attestation::Field::Expectation;
  return {is_callers ? ExitCode::Usage : ExitCode::BadSignature,
          fmt::format("{}: {}", doing, failure.message), ""};
}

Task attesting(std::string doing, const Client& client) {
  return {
      .kind = Task::Kind::Attest, .doing = std::move(doing), .socket_path = client.socket_path()};
}

CallOptions on_tpm(const Invocation& invocation) {
  CallOptions options;
  if (!invocation.arguments.has("provider")) options.provider = ProviderId::Tpm;
  return options;
}

Outcome<> write_text(const Invocation& invocation, std::size_t index, const std::string& text) {
  std::optional<std::string> file = TRY(output_file(invocation.arguments, index));
  return write_output(invocation, {.file = std::move(file), .encoding = Encoding::Pem},
                      view_of(text));
}

}  // namespace strongroom::cli
