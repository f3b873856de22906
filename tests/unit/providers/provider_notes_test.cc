#include "providers/provider_notes.h"

#include "tests/support/fake_notes.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::FakeNotes;
using testing::IsOk;

// As those of a store that is closed.
class DroppingNotes final : public ProviderNotes {
 public:
  Result<std::optional<SecretBuffer>> recall(std::string_view) override { return std::nullopt; }
  void keep(std::string_view, SecretBuffer, Done) override {}
  void forget(std::string_view, Done) override {}
  Result<Absence> absence() override { return Absence::NeverKept; }
};

Result<> keep(ProviderNotes& notes, std::chrono::milliseconds patience) {
  return keep_and_wait(notes, "note", *SecretBuffer::copy_of(view_of("text")), patience);
}

TEST(KeepAndWaitTest, EndsAsTheStoreSays) {
  FakeNotes notes;
  EXPECT_THAT(keep(notes, 20s), IsOk());
  EXPECT_TRUE(notes.has("note"));
  notes.fail_with(Status::PsaErrorInsufficientStorage);
  EXPECT_THAT(keep(notes, 20s), FailsWith(Status::PsaErrorInsufficientStorage));
}

TEST(KeepAndWaitTest, FailsWhenTheNotesEndMeanwhile) {
  DroppingNotes notes;
  EXPECT_THAT(keep(notes, 10ms), FailsWith(Status::ConnectionError));
}

TEST(KeepAndWaitTest, HearsNoAnswerThatIsLate) {
  FakeNotes notes;
  notes.hold();
  EXPECT_THAT(keep(notes, 10ms), FailsWith(Status::ConnectionError));
  notes.tell();
}

}  // namespace
}  // namespace strongroom
