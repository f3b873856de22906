#include "service/store/sealed/head.h"

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace strongroom::testing {
namespace {

Sealer a_sealer() {
  return *Sealer::with_key(*SecretBuffer::copy_of(view_of(std::string(32, 'k'))));
}

Sealer::Mac element_of(int number) {
  return *a_sealer().mac(view_of(std::to_string(number)));
}

MultisetHash hash_of(const std::vector<int>& numbers) {
  MultisetHash hash;
  for (int number : numbers)
    hash.add(element_of(number));
  return hash;
}

TEST(MultisetHashTest, OrderDoesNotMatterButMultiplicityDoes) {
  EXPECT_EQ(hash_of({1, 2, 3}), hash_of({3, 1, 2}));
  EXPECT_NE(hash_of({1, 2}), hash_of({1, 2, 2}));
  EXPECT_NE(hash_of({1, 1}), hash_of({2, 2}));
  EXPECT_NE(hash_of({1, 1}), hash_of({}));
}

TEST(MultisetHashTest, RemovingUndoesAdding) {
  MultisetHash hash = hash_of({1, 2, 3});
  hash.remove(element_of(2));
  EXPECT_EQ(hash, hash_of({1, 3}));
  hash.remove(element_of(1));
  hash.remove(element_of(3));
  EXPECT_EQ(hash, MultisetHash());
}

TEST(MultisetHashTest, AddsModulo2To256BigEndian) {
  Sealer::Mac all_ones;
  all_ones.fill(std::byte{0xff});
  Sealer::Mac one{};
  one[31] = std::byte{1};
  MultisetHash hash;
  hash.add(all_ones);
  hash.add(one);
  EXPECT_EQ(hash, MultisetHash());
  hash.remove(one);
  EXPECT_EQ(hash.octets(), all_ones);
}

TEST(HeadTest, OpensAsItWasSealedAndNotAfterAnEdit) {
  Sealer sealer = a_sealer();
  Head head = {
      .generation = 7, .records = 3, .unreadable = 1, .last_serial = 9, .rows = hash_of({1, 2, 3})};
  Bytes stored = *seal_head(sealer, head);
  Result<Head> opened = unseal_head(sealer, stored);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(*opened, head);
  for (std::byte& octet : stored) {
    octet ^= std::byte{1};
    EXPECT_THAT(unseal_head(sealer, stored), FailsWith(Status::PsaErrorDataCorrupt));
    octet ^= std::byte{1};
  }
  for (std::size_t size = 0; size < stored.size(); ++size)
    EXPECT_THAT(unseal_head(sealer, ByteView(stored).first(size)),
                FailsWith(Status::PsaErrorDataCorrupt));
}

// As it was written before there were epochs.
TEST(HeadTest, OfTheFormatBeforeIsReadAsWithoutAnEpoch) {
  Sealer sealer = a_sealer();
  Bytes plaintext(1 + 4 * 8 + MultisetHash::kSize);
  plaintext[0] = std::byte{2};
  plaintext[8] = std::byte{7};
  plaintext[16] = std::byte{3};
  plaintext[32] = std::byte{5};
  Sealed sealed = *sealer.seal(SealedKind::Head, {}, plaintext);
  Bytes stored = sealed.salt;
  stored.insert(stored.end(), sealed.sealed.begin(), sealed.sealed.end());
  Result<Head> opened = unseal_head(sealer, stored);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(*opened, (Head{.generation = 7, .records = 3, .last_serial = 5}));
}

}  // namespace
}  // namespace strongroom::testing
