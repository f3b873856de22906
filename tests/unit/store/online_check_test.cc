// The look at the whole store while it is in use.
#include <algorithm>
#include <future>

#include "tests/unit/store/tampering_fixture.h"

namespace strongroom::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class OnlineCheck : public TamperingTest {
 protected:
  void SetUp() override {
    TamperingTest::SetUp();
    ASSERT_THAT(store_.open(), IsOk());  // with nothing in memory yet
    ASSERT_FALSE(settled_health(*store_).is_degraded);
  }

  CheckReport check(CheckMode mode = CheckMode::Report) {
    std::promise<Result<CheckReportPtr>> answer;
    store_->check(
        mode, [&answer](Result<CheckReportPtr> report) { answer.set_value(std::move(report)); });
    Result<CheckReportPtr> report = answer.get_future().get();
    EXPECT_THAT(report, IsOk());
    return report ? **report : CheckReport();
  }

  void edit() { store_.sql("UPDATE key SET created = created + 1 WHERE name = x'776562'"); }
};

TEST_F(OnlineCheck, OfACleanStoreFindsNothing) {
  CheckReport report = check();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.records, 3U);
  EXPECT_EQ(report.verified, 3U);
  EXPECT_FALSE(report.is_accepted);
  EXPECT_FALSE(store_->health().is_degraded);
}

TEST_F(OnlineCheck, FindsARowThatWasEditedMeanwhileAndNotUsed) {
  edit();
  EXPECT_FALSE(store_->health().is_degraded);
  CheckReport report = check();
  EXPECT_THAT(report.findings, Contains(Field(&Finding::kind, Finding::Kind::HeadDiffers)));
  auto found = std::ranges::find(report.findings, Finding::Kind::Unreadable, &Finding::kind);
  ASSERT_NE(found, report.findings.end());
  EXPECT_EQ(found->key, id_of("web"));
  EXPECT_EQ(report.verified, 2U);
  EXPECT_TRUE(store_->health().is_degraded);
  expect_unreadable("web");
  expect_usable("mail");
}

TEST_F(OnlineCheck, ThatIsAcceptedEndsTheComplaintNowAndAtTheNextStart) {
  edit();
  EXPECT_TRUE(check(CheckMode::Accept).is_accepted);
  EXPECT_FALSE(store_->health().is_degraded) << store_->health().reason;
  EXPECT_EQ(store_->health().unreadable_records, 1U);
  expect_unreadable("web");
  expect_usable("mail");
  ASSERT_THAT(create(*store_, "new"), IsOk());
  ASSERT_THAT(store_.open(), IsOk());
  EXPECT_FALSE(settled_health(*store_).is_degraded) << store_->health().reason;
  EXPECT_THAT(fsck(CheckMode::Report).findings,
              ElementsAre(Field(&Finding::kind, Finding::Kind::Unreadable)));
}

TEST_F(OnlineCheck, AcceptsWhatAReadHadNoticed) {
  edit();
  expect_unreadable("web");
  EXPECT_TRUE(store_->health().is_degraded);
  check(CheckMode::Accept);
  EXPECT_FALSE(store_->health().is_degraded) << store_->health().reason;
}

TEST_F(OnlineCheck, ThatIsAcceptedMakesADeletedRowAbsent) {
  store_.sql("DELETE FROM key WHERE name = x'776562'");
  EXPECT_THAT(check().findings, ElementsAre(Field(&Finding::kind, Finding::Kind::HeadDiffers)));
  check(CheckMode::Accept);
  EXPECT_THAT(store_->find(id_of("web")), FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(create(*store_, "web"), IsOk());
  EXPECT_FALSE(store_->health().is_degraded) << store_->health().reason;
  EXPECT_THAT(check().findings, IsEmpty());
}

TEST_F(OnlineCheck, MendsADamagedHeadWhenItIsAccepted) {
  tamper("UPDATE meta SET value = zeroblob(113) WHERE name = 'head'");
  expect_noticed();
  EXPECT_THAT(check().findings, ElementsAre(Field(&Finding::kind, Finding::Kind::HeadUnreadable)));
  EXPECT_TRUE(store_->health().is_degraded);
  check(CheckMode::Accept);
  EXPECT_FALSE(store_->health().is_degraded) << store_->health().reason;
  expect_usable("web");
}

TEST_F(OnlineCheck, ListsWhatIsUnfinished) {
  ASSERT_THAT(done(*store_, &Store::reserve, record_of("pending")), IsOk());
  ASSERT_THAT(begin_destroy(*store_, "mail"), IsOk());
  CheckReport report = check();
  EXPECT_THAT(report.findings,
              UnorderedElementsAre(Field(&Finding::kind, Finding::Kind::Pending),
                                   Field(&Finding::kind, Finding::Kind::Destroying)));
  EXPECT_EQ(report.verified, 4U);
  EXPECT_FALSE(store_->health().is_degraded);
}

TEST_F(OnlineCheck, GoesOnBesideChanges) {
  for (int i = 0; i < 1200; ++i)
    store_->create(record_of(fmt::format("key {}", i)), [](Result<>) {});
  std::vector<std::future<Result<CheckReportPtr>>> reports;
  for (int i = 0; i < 20; ++i) {
    auto answer = std::make_shared<std::promise<Result<CheckReportPtr>>>();
    reports.push_back(answer->get_future());
    store_->check(
        i % 2 == 0 ? CheckMode::Report : CheckMode::Accept,
        [answer](Result<CheckReportPtr> report) { answer->set_value(std::move(report)); });
    ASSERT_THAT(destroy(*store_, fmt::format("key {}", 2 * i)), IsOk());
    ASSERT_THAT(create(*store_, fmt::format("later {}", i)), IsOk());
  }
  for (auto& report : reports) {
    Result<CheckReportPtr> found = report.get();
    ASSERT_THAT(found, IsOk());
    EXPECT_THAT((*found)->findings, IsEmpty());
  }
  EXPECT_EQ(check().records, 1203U);
  EXPECT_FALSE(store_->health().is_degraded) << store_->health().reason;
}

TEST_F(OnlineCheck, KeepsSomeOfManyFindings) {
  for (int i = 0; i < 1100; ++i)
    store_->create(record_of(fmt::format("key {}", i)), [](Result<>) {});
  ASSERT_THAT(create(*store_, "last"), IsOk());
  store_.sql("UPDATE key SET created = created + 1");
  CheckReport report = check();
  EXPECT_EQ(report.findings.size(), 1001U);
  EXPECT_EQ(report.findings.front().kind, Finding::Kind::HeadDiffers);
  EXPECT_EQ(report.left_out, 104U);  // of 1104 rows
  EXPECT_EQ(report.verified, 0U);
}

TEST_F(OnlineCheck, KeepsNoMoreOfItsFindingsThanTheirBytesAllow) {
  for (int i = 0; i < 300; ++i)
    store_->create(record_of(fmt::format("key {}", i)), [](Result<>) {});
  ASSERT_THAT(create(*store_, "last"), IsOk());
  store_.sql("UPDATE key SET name = CAST(name || zeroblob(4000) AS BLOB)");
  CheckReport report = check();
  EXPECT_EQ(report.records, 304U);
  std::size_t bytes = 0;
  for (const Finding& finding : report.findings) {
    EXPECT_LT(finding.text.size(), 1024U);
    bytes += finding.text.size() + (finding.key ? finding.key->name.size() : 0);
  }
  EXPECT_LE(bytes, std::size_t{512} * 1024 + 1024);  // that of the head is always kept
  EXPECT_GT(report.findings.size(), 100U);
  EXPECT_GT(report.left_out, 100U);
  EXPECT_EQ(report.findings.size() - 1 + report.left_out, 304U);
}

TEST_F(OnlineCheck, IsSharedByAllWhoAsked) {
  std::promise<CheckReportPtr> first;
  std::promise<CheckReportPtr> second;
  // From the writer's thread, so that both are there when the next one begins.
  store_->check(CheckMode::Report, [&](const Result<CheckReportPtr>&) {
    for (auto* answer : {&first, &second})
      store_->check(CheckMode::Report, [answer](Result<CheckReportPtr> report) {
        answer->set_value(report ? *report : nullptr);
      });
  });
  const CheckReportPtr report = first.get_future().get();
  EXPECT_NE(report, nullptr);
  EXPECT_EQ(second.get_future().get(), report);
}

}  // namespace
}  // namespace strongroom::testing
