#include "service/store/sealed/store_key.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace strongroom::testing {
namespace {

class StoreKeyTest : public ::testing::Test {
 protected:
  const std::string material_ = std::string(32, 'm');
  const Sealer key_ = *Sealer::with_key(*generate_store_key());
  WrappedStoreKey wrapped_ = *wrap_store_key(view_of(material_), key_, WrappedBy::Source);
};

TEST_F(StoreKeyTest, UnwrapsToTheSameKey) {
  Result<Sealer> unwrapped = unwrap_store_key(view_of(material_), wrapped_, WrappedBy::Source);
  ASSERT_THAT(unwrapped, IsOk());
  EXPECT_EQ(copy_of(unwrapped->reveal_key()), copy_of(key_.reveal_key()));
}

TEST_F(StoreKeyTest, KeysDiffer) {
  EXPECT_NE(*generate_store_key() == *generate_store_key(), true);
}

TEST_F(StoreKeyTest, OtherMaterialDoesNotUnwrap) {
  EXPECT_THAT(unwrap_store_key(view_of(std::string(32, 'n')), wrapped_, WrappedBy::Source),
              FailsWith(Status::PsaErrorDataCorrupt));
  EXPECT_THAT(unwrap_store_key(view_of(std::string(33, 'm')), wrapped_, WrappedBy::Source),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(StoreKeyTest, CheckValueOfAnotherKeyIsNoticed) {
  Sealer other = *Sealer::with_key(*generate_store_key());
  wrapped_.check_value = wrap_store_key(view_of(material_), other, WrappedBy::Source)->check_value;
  EXPECT_THAT(unwrap_store_key(view_of(material_), wrapped_, WrappedBy::Source),
              FailsWith(Status::PsaErrorDataCorrupt));
}

TEST_F(StoreKeyTest, EditedOrCutWrapIsNoticed) {
  for (std::byte& octet : wrapped_.wrapped) {
    octet ^= std::byte{1};
    EXPECT_THAT(unwrap_store_key(view_of(material_), wrapped_, WrappedBy::Source),
                FailsWith(Status::PsaErrorDataCorrupt));
    octet ^= std::byte{1};
  }
  wrapped_.wrapped.pop_back();
  EXPECT_THAT(unwrap_store_key(view_of(material_), wrapped_, WrappedBy::Source),
              FailsWith(Status::PsaErrorDataCorrupt));
}

}  // namespace
}  // namespace strongroom::testing
