// strongroom store recover
#include <array>

#include "client/cli/commands/store/daemon_program.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {kConfigOption, kProgramOption};

Outcome<> run(const Invocation& invocation) {
  return become_daemon(invocation, {"--recover"});
}

}  // namespace

const Command kStoreRecover = {
    .words = "store recover",
    .summary =
        "open a store by its recovery secret, which is asked for, and seal it by the configured "
        "source",
    .options = kOptions,
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
