// strongroom store accept-rollback
#include <array>

#include "client/cli/commands/store/daemon_program.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {kConfigOption, kProgramOption, kYesOption};

Outcome<> run(const Invocation& invocation) {
  TRY(
      invocation.confirm("An old copy of the store brings back keys that were destroyed since, and "
                         "lacks those made since."));
  return become_daemon(invocation, {"--accept-rollback"});
}

}  // namespace

const Command kStoreAcceptRollback = {
    .words = "store accept-rollback",
    .summary = "take the store for the newest, whatever its rollback counter says",
    .options = kOptions,
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
