// strongroom migrate parsec
#include <array>

#include "client/cli/commands/store/daemon_program.h"

namespace strongroom::cli {
namespace {

constexpr const char* kParsecConfiguration = "/etc/parsec/config.toml";

constexpr std::array kOptions = {
    Option{"config", "FILE", "the configuration of Parsec's service, else /etc/parsec/config.toml",
           kFiles},
    Option{"dry-run", "", "tell what would become of each key, and do nothing"},
    Option{"mbed-crypto-keys", "DIR",
           "the directory that Parsec's service runs in, where its software keys are: *.psa_its",
           kFiles},
    Option{"strongroom-config", "FILE",
           "the configuration of strongroomd, else /etc/strongroom/strongroom.toml", kFiles},
    kProgramOption,
};

Outcome<> run(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  std::vector<std::string> words{"--migrate-parsec",
                                 arguments.value("config").value_or(kParsecConfiguration)};
  if (arguments.has("dry-run")) words.emplace_back("--dry-run");
  if (const auto keys = arguments.value("mbed-crypto-keys"))
    words.insert(words.end(), {"--mbed-crypto-keys", *keys});
  return become_daemon_of(arguments.value("strongroom-config"), invocation, std::move(words));
}

}  // namespace

const Command kMigrateParsec = {
    .words = "migrate parsec",
    .summary = "take over the keys of Parsec's service, with both services stopped",
    .options = kOptions,
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
