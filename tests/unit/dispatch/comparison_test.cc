// What a look at the store finds when it compares records with the objects in devices.
#include <unistd.h>

#include "status.pb.h"
#include "store_check.pb.h"
#include "tests/support/fake_device.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::FakeDevice;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::request_of;
using testing::result_in;
using testing::ServiceUnderTest;

constexpr std::uint8_t kTokenId = 2;

class ComparisonTest : public ::testing::Test {
 protected:
  void SetUp() override { service_.caller.admin_socket = true; }

  void generate(std::string_view name = "web") {
    Request request = request_of(Opcode::PsaGenerateKey, testing::generate_body(name, ecc_pair()));
    request.header.provider = kTokenId;
    ASSERT_EQ(service_.status_of(std::move(request)), Status::Success);
  }
  store_check::Result check(const std::vector<std::string>& repaired = {}) {
    store_check::Operation operation;
    for (const std::string& subject : repaired)
      operation.add_repair(subject);
    return result_in<store_check::Result>(
        service_.ask(request_of(Opcode::StoreCheck, *serialized(operation))));
  }
  // Of the one finding there is.
  store_check::Finding finding() {
    const store_check::Result result = check();
    EXPECT_EQ(result.findings_size(), 1);
    return result.findings_size() == 1 ? result.findings(0) : store_check::Finding();
  }
  KeyId id_of(std::string_view name) {
    KeyId id = service_.id_of(name);
    id.provider = device_->description().identity;
    return id;
  }

  std::shared_ptr<FakeDevice> device_ = std::make_shared<FakeDevice>();
  ServiceUnderTest service_{
      {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}, .others = {device_}}};
};

TEST_F(ComparisonTest, FindsNothingWhereStoreAndDeviceAgree) {
  generate("one");
  generate("two");
  EXPECT_EQ(check().findings_size(), 0);
}

TEST_F(ComparisonTest, TellsOfOrphansOnEitherSide) {
  generate("web");
  device_->lose_objects();
  const store_check::Finding missing = finding();
  EXPECT_EQ(missing.kind(), store_check::OBJECT_MISSING);
  EXPECT_THAT(missing.text(), HasSubstr("key 'web'"));
  generate("mail");
  device_->add_object("of nobody");
  const store_check::Result both = check();
  ASSERT_EQ(both.findings_size(), 2);
  EXPECT_EQ(both.findings(1).kind(), store_check::ORPHAN_OBJECT);
}

TEST_F(ComparisonTest, TellsOfAnOrphanWhatTheDeviceTells) {
  device_->add_object("of nobody");
  const store_check::Finding orphan = finding();
  EXPECT_EQ(orphan.text(),
            "provider 'token': an object of no key: object " + to_hex(view_of("of nobody")));
}

TEST_F(ComparisonTest, TellsOfKeysWhoseProviderIsNotConfigured) {
  KeyId id = id_of("web");
  id.provider.instance = "renamed";
  service_.store().create(KeyRecord{.id = id, .attributes = ecc_pair()}, [](const Result<>&) {});
  const store_check::Finding missing = finding();
  EXPECT_EQ(missing.kind(), store_check::NOT_COMPARED);
  EXPECT_EQ(missing.text(),
            "provider 'renamed' was not compared: it is not configured: no provider "
            "has that name and type, and 1 key needs it");
  const auto status = result_in<::status::Result>(service_.ask(request_of(Opcode::Status, {})));
  const ::status::Provider& shown = *status.providers().rbegin();
  EXPECT_EQ(shown.name(), "renamed");
  EXPECT_EQ(shown.since(), 0U);
  EXPECT_THAT(shown.reason(), HasSubstr("not configured"));
}

TEST_F(ComparisonTest, RepairsWhatItIsToldToAndNothingElse) {
  generate("web");
  generate("mail");
  device_->lose_objects();
  generate("there");
  device_->add_object("of nobody");
  const store_check::Result found = check();
  ASSERT_EQ(found.findings_size(), 3);
  for (const store_check::Finding& each : found.findings()) {
    if (!each.text().contains("'mail'")) continue;
    const store_check::Result repaired = check({each.subject()});
    EXPECT_EQ(repaired.repaired(), 1U);
    ASSERT_EQ(repaired.repairs_size(), 1);
    EXPECT_EQ(repaired.repairs(0).text(), each.text());
    EXPECT_EQ(repaired.findings_size(), 2);
  }
  EXPECT_THAT(service_.store().find(id_of("mail")),
              testing::FailsWith(Status::PsaErrorDoesNotExist));
  EXPECT_THAT(service_.store().find(id_of("web")), testing::IsOk());
  EXPECT_EQ(device_->objects(), 2U);
  const store_check::Result left = check();
  std::vector<std::string> subjects;
  for (const store_check::Finding& each : left.findings())
    subjects.push_back(each.subject());
  const store_check::Result repaired = check(subjects);
  EXPECT_EQ(repaired.repaired(), 2U);
  ASSERT_EQ(repaired.repairs_size(), 2);
  EXPECT_EQ(repaired.repairs(0).kind(), store_check::OBJECT_MISSING);
  EXPECT_EQ(repaired.repairs(1).kind(), store_check::ORPHAN_OBJECT);
  EXPECT_EQ(repaired.findings_size(), 0);
  EXPECT_EQ(device_->objects(), 1U);
  EXPECT_THAT(service_.store().find(id_of("there")), testing::IsOk());
}

TEST_F(ComparisonTest, DoesNotRepairWhatIsNotSoAnyMore) {
  generate("web");
  device_->is_away = false;
  const std::string record = fmt::format("record:{}:{}", device_->description().identity.instance,
                                         (*service_.store().find(id_of("web")))->serial);
  EXPECT_EQ(check({record, "object:token:00", "nonsense"}).repaired(), 0U);
  EXPECT_THAT(service_.store().find(id_of("web")), testing::IsOk());
  EXPECT_EQ(device_->objects(), 1U);
}

TEST_F(ComparisonTest, LeavesAnotherKeyInTheDeviceWhereItIs) {
  generate("web");
  device_->replace_objects();
  const store_check::Finding differs = finding();
  EXPECT_EQ(differs.kind(), store_check::OBJECT_DIFFERS);
  EXPECT_EQ(check({differs.subject()}).repaired(), 1U);
  EXPECT_EQ(device_->objects(), 1U);
  EXPECT_EQ(finding().kind(), store_check::ORPHAN_OBJECT);
}

TEST_F(ComparisonTest, IsNotMadeWhileTheDeviceIsAway) {
  generate("web");
  device_->is_away = true;
  const store_check::Finding not_compared = finding();
  EXPECT_EQ(not_compared.kind(), store_check::NOT_COMPARED);
  EXPECT_THAT(not_compared.subject(), IsEmpty());
  EXPECT_THAT(not_compared.text(), HasSubstr("the device is away"));
}

TEST_F(ComparisonTest, LetsNoObjectGoThatMayBeOfARecordThatDoesNotVerify) {
  generate("web");
  service_.store().make_unreadable(id_of("web"));
  const store_check::Result found = check();
  for (const store_check::Finding& each : found.findings())
    EXPECT_THAT(each.subject(), IsEmpty()) << each.text();
}

TEST_F(ComparisonTest, TellsOfNoOrphanWhereARecordCannotBeRead) {
  generate("web");
  service_.store().fail_to_find(id_of("web"), Status::KeyInfoManagerError);
  EXPECT_EQ(finding().kind(), store_check::NOT_COMPARED);
}

TEST_F(ComparisonTest, SeesWhatIsBeingDestroyedAsNoOrphan) {
  generate("web");
  const KeyRecordPtr key = *service_.store().find(id_of("web"));
  service_.store().begin_destroy(*key, [](const Result<>&) {});
  const store_check::Result found = check();
  for (const store_check::Finding& each : found.findings())
    EXPECT_NE(each.kind(), store_check::ORPHAN_OBJECT);
}

TEST_F(ComparisonTest, IsOfManyKeys) {
  for (int i = 0; i < 200; ++i)
    generate(fmt::format("k{}", i));
  EXPECT_EQ(check().findings_size(), 0);
  device_->lose_objects();
  EXPECT_EQ(check().findings_size(), 200);
}

}  // namespace
}  // namespace strongroom
