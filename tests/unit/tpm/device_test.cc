#include "providers/tpm/device/device.h"

#include <thread>

#include "providers/tpm/device/frame.h"
#include "tests/support/hex.h"
#include "tests/support/matchers.h"
#include "tests/support/tpm/fault_tcti.h"
#include "tests/support/tpm/sw_tpm.h"

namespace strongroom::tpm {
namespace {

using namespace std::chrono_literals;
using testing::FailsWith;
using testing::from_hex;
using testing::IsOk;

class DeviceTest : public testing::WithSwTpm {
 protected:
  std::unique_ptr<Device> device(const Device::Limits& limits = {}) {
    auto made = Device::over(faults.around([] { return open_tcti(tpm().tcti()); }), limits);
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  static Outcome<MutableByteView> draw(Device& device) {
    return device.transact("TPM2_GetRandom", from_hex("80 01 00 00 00 0c 00 00 01 7b 00 08"));
  }

  testing::Faults faults;
};

TEST_F(DeviceTest, ExchangesACommandForItsAnswer) {
  auto device = this->device();
  auto answer = draw(*device);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->size(), 20U);
  EXPECT_EQ(response_code(*answer), TPM2_RC_SUCCESS);
}

TEST_F(DeviceTest, OneThatIsNotThereIsToldWithWhatIsMissing) {
  auto nowhere = open_tcti("device:/dev/no-such-tpm");
  ASSERT_THAT(nowhere, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(nowhere.error().message(), ::testing::HasSubstr("there is no such device"));
  auto unknown = open_tcti("parcel-post:here");
  ASSERT_THAT(unknown, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(unknown.error().message(),
              ::testing::HasSubstr("is libtss2-tcti-parcel-post installed?"));
}

TEST_F(DeviceTest, ErrorsOfTheTpmAreAnswers) {
  auto device = this->device();
  auto answer = device->transact("TPM2_Test", from_hex("80 01 00 00 00 0a 00 00 0f ff"));
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(response_code(*answer), TPM2_RC_COMMAND_CODE);
}

TEST_F(DeviceTest, ABusyTpmIsAskedAgain) {
  auto device = this->device();
  for (TPM2_RC code : {TPM2_RC_RETRY, TPM2_RC_YIELDED, TPM2_RC_TESTING, TPM2_RC_NV_RATE}) {
    faults.refuse_next(TPM2_CC_GetRandom, code, 3);
    faults.forget_sent();
    auto answer = draw(*device);
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(response_code(*answer), TPM2_RC_SUCCESS);
    EXPECT_EQ(faults.sent().size(), 4U);
  }
}

TEST_F(DeviceTest, ATpmThatStaysBusyIsGivenUp) {
  auto device = this->device({.busy = 50ms});
  faults.on_command = [](auto, auto) { return TPM2_RC_TESTING; };
  auto answer = draw(*device);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(response_code(*answer), TPM2_RC_TESTING);
}

TEST_F(DeviceTest, AnswersOfAnotherSizeThanTheySayAreRefused) {
  auto device = this->device();
  faults.on_answer = [](auto, Bytes& answer) { answer.pop_back(); };
  EXPECT_THAT(draw(*device), FailsWith(Status::PsaErrorCommunicationFailure));
  faults.on_answer = [](auto, Bytes& answer) { answer.resize(9); };
  EXPECT_THAT(draw(*device), FailsWith(Status::PsaErrorCommunicationFailure));
  faults.on_answer = [](auto, Bytes& answer) { answer.resize(Device::kMostBytes + 1); };
  EXPECT_THAT(draw(*device), FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(DeviceTest, AfterAFailureTheInterfaceIsOpenedAgain) {
  auto device = this->device();
  ASSERT_THAT(draw(*device), IsOk());
  faults.on_answer = [](auto, Bytes& answer) { answer.clear(); };
  EXPECT_FALSE(draw(*device));
  faults.on_answer = {};
  EXPECT_THAT(draw(*device), IsOk());
  EXPECT_EQ(faults.openings(), 2);
}

TEST_F(DeviceTest, ATpmThatWasKilledIsDownUntilItRunsAgain) {
  auto device = this->device();
  ASSERT_THAT(draw(*device), IsOk());
  tpm().kill();
  EXPECT_THAT(draw(*device), FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(draw(*device), FailsWith(Status::PsaErrorHardwareFailure));
  tpm().start();
  EXPECT_THAT(draw(*device), IsOk());
}

TEST_F(DeviceTest, AnAbsentTpmIsNamed) {
  auto opened = open_tcti("swtpm:path=/nonexistent/tpm");
  ASSERT_THAT(opened, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(opened.error().message(),
              ::testing::StartsWith("opening TPM 'swtpm:path=/nonexistent/tpm': "
                                    "Tss2_TctiLdr_Initialize: 0xa000a"));
}

TEST(Tcti, TheNameTellsOfAResourceManager) {
  EXPECT_TRUE(has_resource_manager("device:/dev/tpmrm0"));
  EXPECT_TRUE(has_resource_manager("tabrmd:bus_type=session"));
  EXPECT_FALSE(has_resource_manager("device:/dev/tpm0"));
  EXPECT_FALSE(has_resource_manager("swtpm:path=/run/tpm"));
}

}  // namespace
}  // namespace strongroom::tpm
