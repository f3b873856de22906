// strongroom store forget-key
#include <array>

#include "client/cli/commands/store/daemon_program.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {kConfigOption, kProgramOption, kYesOption};

Outcome<> run(const Invocation& invocation) {
  TRY(invocation.confirm("The store and the secret that seals it will be removed."));
  return become_daemon(invocation, {"--forget-store-key"});
}

}  // namespace

const Command kStoreForgetKey = {
    .words = "store forget-key",
    .summary = "remove a store without keys, and its key, for an image of this machine",
    .options = kOptions,
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
