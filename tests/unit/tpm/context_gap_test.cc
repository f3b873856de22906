// TPM 2.0 r1.59 Part 1 §30.5: while the context of an old session is saved, a TPM counts so many
// others, and then saves no more.
#include "tests/unit/tpm/tpm_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::IsOk;

// Somebody else on the same TPM, who has come there.
class ContextGapTest : public TpmFixture {
 protected:
  void SetUp() override {
    TpmFixture::SetUp();
    if (IsSkipped()) return;
    primitives.emplace(*Primitives::load());
    device = *Device::over([] { return open_tcti(WithSwTpm::tpm().tcti()); });
    other.emplace(*device, *primitives);
  }
  void reach_the_gap() {
    auto old = start_session(*other, std::nullopt);
    auto young = start_session(*other, std::nullopt);
    ASSERT_THAT(old, IsOk());
    ASSERT_THAT(young, IsOk());
    ASSERT_THAT(save_context(*other, old->handle()), IsOk());
    constexpr int kMost = 0x10000;
    for (int i = 0; i < kMost; ++i) {
      auto saved = save_context(*other, young->handle());
      if (!saved) {
        ASSERT_EQ(saved.error().code(), TPM2_RC_CONTEXT_GAP) << i;
        EXPECT_THAT(flush(*other, young->handle()), IsOk());
        return;
      }
      ASSERT_THAT(load_context(*other, *saved), IsOk()) << i;
    }
    FAIL() << "the TPM has no gap";
  }

  std::optional<Primitives> primitives;
  std::unique_ptr<Device> device;
  std::optional<Channel> other;
};

TEST_F(ContextGapTest, KeysAreServedOverItAndBeyond) {
  auto tpm = made();
  std::vector<KeyMaterial> keys;
  for (int i = 0; i < 4; ++i)
    keys.push_back(*new_key(*tpm));
  ASSERT_THAT(sign_with(*tpm, keys[0]), IsOk());
  reach_the_gap();
  for (const KeyMaterial& key : keys)
    EXPECT_THAT(sign_with(*tpm, key), IsOk()) << "with the session from before";

  faults.refuse_next(TPM2_CC_Sign, TPM2_RC_REFERENCE_S0);
  EXPECT_THAT(sign_with(*tpm, keys[0]), IsOk()) << "with a session anew";
}

}  // namespace
}  // namespace strongroom::tpm
