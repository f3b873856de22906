#include "providers/tpm/device/frame.h"

#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::tpm {
namespace {

using testing::FailsWith;
using testing::from_hex;
using testing::IsOk;

constexpr auto kMalformed = Status::PsaErrorCommunicationFailure;

std::string written(const CommandParts& parts,
                    std::span<const TPMS_AUTH_COMMAND> authorizations = {}) {
  Writer out;
  EXPECT_THAT(write_command(parts, authorizations, out), IsOk());
  return to_hex(out.view());
}

Outcome<AnswerParts> read(Bytes& answer, AnswerHandle handle, std::size_t authorizations) {
  return read_answer("TPM2_Test", answer, handle, authorizations);
}

TEST(Frame, CommandWithoutSessionsIsAHeaderHandlesAndParameters) {
  EXPECT_EQ(written({"TPM2_FlushContext", TPM2_CC_FlushContext, {}, from_hex("80000001")}),
            "80010000000e0000016580000001");
}

TEST(Frame, CommandWithASessionHasItsSizeBetweenHandlesAndParameters) {
  TPMS_AUTH_COMMAND password{};
  password.sessionHandle = TPM2_RS_PW;
  const TPM2_HANDLE handle = TPM2_RH_OWNER;
  EXPECT_EQ(written({"TPM2_Clear", TPM2_CC_Clear, std::span(&handle, 1), from_hex("ff")},
                    std::span(&password, 1)),
            "80020000001c00000126"
            "40000001"
            "00000009"
            "400000090000000000"
            "ff");
}

TEST(Frame, TooLongACommandIsRefused) {
  Bytes parameters(Writer::kMostBytes);
  Writer out;
  EXPECT_FALSE(write_command({"TPM2_Test", TPM2_CC_Create, {}, parameters}, {}, out));
}

TEST(Frame, AnswerComesApart) {
  Bytes answer = from_hex(
      "80 02 00 00 00 1c 00 00 00 00 80 00 00 01 00 00 00 03 aa bb cc"
      "00 01 dd 01 00 01 ee");
  auto parts = read(answer, AnswerHandle::One, 1);
  ASSERT_THAT(parts, IsOk());
  EXPECT_EQ(parts->handle, 0x80000001U);
  EXPECT_EQ(to_hex(parts->parameters), "aabbcc");
  EXPECT_EQ(parts->authorizations[0].nonce.size, 1);
  EXPECT_EQ(parts->authorizations[0].sessionAttributes, TPMA_SESSION_CONTINUESESSION);
  EXPECT_EQ(parts->authorizations[0].hmac.buffer[0], 0xee);
}

TEST(Frame, AnswersHaveAnAuthorizationForEachOfTheCommand) {
  Bytes answer = from_hex(
      "80 02 00 00 00 1a 00 00 00 00 00 00 00 02 aa bb"
      "00 00 01 00 00 00 00 00 00 00");
  auto parts = read(answer, AnswerHandle::None, 2);
  ASSERT_THAT(parts, IsOk());
  EXPECT_EQ(parts->authorizations.size(), 2U);
  EXPECT_THAT(read(answer, AnswerHandle::None, 1), FailsWith(kMalformed));
  EXPECT_THAT(read(answer, AnswerHandle::None, 3), FailsWith(kMalformed));
}

TEST(Frame, EveryShorterAnswerIsMalformed) {
  const Bytes whole = from_hex(
      "80 02 00 00 00 1c 00 00 00 00 80 00 00 01 00 00 00 03 aa bb cc"
      "00 01 dd 01 00 01 ee");
  for (std::size_t size = 10; size < whole.size(); ++size) {
    Bytes answer(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(read(answer, AnswerHandle::One, 1), FailsWith(kMalformed)) << size;
  }
}

TEST(Frame, AnswersWithMoreThanTheirPartsAreMalformed) {
  Bytes answer = from_hex("80 02 00 00 00 15 00 00 00 00 00 00 00 00 00 00 01 00 00 ff ff");
  EXPECT_THAT(read(answer, AnswerHandle::None, 1), FailsWith(kMalformed));
}

TEST(Frame, AnswersWithoutTheSessionThatWasSentAreMalformed) {
  Bytes answer = from_hex("80 01 00 00 00 0a 00 00 00 00");
  EXPECT_THAT(read(answer, AnswerHandle::None, 1), FailsWith(kMalformed));
}

TEST(Frame, ParametersLongerThanTheAnswerAreMalformed) {
  Bytes answer = from_hex("80 02 00 00 00 13 00 00 00 00 ff ff ff ff 00 00 01 00 00");
  EXPECT_THAT(read(answer, AnswerHandle::None, 1), FailsWith(kMalformed));
}

TEST(Frame, HeaderMustHaveTheAnswersSize) {
  EXPECT_TRUE(has_sound_header(from_hex("80 01 00 00 00 0a 00 00 00 00")));
  EXPECT_FALSE(has_sound_header(from_hex("80 01 00 00 00 0b 00 00 00 00")));
  EXPECT_FALSE(has_sound_header(from_hex("80 01 00 00 00 09 00 00 00")));
}

TEST(Frame, StructuresAreReadNoFurtherThanTheirBytes) {
  Bytes digest = from_hex("00 04 01 02 03");
  Reader reader("TPM2_Test", digest);
  EXPECT_THAT(reader.take(&Tss2_MU_TPM2B_DIGEST_Unmarshal), FailsWith(kMalformed));
}

TEST(Frame, WriterKeepsTheFirstFailure) {
  TPM2B_DIGEST digest{};
  digest.size = sizeof(digest.buffer) + 1;
  Writer writer;
  writer.put(&Tss2_MU_TPM2B_DIGEST_Marshal, digest).put(UINT16{1});
  EXPECT_FALSE(writer.is_sound());
}

}  // namespace
}  // namespace strongroom::tpm
