// Keys that are objects in a device, in two phases, whatever comes between.
#include "service/dispatch/device_keys/device_keys.h"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "delete_client.pb.h"
#include "psa_destroy_key.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_device.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::eventually;
using testing::FailsWith;
using testing::FakeDevice;
using testing::InMemoryStore;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::request_of;
using testing::ServiceUnderTest;
using ::testing::SizeIs;

constexpr std::uint8_t kTokenId = 2;
class DeviceKeysTest : public ::testing::Test {
 protected:
  Request to_device(Opcode opcode, Bytes body) {
    Request request = request_of(opcode, std::move(body));
    request.header.provider = kTokenId;
    return request;
  }
  Request generation(std::string_view name = "web") {
    return to_device(Opcode::PsaGenerateKey, testing::generate_body(name, ecc_pair()));
  }
  Request use(std::string_view name = "web") {
    return to_device(Opcode::PsaSignHash, testing::valid_body(Opcode::PsaSignHash, name));
  }
  Request destruction(std::string_view name = "web") {
    psa_destroy_key::Operation request;
    request.set_key_name(std::string(name));
    return to_device(Opcode::PsaDestroyKey, *serialized(request));
  }
  Status generate(std::string_view name = "web") { return service_.status_of(generation(name)); }
  Status destroy() { return service_.status_of(destruction()); }

  // With all keys of the caller.
  Status delete_client() {
    ::delete_client::Operation request;
    request.set_client(std::to_string(::getuid()));
    service_.caller.admin_socket = true;
    return service_.status_of(request_of(Opcode::DeleteClient, *serialized(request)));
  }

  KeyId id_of(std::string_view name = "web") {
    KeyId id = service_.id_of(name);
    id.provider = device_->description().identity;
    return id;
  }
  auto unfinished() { return store().unfinished(device_->description().identity); }
  bool is_plain() {
    return unfinished()->empty() && service_.device_keys().left_of(id_of().provider) == 0;
  }
  InMemoryStore& store() { return service_.store(); }
  // Until nothing of the kind is left, and then there is neither record nor object.
  void expect_nothing_left() {
    EXPECT_TRUE(eventually([&] { return is_plain(); }));
    EXPECT_EQ(device_->objects(), 0U);
    EXPECT_THAT(store().check_free(id_of()), IsOk());
    EXPECT_THAT(store().find(id_of()), FailsWith(Status::PsaErrorDoesNotExist));
  }
  // The state of the one that is unfinished.
  KeyState state() {
    const auto left = *unfinished();
    EXPECT_THAT(left, SizeIs(1));
    return left.empty() ? KeyState::Present : left[0].state;
  }

  std::shared_ptr<FakeDevice> device_ = std::make_shared<FakeDevice>();
  ServiceUnderTest service_{
      {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}, .others = {device_}}};
};

TEST_F(DeviceKeysTest, ANameIsTakenBeforeTheObjectIsMade) {
  device_->making.close();
  auto answer = service_.begin(generation());
  device_->making.await_entered(1);
  EXPECT_EQ(state(), KeyState::Pending);
  EXPECT_EQ(service_.status_of(use()), Status::PsaErrorDoesNotExist);
  EXPECT_EQ(generate(), Status::PsaErrorAlreadyExists);
  EXPECT_THAT(store().keys_of(id_of().application), IsOkAndHolds(IsEmpty()));
  device_->making.open();
  EXPECT_EQ(answer.get().header.status, std::to_underlying(Status::Success));
  EXPECT_TRUE(is_plain());
  EXPECT_EQ(service_.status_of(use()), Status::Success);
  EXPECT_EQ(device_->objects(), 1U);
}

TEST_F(DeviceKeysTest, AnImportGoesTheSameWay) {
  device_->making.close();
  auto answer = service_.begin(to_device(
      Opcode::PsaImportKey, testing::import_body("web", ecc_pair(), view_of("a private key"))));
  device_->making.await_entered(1);
  EXPECT_EQ(state(), KeyState::Pending);
  device_->making.open();
  EXPECT_EQ(answer.get().header.status, std::to_underlying(Status::Success));
  EXPECT_TRUE(is_plain());
}

TEST_F(DeviceKeysTest, PublicKeysAreInNoDevice) {
  psa::KeyAttributes attributes = ecc_pair();
  attributes.type.kind = psa::KeyType::Kind::EccPublicKey;
  EXPECT_EQ(service_.status_of(to_device(Opcode::PsaImportKey,
                                         testing::import_body("web", attributes, view_of("key")))),
            Status::Success);
  EXPECT_EQ(device_->objects(), 0U);
  EXPECT_EQ(destroy(), Status::Success);
}

TEST_F(DeviceKeysTest, AFailureLeavesNothingAndTheNameFree) {
  device_->fail_next(Status::PsaErrorNotSupported);
  EXPECT_EQ(generate(), Status::PsaErrorNotSupported);
  EXPECT_TRUE(is_plain());
  EXPECT_EQ(device_->objects(), 0U);
  EXPECT_EQ(generate(), Status::Success);
}

TEST_F(DeviceKeysTest, WhatADeviceThatWentAwayHasMadeIsDestroyedWhenItIsBack) {
  device_->making.close();
  auto answer = service_.begin(generation());
  device_->making.await_entered(1);
  device_->is_away = true;
  device_->making.open();
  EXPECT_EQ(answer.get().header.status, std::to_underlying(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(store().check_free(id_of()), IsOk());
  EXPECT_EQ(state(), KeyState::Destroying);
  EXPECT_EQ(device_->objects(), 1U);
  EXPECT_TRUE(eventually([&] { return service_.device_keys().left_of(id_of().provider) == 1; }));
  device_->is_away = false;
  expect_nothing_left();
}

TEST_F(DeviceKeysTest, NothingIsReservedWhileTheDeviceIsAway) {
  device_->is_away = true;
  EXPECT_EQ(generate(), Status::PsaErrorHardwareFailure);
  EXPECT_TRUE(is_plain());
}

TEST_F(DeviceKeysTest, AKeyThatTheStoreDoesNotTakeIsDestroyed) {
  int made = 0;
  for (Status status : {Status::PsaErrorInsufficientStorage, Status::KeyInfoManagerError}) {
    device_->making.close();
    auto answer = service_.begin(generation());
    device_->making.await_entered(++made);
    store().fail_changes_with(status);
    device_->making.open();
    EXPECT_EQ(answer.get().header.status, std::to_underlying(status));
    EXPECT_EQ(state(), KeyState::Pending);
    store().fail_changes_with(Status::Success);
    expect_nothing_left();
  }
}

TEST_F(DeviceKeysTest, WithoutRoomForItsReservationNoKeyIsMade) {
  for (Status status : {Status::PsaErrorInsufficientStorage, Status::KeyInfoManagerError}) {
    store().fail_changes_with(status);
    EXPECT_EQ(generate(), status);
    store().fail_changes_with(Status::Success);
    expect_nothing_left();
  }
}

TEST_F(DeviceKeysTest, TheReservationOfAClientThatIsGoneIsUndone) {
  std::stop_source gone;
  store().hold_answers();
  auto answer = service_.begin(generation(), gone.get_token());
  ASSERT_TRUE(eventually([&] { return store().held_answers() == 1; }));
  gone.request_stop();
  EXPECT_TRUE(eventually([&] {
    store().give_held_answers();
    return is_plain();
  }));
  EXPECT_EQ(device_->objects(), 0U);
  EXPECT_THAT(store().check_free(id_of()), IsOk());
  EXPECT_THROW(answer.get(), std::future_error);
}

TEST_F(DeviceKeysTest, AKeyBeingMadeForAClientThatGoesIsUndone) {
  std::stop_source gone;
  device_->making.close();
  auto answer = service_.begin(generation(), gone.get_token());
  device_->making.await_entered(1);
  gone.request_stop();
  EXPECT_TRUE(eventually([&] { return is_plain(); }));
  EXPECT_EQ(device_->objects(), 0U);
}

TEST_F(DeviceKeysTest, AStopLeavesATraceOfWhatIsBeingMade) {
  store().hold_answers();
  auto answer = service_.begin(generation());
  ASSERT_TRUE(eventually([&] { return store().held_answers() == 1; }));
  service_.device_keys().stop();
  service_.lanes().stop();
  store().give_held_answers();
  EXPECT_EQ(state(), KeyState::Pending);
}

TEST_F(DeviceKeysTest, TheObjectGoesWithItsKey) {
  ASSERT_EQ(generate(), Status::Success);
  EXPECT_EQ(destroy(), Status::Success);
  EXPECT_TRUE(is_plain());
  EXPECT_EQ(device_->objects(), 0U);
  EXPECT_EQ(destroy(), Status::PsaErrorDoesNotExist);
}

TEST_F(DeviceKeysTest, TheStoreWaitsForNoDevice) {
  ASSERT_EQ(generate(), Status::Success);
  device_->ending.close();
  store().hold_answers();
  auto answer = service_.begin(destruction());
  ASSERT_TRUE(eventually([&] { return store().held_answers() == 1; }));
  EXPECT_EQ(store().give_held_answers(), 1U);  // returns: this is the store's thread
  device_->ending.await_entered(1);
  EXPECT_EQ(state(), KeyState::Destroying);
  EXPECT_THAT(store().check_free(id_of()), IsOk());
  EXPECT_EQ(service_.status_of(use()), Status::PsaErrorDoesNotExist);
  device_->ending.open();
  ASSERT_TRUE(eventually([&] { return store().held_answers() == 1; }));
  store().give_held_answers();
  EXPECT_EQ(answer.get().header.status, std::to_underlying(Status::Success));
  EXPECT_TRUE(is_plain());
}

TEST_F(DeviceKeysTest, ADeviceThatIsAwayDestroysWhenItIsBack) {
  ASSERT_EQ(generate(), Status::Success);
  device_->is_away = true;
  EXPECT_EQ(destroy(), Status::PsaErrorHardwareFailure);
  EXPECT_EQ(service_.status_of(use()), Status::PsaErrorDoesNotExist);
  EXPECT_THAT(store().check_free(id_of()), IsOk());
  EXPECT_EQ(state(), KeyState::Destroying);
  device_->is_away = false;
  expect_nothing_left();
}

TEST_F(DeviceKeysTest, ADestructionOutlivesItsClient) {
  ASSERT_EQ(generate(), Status::Success);
  std::stop_source gone;
  store().hold_answers();
  auto answer = service_.begin(destruction(), gone.get_token());
  ASSERT_TRUE(eventually([&] { return store().held_answers() == 1; }));
  gone.request_stop();
  EXPECT_TRUE(eventually([&] {
    store().give_held_answers();
    return is_plain();
  }));
  EXPECT_EQ(device_->objects(), 0U);
}

// The store may have done it, or not: what it says afterwards counts.
TEST_F(DeviceKeysTest, ADestructionOfUnknownOutcomeDestroysNothingThatIsThere) {
  ASSERT_EQ(generate(), Status::Success);
  store().fail_changes_with(Status::KeyInfoManagerError);
  EXPECT_EQ(destroy(), Status::KeyInfoManagerError);
  store().fail_changes_with(Status::Success);
  EXPECT_TRUE(eventually([&] { return is_plain(); }));
  EXPECT_EQ(service_.status_of(use()), Status::Success);
}

TEST_F(DeviceKeysTest, ARecordThatCannotBeRemovedAtOnceIsRemovedLater) {
  ASSERT_EQ(generate(), Status::Success);
  device_->ending.close();
  auto answer = service_.begin(destruction());
  device_->ending.await_entered(1);
  store().fail_changes_with(Status::PsaErrorInsufficientStorage);
  device_->ending.open();
  EXPECT_EQ(answer.get().header.status, std::to_underlying(Status::Success));
  EXPECT_EQ(state(), KeyState::Destroying);
  store().fail_changes_with(Status::Success);
  expect_nothing_left();
}

TEST_F(DeviceKeysTest, WhoDestroysAKeyThatTheDeviceHasLostHearsOfIt) {
  ASSERT_EQ(generate(), Status::Success);
  device_->lose_objects();
  EXPECT_EQ(service_.status_of(use()), Status::PsaErrorDoesNotExist);
  EXPECT_EQ(destroy(), Status::PsaErrorDoesNotExist);
  expect_nothing_left();
  EXPECT_EQ(generate(), Status::Success);
}

TEST_F(DeviceKeysTest, AnotherKeyInItsPlaceIsNeitherUsedNorDestroyed) {
  ASSERT_EQ(generate(), Status::Success);
  device_->replace_objects();
  EXPECT_EQ(service_.status_of(use()), Status::PsaErrorDataCorrupt);
  EXPECT_EQ(destroy(), Status::PsaErrorDataCorrupt);
  EXPECT_TRUE(is_plain());
  EXPECT_EQ(device_->objects(), 1U);
  EXPECT_EQ(generate(), Status::Success);
}

TEST_F(DeviceKeysTest, AKeyOfATokenThatIsNotConfiguredLeavesATrace) {
  constexpr std::array<unsigned char, 16> kTokens = {0x30, 0xe3, 0x95, 0x02, 0xeb, 0xa6,
                                                     0x4d, 0x60, 0xa4, 0xaf, 0xc5, 0x18,
                                                     0xb7, 0xf5, 0xe3, 0x8f};
  KeyRecord record{.id = id_of(),
                   .attributes = ecc_pair(),
                   .material = *SecretBuffer::copy_of(view_of("object")),
                   .public_key = {}};
  std::ranges::transform(kTokens, record.id.provider.uuid.begin(),
                         [](unsigned char byte) { return std::byte{byte}; });
  const ProviderIdentity token = record.id.provider;
  store().create(std::move(record), [](const Result<>& created) { EXPECT_THAT(created, IsOk()); });
  EXPECT_EQ(delete_client(), Status::Success);
  EXPECT_THAT(store().keys_of(id_of().application), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(store().unfinished(token), IsOkAndHolds(SizeIs(1)));
}

TEST_F(DeviceKeysTest, AClientIsDeletedWhileItsDeviceIsAway) {
  ASSERT_EQ(generate("one"), Status::Success);
  ASSERT_EQ(generate("two"), Status::Success);
  device_->is_away = true;
  EXPECT_EQ(delete_client(), Status::Success);
  EXPECT_THAT(store().keys_of(id_of().application), IsOkAndHolds(IsEmpty()));
  device_->is_away = false;
  EXPECT_TRUE(eventually([&] { return is_plain(); }));
  EXPECT_EQ(device_->objects(), 0U);
}

}  // namespace
}  // namespace strongroom
