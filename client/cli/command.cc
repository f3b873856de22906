#include "client/cli/command.h"

#include <array>

#include "client/cli/format/names.h"

namespace strongroom::cli {

Outcome<std::optional<ProviderId>> Invocation::chosen_provider() const {
  std::optional<std::string> text = arguments.value("provider");
  if (!text) return std::optional<ProviderId>();
  ProviderId provider = TRY(provider_from(*text));
  return std::optional(provider);
}

Outcome<Client> Invocation::open_client() const {
  std::optional<ProviderId> provider = TRY(chosen_provider());
  ClientOptions options;
  options.endpoint = arguments.value("socket").value_or("");
  options.application_name = arguments.value("app-name").value_or("");
  options.provider = provider;
  options.trust_any_socket = arguments.has("insecure-socket");
  return during({.doing = "finding the service"}, Client::open(std::move(options)));
}

void Invocation::print_list(const Table& table) const {
  if (arguments.has("json"))
    table.print_json(streams.out);
  else
    table.print_columns(streams.out);
}

void Invocation::print_record(const Table& table) const {
  if (arguments.has("json"))
    table.print_json_record(streams.out);
  else
    table.print_record(streams.out);
}

std::span<const Command* const> commands() {
  static constexpr std::array kRows = {
      &kPing,    &kProviders, &kKeyGenerate,     &kKeyImport, &kKeyList,
      &kKeyShow, &kKeyExport, &kKeyExportPublic, &kKeyDelete, &kSign,
      &kVerify,  &kCsr,       &kSelfSign,        &kRandom,
  };
  return kRows;
}

}  // namespace strongroom::cli
