#include "tests/support/in_memory_store.h"

#include "tests/unit/store/store_fixture.h"
#include "tests/unit/store/store_suite.h"

namespace strongroom::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(InMemoryStore, StoreSuite,
                         ::testing::Values(StoreUnderTest{
                             "InMemory", [] { return std::make_shared<InMemoryStore>(); }}),
                         [](const auto& tested) { return tested.param.name; });

TEST(InMemoryStoreTest, UnreadableRecordsAnswerAsTheRealStoreDoes) {
  InMemoryStore store;
  ASSERT_THAT(create(store, "web"), IsOk());
  store.make_unreadable(id_of("web"));
  EXPECT_THAT(store.find(id_of("web")), FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(create(store, "web"), FailsWith(Status::PsaErrorAlreadyExists));
  EXPECT_THAT(destroy(store, "web"), FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_TRUE(store.health().is_degraded);
}

}  // namespace
}  // namespace strongroom::testing
