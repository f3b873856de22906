// What comes in parts gives what it gives in one piece, however it is split.
#include <algorithm>

#include "tests/conformance/openssl_oracle.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

constexpr psa::Aead kGcm12{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = 12};
constexpr psa::Aead kChacha20Poly1305{.kind = psa::Aead::Kind::Chacha20Poly1305,
                                      .shortened_tag_size = {}};
constexpr psa::Aead kCcm{.kind = psa::Aead::Kind::Ccm, .shortened_tag_size = {}};

// The sizes of a text's parts, one after the other.
using Split = std::vector<std::size_t>;

// Each way to cut in two, an empty part at each end included; single bytes; and parts that meet
// block boundaries from both sides.
std::vector<Split> splits_of(std::size_t size) {
  std::vector<Split> splits;
  for (std::size_t first = 0; first <= size; ++first)
    splits.push_back({first, size - first});
  splits.emplace_back(size, 1);
  for (std::size_t step : {15, 16, 17, 63, 64, 65}) {
    Split split;
    for (std::size_t left = size; left > 0; left -= split.back())
      split.push_back(std::min(step, left));
    splits.push_back(split);
  }
  splits.emplace_back();
  return splits;
}

void append(Bytes& all, ByteView more) {
  all.insert(all.end(), more.begin(), more.end());
}

Result<Bytes> hashed(Hasher& hasher, psa::Hash hash, ByteView data, const Split& split) {
  auto operation = TRY(hasher.begin(hash));
  for (std::size_t size : split) {
    TRY(operation->update(data.first(size)));
    data = data.subspan(size);
  }
  return operation->finish();
}

// The ciphertext with its tag.
Result<Bytes> encrypted(EncryptionInParts& operation, ByteView plaintext, const Split& split) {
  Bytes all;
  for (std::size_t size : split) {
    Bytes ciphertext = TRY(operation.update(plaintext.first(size)));
    append(all, ciphertext);
    plaintext = plaintext.subspan(size);
  }
  EncryptionInParts::End end = TRY(operation.finish());
  append(all, end.ciphertext);
  append(all, end.tag);
  return all;
}

Result<Bytes> decrypted(DecryptionInParts& operation, ByteView ciphertext, ByteView tag,
                        const Split& split) {
  Bytes all;
  for (std::size_t size : split) {
    SecretBuffer text = TRY(operation.update(ciphertext.first(size)));
    append(all, text.reveal());
    ciphertext = ciphertext.subspan(size);
  }
  SecretBuffer rest = TRY(operation.finish(tag));
  append(all, rest.reveal());
  return all;
}

struct AeadCase {
  psa::KeyType type;
  std::uint32_t bits;
  psa::Aead algorithm;
  std::size_t nonce;
};
const std::vector<AeadCase>& aead_cases() {
  static const std::vector<AeadCase> kCases = {
      {kAes, 128, kAesGcm, 12},
      {kAes, 256, kAesGcm, 12},
      {kAes, 256, kAesGcm, 5},
      {kAes, 192, kGcm12, 12},
      {kChacha20, 256, kChacha20Poly1305, 12},
  };
  return kCases;
}

// One of the cases with a provider and a key in it.
class AeadInParts {
 public:
  AeadInParts(Provider& provider, KeyRecordPtr key, const AeadCase& each)
      : cipher_(*provider.aead()),
        key_(std::move(key)),
        algorithm_(each.algorithm),
        nonce(each.nonce, std::byte{7}) {}

  AeadInput input() const { return {.nonce = nonce, .additional_data = view_of("header")}; }
  auto begin_encryption(const psa::Aead& algorithm) const {
    return cipher_.begin_encryption(*key_, algorithm, input());
  }
  auto begin_decryption(const psa::Aead& algorithm) const {
    return cipher_.begin_decryption(*key_, algorithm, input());
  }
  bool is_offered() const {
    auto begun = begin_encryption(algorithm_);
    return begun || begun.error().status() != Status::PsaErrorNotSupported;
  }

  Bytes in_one_piece(ByteView plaintext) const {
    auto ciphertext = cipher_.encrypt(*key_, algorithm_, input(), plaintext);
    EXPECT_THAT(ciphertext, IsOk());
    return ciphertext ? *ciphertext : Bytes();
  }
  std::unique_ptr<EncryptionInParts> encryption() const {
    auto begun = begin_encryption(algorithm_);
    EXPECT_THAT(begun, IsOk());
    return *std::move(begun);
  }
  std::unique_ptr<DecryptionInParts> decryption() const {
    auto begun = begin_decryption(algorithm_);
    EXPECT_THAT(begun, IsOk());
    return *std::move(begun);
  }

 private:
  AeadCipher& cipher_;
  KeyRecordPtr key_;
  psa::Aead algorithm_;

 public:
  Bytes nonce;
};

TEST_P(ProviderConformance, DigestsInPartsAreThoseOfTheWhole) {
  if (provider().hasher() == nullptr) GTEST_SKIP() << "no hasher";
  const Bytes data = counting(150);  // a block of SHA3-224 has 144
  for (auto number = std::to_underlying(psa::Hash::Md2);
       number <= std::to_underlying(psa::Hash::Sha3_512); ++number) {
    const auto hash = static_cast<psa::Hash>(number);
    auto whole = provider().hasher()->compute(hash, data);
    if (!whole) {
      EXPECT_THAT(provider().hasher()->begin(hash), FailsWith(Status::PsaErrorNotSupported));
      continue;
    }
    auto begun = provider().hasher()->begin(hash);
    if (!begun && begun.error().status() == Status::PsaErrorNotSupported)
      GTEST_SKIP() << "hashes in one piece alone";
    for (const Split& split : splits_of(data.size())) {
      if (split.empty()) continue;
      ASSERT_THAT(hashed(*provider().hasher(), hash, data, split), IsOkAndHolds(*whole))
          << to_string(hash) << " in " << split.size() << " parts, the first of " << split.front();
    }
    EXPECT_THAT(hashed(*provider().hasher(), hash, {}, {}),
                IsOkAndHolds(*provider().hasher()->compute(hash, {})));
  }
}

TEST_P(ProviderConformance, DigestsOfMuchInPartsAgreeWithOpenssl) {
  if (provider().hasher() == nullptr) GTEST_SKIP() << "no hasher";
  const Bytes data(1'000'003, std::byte{0x61});
  auto begun = provider().hasher()->begin(psa::Hash::Sha256);
  if (!begun && begun.error().status() == Status::PsaErrorNotSupported)
    GTEST_SKIP() << "hashes in one piece alone";
  const Split split = {1, 65'535, 65'536, 400'000, 468'931};
  EXPECT_THAT(hashed(*provider().hasher(), psa::Hash::Sha256, data, split),
              IsOkAndHolds(oracle::digest(psa::Hash::Sha256, data)));
}

TEST_P(ProviderConformance, CiphertextsInPartsAreThoseOfTheWhole) {
  for (const AeadCase& each : aead_cases()) {
    if (!can(Capability::Import, each.type, each.bits, each.algorithm)) continue;
    AeadInParts aead(
        provider(),
        imported(attributes_of(each.type, each.bits, each.algorithm), counting(each.bits / 8)),
        each);
    if (!aead.is_offered()) continue;
    for (std::size_t size : {0, 1, 16, 67}) {
      const Bytes text = counting(size);
      const Bytes whole = aead.in_one_piece(text);
      for (const Split& split : splits_of(size)) {
        if (split.empty() && size > 0) continue;
        ASSERT_THAT(encrypted(*aead.encryption(), text, split), IsOkAndHolds(whole))
            << to_string(each.algorithm) << ", " << size << " bytes";
      }
    }
  }
}

TEST_P(ProviderConformance, PlaintextsInPartsAreThoseOfTheWhole) {
  for (const AeadCase& each : aead_cases()) {
    if (!can(Capability::Import, each.type, each.bits, each.algorithm)) continue;
    AeadInParts aead(
        provider(),
        imported(attributes_of(each.type, each.bits, each.algorithm), counting(each.bits / 8)),
        each);
    if (!aead.is_offered()) continue;
    for (std::size_t size : {0, 1, 16, 67}) {
      const Bytes text = counting(size);
      const Bytes whole = aead.in_one_piece(text);
      const ByteView tag = ByteView(whole).subspan(size);
      for (const Split& split : splits_of(size)) {
        if (split.empty() && size > 0) continue;
        ASSERT_THAT(decrypted(*aead.decryption(), ByteView(whole).first(size), tag, split),
                    IsOkAndHolds(text))
            << to_string(each.algorithm) << ", " << size << " bytes";
      }
    }
  }
}

TEST_P(ProviderConformance, LongTextsInUnevenPartsAreThoseOfTheWhole) {
  const Bytes text(100'003, std::byte{0x61});
  const Split split = {1, 6'553, 6'554, 40'000, 46'895};
  for (const AeadCase& each : aead_cases()) {
    if (!can(Capability::Import, each.type, each.bits, each.algorithm)) continue;
    AeadInParts aead(
        provider(),
        imported(attributes_of(each.type, each.bits, each.algorithm), counting(each.bits / 8)),
        each);
    if (!aead.is_offered()) continue;
    const Bytes whole = aead.in_one_piece(text);
    const ByteView tag = ByteView(whole).subspan(text.size());
    EXPECT_THAT(encrypted(*aead.encryption(), text, split), IsOkAndHolds(whole));
    EXPECT_THAT(decrypted(*aead.decryption(), ByteView(whole).first(text.size()), tag, split),
                IsOkAndHolds(text));
  }
}

TEST_P(ProviderConformance, WhateverIsAlteredInPartsIsNoticedAtTheEnd) {
  for (const AeadCase& each : aead_cases()) {
    if (!can(Capability::Import, each.type, each.bits, each.algorithm)) continue;
    AeadInParts aead(
        provider(),
        imported(attributes_of(each.type, each.bits, each.algorithm), counting(each.bits / 8)),
        each);
    if (!aead.is_offered()) continue;
    const Bytes text = counting(40);
    const Bytes whole = aead.in_one_piece(text);
    const Split split = {16, 24};
    for (std::size_t at = 0; at < whole.size(); at += 5) {
      const Bytes altered = with_flipped_bit(whole, at);
      EXPECT_THAT(decrypted(*aead.decryption(), ByteView(altered).first(text.size()),
                            ByteView(altered).subspan(text.size()), split),
                  FailsWith(Status::PsaErrorInvalidSignature));
    }
    for (std::size_t size = 0; size < whole.size() - text.size(); ++size)
      EXPECT_THAT(decrypted(*aead.decryption(), ByteView(whole).first(text.size()),
                            ByteView(whole).subspan(text.size()).first(size), split),
                  FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, NoncesAndTagsThatThereAreNotBeginNothing) {
  for (const AeadCase& each : aead_cases()) {
    if (!can(Capability::Import, each.type, each.bits, each.algorithm)) continue;
    AeadInParts aead(
        provider(),
        imported(attributes_of(each.type, each.bits, each.algorithm), counting(each.bits / 8)),
        each);
    if (!aead.is_offered()) continue;
    psa::Aead short_tag = each.algorithm;
    short_tag.shortened_tag_size = 3;
    EXPECT_THAT(aead.begin_encryption(short_tag), FailsWith(Status::PsaErrorInvalidArgument));
    EXPECT_THAT(aead.begin_decryption(short_tag), FailsWith(Status::PsaErrorInvalidArgument));
    aead.nonce.clear();
    EXPECT_THAT(aead.begin_encryption(each.algorithm), FailsWith(Status::PsaErrorInvalidArgument));
    EXPECT_THAT(aead.begin_decryption(each.algorithm), FailsWith(Status::PsaErrorInvalidArgument));
  }
}

TEST_P(ProviderConformance, OperationsInPartsOfOneKeyAreIndependent) {
  const AeadCase& gcm = aead_cases().front();
  if (!can(Capability::Import, gcm.type, gcm.bits, gcm.algorithm)) GTEST_SKIP() << "no AES-GCM";
  AeadInParts aead(provider(),
                   imported(attributes_of(gcm.type, gcm.bits, gcm.algorithm), counting(16)), gcm);
  if (!aead.is_offered()) GTEST_SKIP() << "encrypts in one piece alone";
  const Bytes first = counting(33);
  const Bytes second(33, std::byte{0x61});
  const auto one = aead.encryption();
  const Bytes expected_one = aead.in_one_piece(first);
  aead.nonce.front() = std::byte{8};
  const auto two = aead.encryption();
  const Bytes expected_two = aead.in_one_piece(second);
  Bytes all_one = *one->update(ByteView(first).first(10));
  Bytes all_two = *two->update(ByteView(second).first(20));
  append(all_one, *one->update(ByteView(first).subspan(10)));
  append(all_two, *two->update(ByteView(second).subspan(20)));
  for (auto [operation, all] : {std::pair(two.get(), &all_two), std::pair(one.get(), &all_one)}) {
    auto end = operation->finish();
    ASSERT_THAT(end, IsOk());
    append(*all, end->ciphertext);
    append(*all, end->tag);
  }
  EXPECT_EQ(all_one, expected_one);
  EXPECT_EQ(all_two, expected_two);
}

// Either is right; it is said at the beginning.
TEST_P(ProviderConformance, CcmInPartsIsServedOrRefusedAtTheBeginning) {
  const AeadCase ccm{kAes, 128, kCcm, 12};
  if (!can(Capability::Import, ccm.type, ccm.bits, ccm.algorithm)) GTEST_SKIP() << "no CCM";
  const AeadInParts aead(
      provider(), imported(attributes_of(ccm.type, ccm.bits, ccm.algorithm), counting(16)), ccm);
  if (!aead.is_offered()) {
    EXPECT_THAT(aead.begin_decryption(ccm.algorithm), FailsWith(Status::PsaErrorNotSupported));
    return;
  }
  const Bytes text = counting(40);
  EXPECT_THAT(encrypted(*aead.encryption(), text, {16, 24}), IsOkAndHolds(aead.in_one_piece(text)));
}

// A connection that is idle holds its operations, whatever becomes of the provider.
TEST_P(ProviderConformance, OperationsInPartsMayBeDestroyedAfterTheirProvider) {
  auto short_lived = GetParam().create();
  ASSERT_THAT(short_lived, IsOk());
  if ((*short_lived)->hasher() == nullptr) GTEST_SKIP() << "no hasher";
  auto begun = (*short_lived)->hasher()->begin(psa::Hash::Sha256);
  if (!begun && begun.error().status() == Status::PsaErrorNotSupported)
    GTEST_SKIP() << "hashes in one piece alone";
  ASSERT_THAT(begun, IsOk());
  EXPECT_THAT((*begun)->update(view_of("abc")), IsOk());
  short_lived->reset();
}

}  // namespace
}  // namespace strongroom::conformance
