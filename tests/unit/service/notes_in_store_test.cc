#include "service/provider_use/notes_in_store.h"

#include <gtest/gtest.h>

#include "tests/support/in_memory_store.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::InMemoryStore;
using testing::IsOk;
using testing::IsOkAndHolds;

class NotesTest : public ::testing::Test {
 protected:
  static ProviderIdentity provider(const std::string& instance) {
    return {.uuid = {}, .instance = instance};
  }
  Result<> keep(std::string_view note, std::string_view content) {
    Result<> outcome = fail(Status::PsaErrorGenericError, "not told");
    notes.keep(note, *SecretBuffer::copy_of(view_of(content)),
               [&](Result<> kept) { outcome = std::move(kept); });
    return outcome;
  }
  Result<> forget(std::string_view note) {
    Result<> outcome = fail(Status::PsaErrorGenericError, "not told");
    notes.forget(note, [&](Result<> forgotten) { outcome = std::move(forgotten); });
    return outcome;
  }
  // Empty for none.
  static std::string recalled(NotesInStore& from, std::string_view note) {
    auto found = from.recall(note);
    EXPECT_THAT(found, IsOk());
    return found && *found ? std::string(text_of((*found)->reveal())) : "";
  }

  std::shared_ptr<InMemoryStore> store = std::make_shared<InMemoryStore>();
  NotesInStore notes{store, provider("tpm")};
};

TEST_F(NotesTest, AreRecalledUntilTheyAreForgotten) {
  EXPECT_EQ(recalled(notes, "root"), "");
  ASSERT_THAT(keep("root", "first"), IsOk());
  EXPECT_EQ(recalled(notes, "root"), "first");
  ASSERT_THAT(keep("root", "second"), IsOk());
  EXPECT_EQ(recalled(notes, "root"), "second");
  ASSERT_THAT(forget("root"), IsOk());
  EXPECT_EQ(recalled(notes, "root"), "");
  EXPECT_THAT(forget("root"), IsOk());
}

TEST_F(NotesTest, AreOfOneProviderAlone) {
  ASSERT_THAT(keep("root", "mine"), IsOk());
  NotesInStore others(store, provider("other"));
  EXPECT_EQ(recalled(others, "root"), "");
}

TEST_F(NotesTest, AreNoKeysOfAnyAuthenticator) {
  ASSERT_THAT(keep("root", "mine"), IsOk());
  for (int authenticator = 0; authenticator < kServiceAuthenticator; ++authenticator)
    EXPECT_TRUE(store->applications(static_cast<std::uint8_t>(authenticator)).empty());
}

TEST_F(NotesTest, AreChangedInOneStep) {
  ASSERT_THAT(keep("root", "first"), IsOk());
  store->hold_answers();
  notes.keep("root", *SecretBuffer::copy_of(view_of("second")), [](const Result<>&) {});
  EXPECT_EQ(store->give_held_answers(), 1U);
  EXPECT_EQ(recalled(notes, "root"), "second");
}

TEST_F(NotesTest, AreMissedWhereThereAreKeysOrTheStoreWasChanged) {
  using enum ProviderNotes::Absence;
  EXPECT_THAT(notes.absence(), IsOkAndHolds(NeverKept));
  ASSERT_THAT(keep("root", "mine"), IsOk());
  EXPECT_THAT(notes.absence(), IsOkAndHolds(NeverKept)) << "a note is no key";
  store->set_health({.is_checking = true, .reason = {}});
  EXPECT_THAT(notes.absence(), IsOkAndHolds(NotKnownYet));
  store->set_health({.reason = {}, .is_altered = true});
  EXPECT_THAT(notes.absence(), IsOkAndHolds(Lost));
  store->set_health({});
  KeyRecord key{.id = {.application = {.authenticator = 3, .name = "1000"},
                       .provider = provider("tpm"),
                       .name = "web"},
                .attributes = {},
                .material = {},
                .public_key = {}};
  store->create(std::move(key), [](const Result<>&) {});
  EXPECT_THAT(notes.absence(), IsOkAndHolds(Lost));
  EXPECT_THAT(NotesInStore(store, provider("other")).absence(), IsOkAndHolds(NeverKept));
}

TEST_F(NotesTest, TellOfAStoreThatFails) {
  store->fail_changes_with(Status::PsaErrorInsufficientStorage);
  EXPECT_THAT(keep("root", "mine"), FailsWith(Status::PsaErrorInsufficientStorage));
}

TEST_F(NotesTest, FailOnceTheStoreIsClosed) {
  store.reset();
  EXPECT_THAT(keep("root", "mine"), FailsWith(Status::ConnectionError));
  EXPECT_THAT(forget("root"), FailsWith(Status::ConnectionError));
  EXPECT_THAT(notes.recall("root"), FailsWith(Status::ConnectionError));
}

}  // namespace
}  // namespace strongroom
