// What workers write is the service's log only line by line, cleaned and cut.
#include "service/spawner/worker_log.h"

#include <array>
#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "base/log.h"

namespace strongroom::spawner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size()))
    ++count;
  return count;
}

// What the log has of it.
std::string logged(std::string_view written) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  UniqueFd theirs(ends[1]);
  EXPECT_EQ(::write(theirs.get(), written.data(), written.size()),
            static_cast<ssize_t>(written.size()));
  theirs.reset();
  ::testing::internal::CaptureStderr();
  WorkerLog log{UniqueFd(ends[0]), 4711};
  log.read();
  log.finish();
  return ::testing::internal::GetCapturedStderr();
}

TEST(WorkerLogTest, ALineSaysWhichWorkerItIsFrom) {
  EXPECT_THAT(logged("no reader\n"), HasSubstr(" info component=token-worker worker 4711 says: no "
                                               "reader\n"));
}

TEST(WorkerLogTest, TheServicesOwnLinesKeepTheirLevel) {
  EXPECT_THAT(logged("2026-01-01T00:00:00.000 error component=token-worker the end\n"),
              HasSubstr(" error component=token-worker worker 4711 says: the end\n"));
  EXPECT_THAT(logged("2026-01-01T00:00:00.000 error component=pkcs11 no token\n"),
              HasSubstr(" error component=token-worker worker 4711 says: no token\n"));
}

TEST(WorkerLogTest, NoLineIsAnothersAndNoneHasControlCharacters) {
  const auto text = logged(
      "2026-01-01T00:00:00.000 error component=main stopped\n\x1b[2J\rcomponent=store deleted\n");
  EXPECT_EQ(count_of(text, "\n"), 2U);
  EXPECT_EQ(count_of(text, "component=token-worker worker 4711 says: "), 2U);
  EXPECT_THAT(text, HasSubstr("\\x1b[2J\\x0d"));
}

TEST(WorkerLogTest, ALongLineIsCut) {
  const auto text = logged(std::string(5 * WorkerLog::kMostOfLine, 'x') + "\nafter\n");
  EXPECT_LT(count_of(text, "x"), WorkerLog::kMostOfLine + 2);
  EXPECT_THAT(text, HasSubstr("says: after"));
}

TEST(WorkerLogTest, AFloodIsCountedOnly) {
  std::string flood;
  for (unsigned i = 0; i < 3 * WorkerLog::kMostLines; ++i)
    flood += "again\n";
  const auto text = logged(flood);
  EXPECT_EQ(count_of(text, "says: again"), WorkerLog::kMostLines);
  EXPECT_THAT(text, HasSubstr("worker 4711: 200 lines were left out"));
}

}  // namespace
}  // namespace strongroom::spawner
