// Sealed texts that were changed: a bit anywhere, parts exchanged, ends cut off.
#include <algorithm>

#include "tests/conformance/attacks/arithmetic.h"
#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {
namespace {

using namespace attacks;
using AeadKind = psa::Aead::Kind;

struct AeadUnderAttack {
  psa::KeyType type;
  std::uint32_t bits;
  psa::Aead algorithm;
  std::size_t nonce_size;
};

const std::array kAeads = {
    AeadUnderAttack{kAes, 128, {AeadKind::Gcm, {}}, 12},
    AeadUnderAttack{kAes, 256, {AeadKind::Gcm, {}}, 12},
    AeadUnderAttack{kAes, 256, {AeadKind::Gcm, 4}, 16},
    AeadUnderAttack{kAes, 192, {AeadKind::Gcm, 13}, 1},
    AeadUnderAttack{kAes, 128, {AeadKind::Ccm, {}}, 13},
    AeadUnderAttack{kAes, 256, {AeadKind::Ccm, {}}, 7},
    AeadUnderAttack{kAes, 256, {AeadKind::Ccm, 4}, 12},
    AeadUnderAttack{kChacha20, 256, {AeadKind::Chacha20Poly1305, {}}, 12},
};

Bytes flipped(ByteView bytes, std::size_t bit) {
  Bytes changed = copy_of(bytes);
  changed[bit / 8] ^= std::byte{1} << (bit % 8);
  return changed;
}

// One key, one nonce, one sealed text.
struct Sealed {
  KeyRecordPtr key;
  psa::Aead algorithm;
  Bytes nonce;
  Bytes additional_data;
  Bytes text;
};

class Sealing {
 public:
  Sealing(AeadCipher& cipher, Sealed sealed) : cipher_(cipher), sealed_(std::move(sealed)) {}

  Result<SecretBuffer> open(ByteView nonce, ByteView additional_data, ByteView text) {
    return cipher_.decrypt(*sealed_.key, sealed_.algorithm,
                           {.nonce = nonce, .additional_data = additional_data}, text);
  }
  Result<SecretBuffer> open_text(ByteView text) {
    return open(sealed_.nonce, sealed_.additional_data, text);
  }
  const Sealed& operator*() const { return sealed_; }
  const Sealed* operator->() const { return &sealed_; }

 private:
  AeadCipher& cipher_;
  Sealed sealed_;
};

auto is_forgery() {
  return FailsWith(Status::PsaErrorInvalidSignature);
}

TEST_P(ProviderConformance, EveryChangedBitOfASealedTextIsSeen) {
  for (const auto& aead : kAeads) {
    if (!can(Capability::Import, aead.type, aead.bits, aead.algorithm)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(aead.algorithm)));
    auto key = imported(attributes_of(aead.type, aead.bits, aead.algorithm),
                        fixed_key(aead.type, aead.bits));
    ASSERT_NE(key, nullptr);
    Bytes nonce = counting(aead.nonce_size);
    Bytes data = counting(20);
    auto sealed = provider().aead()->encrypt(
        *key, aead.algorithm, {.nonce = nonce, .additional_data = data}, counting(17));
    ASSERT_THAT(sealed, IsOk());
    Sealing sealing(*provider().aead(), {key, aead.algorithm, nonce, data, *sealed});
    for (std::size_t bit = 0; bit < 8 * sealed->size(); ++bit)
      EXPECT_THAT(sealing.open_text(flipped(*sealed, bit)), is_forgery()) << bit;
    for (std::size_t bit = 0; bit < 8 * nonce.size(); ++bit)
      EXPECT_THAT(sealing.open(flipped(nonce, bit), data, *sealed), is_forgery()) << bit;
    for (std::size_t bit = 0; bit < 8 * data.size(); bit += 7)
      EXPECT_THAT(sealing.open(nonce, flipped(data, bit), *sealed), is_forgery()) << bit;
    // What failed before has changed nothing.
    auto opened = sealing.open_text(*sealed);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(to_hex(opened->reveal()), to_hex(counting(17)));
  }
}

TEST_P(ProviderConformance, RearrangedSealedTextsAreForgeries) {
  for (const auto& aead : kAeads) {
    if (!can(Capability::Import, aead.type, aead.bits, aead.algorithm)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(aead.algorithm)));
    auto key = imported(attributes_of(aead.type, aead.bits, aead.algorithm),
                        fixed_key(aead.type, aead.bits));
    ASSERT_NE(key, nullptr);
    Bytes nonce = counting(aead.nonce_size);
    Bytes data = counting(16);
    auto sealed = provider().aead()->encrypt(*key, aead.algorithm,
                                             {.nonce = nonce, .additional_data = data}, Bytes(48));
    ASSERT_THAT(sealed, IsOk());
    Sealing sealing(*provider().aead(), {key, aead.algorithm, nonce, data, *sealed});
    ByteView text = ByteView(*sealed).first(48);
    ByteView tag = ByteView(*sealed).subspan(48);
    ByteView first = text.first(16);
    ByteView rest = text.subspan(16);
    EXPECT_THAT(sealing.open_text(joined({rest, first, tag})), is_forgery());
    EXPECT_THAT(sealing.open_text(joined({tag, text})), is_forgery());
    EXPECT_THAT(sealing.open_text(joined({text, Bytes(1), tag})), is_forgery());
    EXPECT_THAT(sealing.open_text(joined({Bytes(1), text, tag})), is_forgery());
    EXPECT_THAT(sealing.open_text(joined({text, tag, tag})), is_forgery());
    EXPECT_THAT(sealing.open_text(joined({rest, tag})), is_forgery());
    EXPECT_THAT(sealing.open_text(joined({text, Bytes(tag.size())})), is_forgery());
    EXPECT_THAT(sealing.open_text(joined({text, Bytes(tag.size(), std::byte{0xff})})),
                is_forgery());
    // Data moved over the border to the text, and left out.
    EXPECT_THAT(sealing.open(nonce, {}, *sealed), is_forgery());
    EXPECT_THAT(sealing.open(nonce, joined({data, first}), joined({rest, tag})), is_forgery());
    EXPECT_THAT(sealing.open(nonce, ByteView(data).first(15), *sealed), is_forgery());
    EXPECT_THAT(sealing.open(nonce, joined({data, Bytes(1)}), *sealed), is_forgery());
  }
}

// Cut short by any number of bytes: no tag is left, or one of the text's bytes is taken for it.
TEST_P(ProviderConformance, TruncatedSealedTextsAreNotOpened) {
  for (const auto& aead : kAeads) {
    if (!can(Capability::Import, aead.type, aead.bits, aead.algorithm)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(aead.algorithm)));
    auto key = imported(attributes_of(aead.type, aead.bits, aead.algorithm),
                        fixed_key(aead.type, aead.bits));
    ASSERT_NE(key, nullptr);
    Bytes nonce = counting(aead.nonce_size);
    auto sealed = provider().aead()->encrypt(*key, aead.algorithm,
                                             {.nonce = nonce, .additional_data = {}}, Bytes(20));
    ASSERT_THAT(sealed, IsOk());
    Sealing sealing(*provider().aead(), {key, aead.algorithm, nonce, {}, *sealed});
    for (std::size_t size = 0; size < sealed->size(); ++size) {
      bool has_a_tag = size >= aead.algorithm.tag_size();
      EXPECT_THAT(
          sealing.open_text(ByteView(*sealed).first(size)),
          FailsWith(has_a_tag ? Status::PsaErrorInvalidSignature : Status::PsaErrorInvalidArgument))
          << size;
    }
  }
}

// Nothing sealed and nothing beside it is still bound to key and nonce.
TEST_P(ProviderConformance, AnEmptySealedTextIsItsTag) {
  for (const auto& aead : kAeads) {
    if (!can(Capability::Import, aead.type, aead.bits, aead.algorithm)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(aead.algorithm)));
    auto key = imported(attributes_of(aead.type, aead.bits, aead.algorithm),
                        fixed_key(aead.type, aead.bits));
    ASSERT_NE(key, nullptr);
    Bytes nonce = counting(aead.nonce_size);
    auto sealed = provider().aead()->encrypt(*key, aead.algorithm,
                                             {.nonce = nonce, .additional_data = {}}, {});
    ASSERT_THAT(sealed, IsOk());
    ASSERT_EQ(sealed->size(), aead.algorithm.tag_size());
    Sealing sealing(*provider().aead(), {key, aead.algorithm, nonce, {}, *sealed});
    auto opened = sealing.open_text(*sealed);
    ASSERT_THAT(opened, IsOk());
    EXPECT_TRUE(opened->is_empty());
    for (std::size_t bit = 0; bit < 8 * sealed->size(); ++bit)
      EXPECT_THAT(sealing.open_text(flipped(*sealed, bit)), is_forgery());
    EXPECT_THAT(sealing.open(flipped(nonce, 0), {}, *sealed), is_forgery());
    EXPECT_THAT(sealing.open(nonce, Bytes(1), *sealed), is_forgery());
  }
}

TEST_P(ProviderConformance, NoncesAndTagsOfIllegalLengthsAreRefused) {
  struct Case {
    psa::KeyType type;
    AeadKind kind;
    std::vector<std::size_t> nonces;
    std::vector<std::uint32_t> tags;
  };
  const std::vector<Case> cases = {
      {kAes, AeadKind::Gcm, {0, 129, 256}, {0, 1, 3, 5, 7, 9, 11, 17, 32}},
      {kAes, AeadKind::Ccm, {0, 1, 4, 6, 14, 15, 16}, {0, 2, 3, 5, 7, 15, 17, 18}},
      {kChacha20, AeadKind::Chacha20Poly1305, {0, 8, 11, 13, 16, 24}, {0, 4, 8, 12, 15, 17}}};
  auto refused = FailsWith(Status::PsaErrorInvalidArgument);
  for (const auto& [type, kind, nonces, tags] : cases) {
    psa::Aead whole{kind, std::nullopt};
    if (!can(Capability::Import, type, 256, whole)) continue;
    SCOPED_TRACE(to_string(psa::Algorithm(whole)));
    auto key = imported(attributes_of(type, 256, whole), fixed_key(type, 256));
    ASSERT_NE(key, nullptr);
    for (std::size_t size : nonces) {
      Bytes nonce(size, std::byte{1});
      const AeadInput input{.nonce = nonce, .additional_data = {}};
      EXPECT_THAT(provider().aead()->encrypt(*key, whole, input, Bytes(4)), refused) << size;
      EXPECT_THAT(provider().aead()->decrypt(*key, whole, input, Bytes(20)), refused) << size;
    }
    for (std::uint32_t size : tags) {
      psa::Aead cut{kind, size};
      auto short_key = imported(attributes_of(type, 256, cut), fixed_key(type, 256));
      ASSERT_NE(short_key, nullptr);
      Bytes nonce(12, std::byte{1});
      const AeadInput input{.nonce = nonce, .additional_data = {}};
      EXPECT_THAT(provider().aead()->encrypt(*short_key, cut, input, Bytes(4)), refused) << size;
      EXPECT_THAT(provider().aead()->decrypt(*short_key, cut, input, Bytes(40)), refused) << size;
    }
  }
}

// SP 800-38C §A.1: a nonce of 13 bytes leaves two for the length.
TEST_P(ProviderConformance, CcmTextsAreAsLongAsTheNonceLeavesRoomFor) {
  constexpr psa::Aead kCcm{AeadKind::Ccm, std::nullopt};
  if (!can(Capability::Import, kAes, 128, kCcm)) GTEST_SKIP() << "no CCM";
  auto key = imported(attributes_of(kAes, 128, kCcm), fixed_key(kAes, 128));
  ASSERT_NE(key, nullptr);
  auto encrypt = [&](std::size_t nonce_size, std::size_t size) {
    Bytes nonce(nonce_size, std::byte{1});
    return provider().aead()->encrypt(*key, kCcm, {.nonce = nonce, .additional_data = {}},
                                      Bytes(size));
  };
  EXPECT_THAT(encrypt(13, 65535), IsOk());
  EXPECT_THAT(encrypt(13, 65536), FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(encrypt(12, 65536), IsOk());
}

}  // namespace
}  // namespace strongroom::conformance
