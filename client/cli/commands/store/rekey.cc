// strongroom store rekey
#include <array>

#include "client/cli/commands/store/daemon_program.h"

namespace strongroom::cli {
namespace {

std::vector<std::string> source_kinds() {
  return {"file:", "credential:", "command:", "tpm:"};
}

constexpr std::array kOptions = {
    Option{"to", "SOURCE",
           "what is to seal the store: file:/PATH, credential:NAME, command:/PATH, tpm:PROVIDER",
           such_as(source_kinds)},
    Option{"pcrs", "PCRS", "of a TPM: the PCRs to bind the secret to: sha256:0,2,4,7"},
    Option{"rotate", "", "instead: seal every record anew, under a new key"},
    kConfigOption,
    kProgramOption,
    kYesOption,
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const auto target = arguments.value("to");
  const auto pcrs = arguments.value("pcrs");
  if (target.has_value() == arguments.has("rotate"))
    return failed(ExitCode::Usage,
                  "reading the command line: one of --to SOURCE and --rotate is needed");
  if (pcrs && !target)
    return failed(ExitCode::Usage, "reading the command line: --pcrs is for --to tpm:PROVIDER");
  if (!target) {
    TRY(invocation.confirm(
        "Every record will be sealed anew. A recovery secret and a key source that is to come open "
        "the store no longer; a recovery secret is replaced."));
    return become_daemon(invocation, {"--rotate-store-key"});
  }
  std::vector<std::string> words{"--rekey", *target};
  if (pcrs) words.insert(words.end(), {"--pcrs", *pcrs});
  return become_daemon(invocation, std::move(words));
}

}  // namespace

const Command kStoreRekey = {
    .words = "store rekey",
    .summary = "seal the store's key by another source, with the service stopped",
    .options = kOptions,
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
