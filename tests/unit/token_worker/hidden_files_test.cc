#include "providers/token_worker/hidden_files.h"

#include <gmock/gmock.h>

namespace strongroom::token_worker {
namespace {

using ::testing::ElementsAre;

TEST(HiddenFilesTest, WhoIsThereLearnsOfWhatIsNewAlone) {
  HiddenFiles hidden({"/a"});
  int calls = 0;
  auto whose = std::make_shared<int>();
  hidden.on_more(whose, [&] { ++calls; });
  hidden.add({"/a"});
  EXPECT_EQ(calls, 0);
  hidden.add({"/a", "/b"});
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(hidden.all(), ElementsAre("/a", "/b"));
  whose.reset();
  hidden.add({"/c"});
  EXPECT_EQ(calls, 1);
}

// A token that is away is looked for by one provider after the other.
TEST(HiddenFilesTest, NothingStaysOfThoseThatHaveGone) {
  HiddenFiles hidden;
  std::weak_ptr<int> held;
  for (int i = 0; i < 3; ++i) {
    auto whose = std::make_shared<int>();
    auto what = std::make_shared<int>();
    if (i == 0) held = what;
    hidden.on_more(whose, [what] {});
  }
  EXPECT_TRUE(held.expired());
}

}  // namespace
}  // namespace strongroom::token_worker
