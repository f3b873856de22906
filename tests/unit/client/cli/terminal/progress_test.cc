#include "client/cli/terminal/progress.h"

#include <sstream>

#include <gmock/gmock.h>

#include "client/cli/command.h"

namespace strongroom::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class Progress : public ::testing::Test {
 protected:
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Streams streams_{.in = in_,
                   .out = out_,
                   .err = err_,
                   .out_is_terminal = true,
                   .columns = 60,
                   .shows_progress = true};
};

TEST(ByteCount, HasAUnitThatFits) {
  EXPECT_EQ(byte_count(0), "0 B");
  EXPECT_EQ(byte_count(999), "999 B");
  EXPECT_EQ(byte_count(1'234'567), "1.2 MB");
  EXPECT_EQ(byte_count(999'999), "1.0 MB");
  EXPECT_EQ(byte_count(~std::uint64_t{0}), "18.4 EB");
}

TEST_F(Progress, OfWhatIsQuickIsNotShown) {
  {
    ProgressBar bar(streams_, 100);
    bar.advance(100);
    Spinner spinner(streams_, "generating");
  }
  EXPECT_EQ(err_.str(), "");
}

TEST_F(Progress, BarIsShownAfterAWhileAndTakenAway) {
  {
    ProgressBar bar(streams_, 4'000'000);
    std::this_thread::sleep_for(550ms);
    bar.advance(1'000'000);
  }
  EXPECT_THAT(err_.str(), HasSubstr("25 %  1.0 MB"));
  EXPECT_THAT(err_.str(), HasSubstr("[###"));
  EXPECT_THAT(err_.str(), EndsWith("\r\x1b[K"));
}

TEST_F(Progress, SpinnerTellsTheTimeAndIsTakenAway) {
  {
    Spinner spinner(streams_, "generating key 'x'");
    std::this_thread::sleep_for(700ms);
  }
  EXPECT_THAT(err_.str(), HasSubstr("generating key 'x'"));
  EXPECT_THAT(err_.str(), EndsWith("\r\x1b[K"));
}

TEST_F(Progress, IsNotShownToWhoWantsNone) {
  streams_.shows_progress = false;
  {
    ProgressBar bar(streams_, 4'000'000);
    Spinner spinner(streams_, "generating");
    std::this_thread::sleep_for(550ms);
    bar.advance(1'000'000);
  }
  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace strongroom::cli
