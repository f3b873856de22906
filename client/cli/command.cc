#include "client/cli/command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <istream>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/format/names.h"
#include "client/cli/socket_access.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

// As the library takes its own variables: not from who runs a program with more rights than they
// have.
std::string admin_endpoint() {
  const char* said = ::secure_getenv("STRONGROOM_ADMIN_ENDPOINT");
  return said != nullptr && *said != '\0' ? said : std::string(kAdminSocket);
}

Outcome<std::chrono::milliseconds> timeout_from(const std::string& text) {
  constexpr double kLongest = 1e6;
  double seconds = 0;
  const char* end = text.data() + text.size();
  auto [stop, code] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  bool is_one = code == std::errc() && stop == end && seconds >= 0 && seconds <= kLongest;
  if (!is_one)
    return failed(
        ExitCode::Usage,
        fmt::format("reading the command line: '{}' is no number of seconds", visible(text)),
        "for example --timeout 5, or 0 to wait for ever");
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

}  // namespace

Outcome<std::optional<ProviderId>> Invocation::chosen_provider() const {
  std::optional<std::string> text = arguments.value("provider");
  if (!text) return std::optional<ProviderId>();
  ProviderId provider = TRY(provider_from(*text));
  return std::optional(provider);
}

Outcome<Client> Invocation::open_client(std::chrono::milliseconds timeout) const {
  std::optional<ProviderId> provider = TRY(chosen_provider());
  if (std::optional<std::string> text = arguments.value("timeout"))
    timeout = TRY(timeout_from(*text));
  ClientOptions options;
  std::string usual = command.audience == Audience::Administrators ? admin_endpoint() : "";
  options.endpoint = arguments.value("socket").value_or(std::move(usual));
  options.application_name = arguments.value("app-name").value_or("");
  options.provider = provider;
  options.timeout = timeout;
  options.trust_any_socket = arguments.has("insecure-socket");
  auto client = during({.doing = "finding the service"}, Client::open(std::move(options)));
  // It has looked at nothing but what the user told it.
  if (!client && client.error().code == ExitCode::InvalidData)
    client.error().code = ExitCode::Usage;
  return client;
}

void Invocation::print_list(const Table& table) const {
  if (wants_json())
    table.print_json(streams.out);
  else
    table.print_columns(streams.out, streams.look);
}

void Invocation::print_record(const Table& table) const {
  if (wants_json())
    table.print_json_record(streams.out);
  else
    table.print_record(streams.out, streams.look);
}

Outcome<> Invocation::confirm(const std::string& question) const {
  if (arguments.has("yes")) return {};
  if (!streams.in_is_terminal)
    return failed(
        ExitCode::Usage,
        "nothing was changed: that has to be confirmed, and standard input is no terminal",
        fmt::format("{} --yes says that it is meant", question));
  streams.err << question << " Type yes to go on: " << std::flush;
  std::string answer;
  std::getline(streams.in, answer);
  if (answer == "yes") return {};
  return failed(ExitCode::Other, "nothing was changed: the answer was not 'yes'");
}

std::vector<Option> global_options_of(const Command& command) {
  std::vector<Option> options(kGlobalOptions.begin(), kGlobalOptions.end());
  if (command.audience == Audience::Administrators)
    std::ranges::find(options, "socket", &Option::name)->help = kAdminSocketHelp;
  return options;
}

std::span<const Command* const> commands() {
  static constexpr std::array kRows = {
      &kPing,
      &kProviders,
      &kKeyGenerate,
      &kKeyImport,
      &kKeyDerive,
      &kKeyList,
      &kKeyShow,
      &kKeyExport,
      &kKeyExportPublic,
      &kKeyWrap,
      &kKeyUnwrap,
      &kKeyDelete,
      &kSign,
      &kVerify,
      &kCsr,
      &kSelfSign,
      &kEncrypt,
      &kDecrypt,
      &kAeadSeal,
      &kAeadOpen,
      &kMac,
      &kHash,
      &kDerive,
      &kRandom,
      &kAttestIdentify,
      &kAttestChallenge,
      &kAttestAnswer,
      &kAttestCertify,
      &kAttestQuote,
      &kAttestVerify,
      &kConfigCheck,
      &kCompletion,
      &kStoreRekey,
      &kStoreRecoverySecret,
      &kStoreRecover,
      &kStoreAcceptRollback,
      &kStoreForgetKey,
      &kMigrateParsec,
      // Of administrators.
      &kStatus,
      &kFsck,
      &kAdminReload,
      &kProviderUnlock,
      &kProviderAcceptRoot,
      &kAdminClients,
      &kAdminDeleteClient,
  };
  return kRows;
}

}  // namespace strongroom::cli
