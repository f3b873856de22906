#include "tests/unit/client/attestation/verify_fixture.h"

namespace strongroom::attestation {
namespace {

using testing::big_endian;
using testing::joined;
using testing::sized;

// TPML_PCR_SELECTION of one bank with 24 registers.
Bytes selection_of(std::uint16_t bank, std::uint32_t bits) {
  return joined(
      {big_endian(1, 4), big_endian(bank, 2), big_endian(3, 1),
       Bytes{static_cast<std::byte>(bits & 0xff), static_cast<std::byte>(bits >> 8 & 0xff),
             static_cast<std::byte>(bits >> 16 & 0xff)}});
}

class VerifyQuote : public Verify {
 protected:
  VerifyQuote() {
    fields.type = testing::kQuoteType;
    evidence.registers = {Bytes(32, std::byte{1}), Bytes(32, std::byte{2})};
    registers.values = {{{PcrBank::Sha256, 0}, {}}, {{PcrBank::Sha256, 7}, {}}};
    quote();
  }
  void quote() {
    Bytes values;
    for (const Bytes& value : evidence.registers)
      values.insert(values.end(), value.begin(), value.end());
    fields.attested = joined({selection_of(0x000b, 0x81), sized(testing::sha256(values))});
    sign();
  }
  void expect_refused(Field field, std::string_view words) {
    sign();
    expect_failure(verify_quote(evidence, expected, registers), field, words);
  }
  ExpectedRegisters registers;
};

TEST_F(VerifyQuote, AGoodOneTellsTheValues) {
  auto found = verify_quote(evidence, expected, registers);
  ASSERT_TRUE(found.has_value()) << found.error().message;
  ASSERT_EQ(found->values.size(), 2U);
  EXPECT_EQ(found->values[1].which, (Register{PcrBank::Sha256, 7}));
  EXPECT_EQ(found->values[1].value, Bytes(32, std::byte{2}));
  std::swap(registers.values[0], registers.values[1]);
  registers.values[0].value = Bytes(32, std::byte{2});
  EXPECT_TRUE(verify_quote(evidence, expected, registers).has_value());
}

TEST_F(VerifyQuote, TypeAndNonceAreCheckedHereToo) {
  fields.nonce = Bytes(20);
  expect_refused(Field::Nonce, "");
  fields.type = testing::kCertifyType;
  expect_refused(Field::Type, "expected 0x8018 (a quote), found 0x8017 (a certified key)");
}

TEST_F(VerifyQuote, PcrSelection) {
  registers.values.pop_back();
  expect_refused(Field::PcrSelection, "expected sha256:0, found sha256:0 sha256:7");
  registers.values.push_back({{PcrBank::Sha256, 8}, {}});
  expect_refused(Field::PcrSelection, "expected sha256:0 sha256:8, found sha256:0 sha256:7");
  registers.values.back().which = {PcrBank::Sha384, 7};
  expect_refused(Field::PcrSelection, "sha384:7");
  registers.values.clear();
  expect_refused(Field::PcrSelection, "expected none");
}

TEST_F(VerifyQuote, PcrSelectionOfNoRegisters) {
  fields.attested = joined({big_endian(0, 4), sized(testing::sha256({}))});
  expect_refused(Field::PcrSelection, "found none");
}

TEST_F(VerifyQuote, PcrDigest) {
  evidence.registers[1][31] ^= std::byte{1};
  expect_refused(Field::PcrDigest, "expected ");
}

TEST_F(VerifyQuote, ValuesMoreOrFewerOrOfAnotherLength) {
  const std::vector<Bytes> good = evidence.registers;
  evidence.registers.pop_back();
  expect_refused(Field::PcrSelection, "expected 2 values, found 1");
  evidence.registers = good;
  evidence.registers.emplace_back();
  expect_refused(Field::PcrSelection, "expected 2 values, found 3");
  // The same bytes, cut elsewhere.
  evidence.registers = {Bytes(31, std::byte{1}), Bytes(33, std::byte{2})};
  evidence.registers[1][0] = std::byte{1};
  expect_refused(Field::PcrDigest, "expected 32 bytes of sha256:0, found 31");
}

TEST_F(VerifyQuote, AValueThatIsNotTheExpectedOne) {
  registers.values[1].value = Bytes(32, std::byte{3});
  expect_refused(Field::PcrDigest, "expected sha256:7 " + to_hex(registers.values[1].value) +
                                       ", found " + to_hex(evidence.registers[1]));
}

TEST_F(VerifyQuote, SelectionsLongerThanTheStatement) {
  fields.attested = big_endian(0xffffffff, 4);
  expect_refused(Field::Structure, "4294967295 banks");
  fields.attested = joined({big_endian(1, 4), big_endian(0x0b, 2), big_endian(0xff, 1)});
  expect_refused(Field::Structure, "");
}

}  // namespace
}  // namespace strongroom::attestation
