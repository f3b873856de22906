#include "providers/tpm/objects/loaded_keys.h"

#include <fmt/format.h>

#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::IsOk;

// One key under many names, which is all the same to who keeps them loaded.
class LoadedKeysTest : public ChannelFixture {
 protected:
  void SetUp() override {
    ChannelFixture::SetUp();
    make_root(RootType::EccP256);
    auto made = create(secured(), root, *generated_key(kEcPair, 256), auth);
    ASSERT_THAT(made, IsOk());
    blob = *made;
  }
  LoadedKeys::Loader loader() {
    return [this] { return load(secured(), root, blob); };
  }
  static Bytes name(int number) { return bytes_of(fmt::format("key {}", number)); }

  KeyBlob blob{};
};

TEST_F(LoadedKeysTest, TheKeyUsedLongestAgoIsKeptWhileItsLoaderUsesOthers) {
  LoadedKeys keys(*channel, 2);
  for (int i = 0; i < 256; ++i)
    ASSERT_THAT(keys.use(name(i), loader()), IsOk());
  faults.refuse_next(TPM2_CC_ContextLoad, TPM2_RC_INTEGRITY + TPM2_RC_P + TPM2_RC_1);
  auto used = keys.use(name(0), [&]() -> Outcome<TPM2_HANDLE> {
    TRY(keys.use(name(256), loader()));
    return loader()();
  });
  ASSERT_THAT(used, IsOk());
  EXPECT_EQ(used->name, name(0));
  faults.forget_sent();
  EXPECT_THAT(keys.use(name(0), loader()), IsOk());
  EXPECT_THAT(faults.sent(), ::testing::IsEmpty());
}

TEST_F(LoadedKeysTest, TheLatestUsedStayLoaded) {
  LoadedKeys keys(*channel, 2);
  for (int number : {0, 1, 0, 2})
    ASSERT_THAT(keys.use(name(number), loader()), IsOk());
  faults.forget_sent();
  EXPECT_THAT(keys.use(name(0), loader()), IsOk());
  EXPECT_THAT(keys.use(name(2), loader()), IsOk());
  EXPECT_THAT(faults.sent(), ::testing::IsEmpty());
  EXPECT_THAT(keys.use(name(1), loader()), IsOk());
  EXPECT_EQ(faults.count_of(TPM2_CC_ContextLoad), 1U);
}

}  // namespace
}  // namespace strongroom::tpm
