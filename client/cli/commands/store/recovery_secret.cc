// strongroom store recovery-secret
#include <array>

#include "client/cli/commands/store/daemon_program.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {kConfigOption, kProgramOption};

Outcome<> run(const Invocation& invocation) {
  return become_daemon(invocation, {"--recovery-secret"});
}

}  // namespace

const Command kStoreRecoverySecret = {
    .words = "store recovery-secret",
    .summary = "make a new recovery secret of the store and show it, with the service stopped",
    .options = kOptions,
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
