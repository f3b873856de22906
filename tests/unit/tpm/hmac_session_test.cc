// What a session computes, without a TPM, against formulas of TPM 2.0 r1.59 Part 1 written out
// here once more.
#include "providers/tpm/session/hmac_session.h"

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::tpm {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOk;

constexpr TPM2_HANDLE kHandle = 0x02000000;

template <typename Sized>
Bytes bytes_of_sized(const Sized& sized) {
  auto view = std::as_bytes(std::span(sized.buffer).first(sized.size));
  return {view.begin(), view.end()};
}

template <typename Sized>
Sized sized_of(ByteView bytes) {
  Sized sized{};
  sized.size = static_cast<UINT16>(bytes.size());
  std::ranges::copy(bytes, std::as_writable_bytes(std::span(sized.buffer)).begin());
  return sized;
}

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (ByteView part : parts)
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

class HmacSessionTest : public ::testing::Test {
 protected:
  Bytes hmac(ByteView with, std::initializer_list<ByteView> parts) {
    auto mac = primitives.hmac_sha256(with, parts);
    EXPECT_THAT(mac, IsOk());
    return {mac->begin(), mac->end()};
  }
  TPMS_AUTH_COMMAND authorized() {
    auto authorization = session.authorize(digest);
    EXPECT_THAT(authorization, IsOk());
    return *authorization;
  }
  // As the TPM would answer.
  TPMS_AUTH_RESPONSE answer(const TPMS_AUTH_COMMAND& command, ByteView value) {
    const Bytes attributes{std::byte{command.sessionAttributes}};
    TPMS_AUTH_RESPONSE response{};
    response.nonce = sized_of<TPM2B_NONCE>(next_nonce);
    response.sessionAttributes = command.sessionAttributes;
    response.hmac = sized_of<TPM2B_AUTH>(
        hmac(value, {digest, next_nonce, bytes_of_sized(command.nonce), attributes}));
    return response;
  }

  const Bytes auth = from_hex("a0 a1 a2 a3");
  const Bytes key = Bytes(32, std::byte{0x5c});
  const Bytes nonce_tpm = Bytes(32, std::byte{0x11});
  const Bytes next_nonce = Bytes(32, std::byte{0x22});
  const Digest digest{std::byte{1}};
  const Primitives primitives = *Primitives::load();
  HmacSession session{primitives, kHandle, *SecretBuffer::copy_of(key),
                      sized_of<TPM2B_NONCE>(nonce_tpm)};
};

TEST_F(HmacSessionTest, AuthorizesWithKeyAuthAndNoncesInTheirOrder) {
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  auto command = authorized();
  EXPECT_EQ(command.sessionHandle, kHandle);
  EXPECT_EQ(command.sessionAttributes, TPMA_SESSION_CONTINUESESSION);
  EXPECT_EQ(command.nonce.size, kDigestSize);
  EXPECT_EQ(bytes_of_sized(command.hmac),
            hmac(joined({key, auth}),
                 {digest, bytes_of_sized(command.nonce), nonce_tpm, from_hex("01")}));
}

TEST_F(HmacSessionTest, AttributesSayWhatIsProtected) {
  ASSERT_THAT(session.begin(auth, {.command = true}), IsOk());
  EXPECT_EQ(authorized().sessionAttributes, TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_DECRYPT);
  ASSERT_THAT(session.begin(auth, {.answer = true}), IsOk());
  EXPECT_EQ(authorized().sessionAttributes, TPMA_SESSION_CONTINUESESSION | TPMA_SESSION_ENCRYPT);
}

TEST_F(HmacSessionTest, TrailingZerosOfAuthValuesDoNotCount) {
  ASSERT_THAT(session.begin(joined({auth, from_hex("00 00")}), {}), IsOk());
  auto command = authorized();
  EXPECT_EQ(bytes_of_sized(command.hmac),
            hmac(joined({key, auth}),
                 {digest, bytes_of_sized(command.nonce), nonce_tpm, from_hex("01")}));
}

TEST_F(HmacSessionTest, EachCommandHasANonceOfItsOwn) {
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  auto first = authorized();
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  EXPECT_NE(bytes_of_sized(authorized().nonce), bytes_of_sized(first.nonce));
}

TEST_F(HmacSessionTest, AcceptsTheTpmsAnswerAndGoesOnWithItsNonce) {
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  auto command = authorized();
  ASSERT_THAT(session.accept(answer(command, joined({key, auth})), digest), IsOk());
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  auto next = authorized();
  EXPECT_EQ(
      bytes_of_sized(next.hmac),
      hmac(joined({key, auth}), {digest, bytes_of_sized(next.nonce), next_nonce, from_hex("01")}));
}

TEST_F(HmacSessionTest, RefusesAnAnswerWithAnythingChanged) {
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  const auto good = answer(authorized(), joined({key, auth}));
  auto refused = [&](TPMS_AUTH_RESPONSE changed, const Digest& of) {
    EXPECT_THAT(session.accept(changed, of), FailsWith(Status::PsaErrorCorruptionDetected));
  };
  auto wrong_nonce = good;
  wrong_nonce.nonce.buffer[0] ^= 1;
  refused(wrong_nonce, digest);
  auto wrong_mac = good;
  wrong_mac.hmac.buffer[31] ^= 1;
  refused(wrong_mac, digest);
  auto short_mac = good;
  short_mac.hmac.size = 31;
  refused(short_mac, digest);
  auto no_mac = good;
  no_mac.hmac.size = 0;
  refused(no_mac, digest);
  auto ended = good;
  ended.sessionAttributes = 0;
  refused(ended, digest);
  refused(good, Digest{});
}

TEST_F(HmacSessionTest, RefusesAnAnswerThatEndsTheSession) {
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  auto command = authorized();
  command.sessionAttributes = 0;
  EXPECT_THAT(session.accept(answer(command, joined({key, auth})), digest),
              FailsWith(Status::PsaErrorCorruptionDetected));
}

TEST_F(HmacSessionTest, EncryptsTheFirstParameterAlone) {
  ASSERT_THAT(session.begin(auth, {.command = true}), IsOk());
  Bytes parameters = from_hex("00 04 de ad be ef 00 01 aa");
  ASSERT_THAT(session.encrypt(parameters), IsOk());
  auto key_and_iv = primitives.kdf_a(joined({key, auth}), "CFB", bytes_of_sized(authorized().nonce),
                                     nonce_tpm, 32);
  Bytes secret = from_hex("de ad be ef");
  ASSERT_THAT(primitives.aes_128_cfb(Primitives::Direction::Encrypt, key_and_iv->reveal(), secret),
              IsOk());
  EXPECT_EQ(parameters, joined({from_hex("00 04"), secret, from_hex("00 01 aa")}));
}

TEST_F(HmacSessionTest, DecryptsWithTheTpmsNewNonceFirst) {
  ASSERT_THAT(session.begin(auth, {.answer = true}), IsOk());
  auto command = authorized();
  ASSERT_THAT(session.accept(answer(command, joined({key, auth})), digest), IsOk());
  auto key_and_iv =
      primitives.kdf_a(joined({key, auth}), "CFB", next_nonce, bytes_of_sized(command.nonce), 32);
  Bytes secret = from_hex("de ad be ef");
  ASSERT_THAT(primitives.aes_128_cfb(Primitives::Direction::Encrypt, key_and_iv->reveal(), secret),
              IsOk());
  Bytes parameters = joined({from_hex("00 04"), secret});
  ASSERT_THAT(session.decrypt(parameters), IsOk());
  EXPECT_EQ(to_hex(parameters), "0004deadbeef");
}

TEST_F(HmacSessionTest, AParameterLongerThanTheAnswerIsMalformed) {
  Bytes parameters = from_hex("00 05 de ad be ef");
  EXPECT_THAT(session.decrypt(parameters), FailsWith(Status::PsaErrorCommunicationFailure));
  Bytes nothing = from_hex("00");
  EXPECT_THAT(session.decrypt(nothing), FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST_F(HmacSessionTest, TheFirstSessionCoversTheNonceOfTheOneThatEncrypts) {
  ASSERT_THAT(session.begin(auth, {}), IsOk());
  auto command = session.authorize(digest, next_nonce);
  ASSERT_THAT(command, IsOk());
  EXPECT_EQ(bytes_of_sized(command->hmac),
            hmac(joined({key, auth}),
                 {digest, bytes_of_sized(command->nonce), nonce_tpm, next_nonce, from_hex("01")}));
}

TEST_F(HmacSessionTest, APolicyTakesTheAuthValueForEncryptionAlone) {
  HmacSession policy{primitives, kHandle, *SecretBuffer::copy_of(key),
                     sized_of<TPM2B_NONCE>(nonce_tpm), SessionKind::Policy};
  ASSERT_THAT(policy.begin(auth, {.command = true}), IsOk());
  auto command = policy.authorize(digest);
  ASSERT_THAT(command, IsOk());
  EXPECT_EQ(bytes_of_sized(command->hmac),
            hmac(key, {digest, bytes_of_sized(command->nonce), nonce_tpm, from_hex("21")}));
  Bytes parameters = from_hex("00 04 de ad be ef");
  ASSERT_THAT(policy.encrypt(parameters), IsOk());
  auto key_and_iv =
      primitives.kdf_a(joined({key, auth}), "CFB", bytes_of_sized(command->nonce), nonce_tpm, 32);
  Bytes secret = from_hex("de ad be ef");
  ASSERT_THAT(primitives.aes_128_cfb(Primitives::Direction::Encrypt, key_and_iv->reveal(), secret),
              IsOk());
  EXPECT_EQ(parameters, joined({from_hex("00 04"), secret}));
}

TEST_F(HmacSessionTest, APolicyWithAnAuthValueAuthorizesByItToo) {
  HmacSession policy{primitives, kHandle, *SecretBuffer::copy_of(key),
                     sized_of<TPM2B_NONCE>(nonce_tpm), SessionKind::PolicyWithAuthValue};
  ASSERT_THAT(policy.begin(auth, {}), IsOk());
  auto command = policy.authorize(digest);
  ASSERT_THAT(command, IsOk());
  EXPECT_EQ(bytes_of_sized(command->hmac),
            hmac(joined({key, auth}),
                 {digest, bytes_of_sized(command->nonce), nonce_tpm, from_hex("01")}));
}

TEST_F(HmacSessionTest, WithoutSaltThereIsNoKey) {
  auto none = HmacSession::key_of(primitives, {}, {}, {});
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->is_empty());
}

}  // namespace
}  // namespace strongroom::tpm
