#include "client/cli/commands/completion.h"

#include <gmock/gmock.h>

#include "client/cli/command.h"

namespace strongroom::cli {
namespace {

using ::testing::HasSubstr;

TEST(Completion, KnowsEveryCommandAndOption) {
  for (const std::string& script : {bash_completion(), zsh_completion()}) {
    for (const Command* command : commands()) {
      EXPECT_THAT(script, HasSubstr("'" + std::string(command->words) + "')"));
      for (const Option& option : command->options) {
        EXPECT_THAT(script, HasSubstr("--" + std::string(option.name)));
        if (option.argument.empty()) continue;
        EXPECT_THAT(script, HasSubstr("    '" + std::string(command->words) + " --" +
                                      std::string(option.name) + "') values='"));
      }
    }
    for (const Option& option : kGlobalOptions)
      EXPECT_THAT(script, HasSubstr("--" + std::string(option.name)));
  }
}

}  // namespace
}  // namespace strongroom::cli
