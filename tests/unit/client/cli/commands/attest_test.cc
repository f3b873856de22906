// Attestation, against a service that answers and evidence of a TPM that is none.
#include "attest_key.pb.h"
#include "certify_key.pb.h"
#include "prepare_key_attestation.pb.h"
#include "quote.pb.h"
#include "strongroom/attestation.h"
#include "tests/support/attestation/fake_tpm.h"
#include "tests/unit/client/cli/command_fixture.h"

namespace strongroom::cli::testing {
namespace {

using strongroom::testing::FakeKey;
using strongroom::testing::Scheme;
using strongroom::testing::StatementFields;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr psa::KeyType kEcc = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};
const std::string kNonce(40, '4');

std::string text(const Bytes& bytes) {
  return std::string(text_of(bytes));
}

class Attest : public CommandTest {
 protected:
  Attest() {
    keys_["web"] = {.type = kEcc,
                    .bits = 256,
                    .usage = {.sign_hash = true},
                    .algorithm = psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::Ecdsa,
                                                          psa::Hash::Sha256}};
    answers_[Opcode::PrepareKeyAttestation] = [this](const Request& request) {
      prepare_key_attestation::Result result;
      auto& output = *result.mutable_output()->mutable_activate_credential();
      output.set_name(text(signer_.name()));
      output.set_public_(text(signer_.public_area()));
      output.set_attesting_key_pub(text(strongroom::testing::rsa_public_key(endorsement_.pair())));
      return success_with(request, result);
    };
    answers_[Opcode::AttestKey] = [](const Request& request) {
      attest_key::Result result;
      result.mutable_output()->mutable_activate_credential()->set_credential("enclosed");
      return success_with(request, result);
    };
    answers_[Opcode::CertifyKey] = [this](const Request& request) {
      certify_key::Result result;
      put_statement(result, body_of<certify_key::Operation>(request).qualifying_data(),
                    strongroom::testing::kCertifyType,
                    strongroom::testing::joined(
                        {strongroom::testing::sized(key_.name()), strongroom::testing::sized({})}));
      result.set_public_(text(key_.public_area()));
      return success_with(request, result);
    };
  }

  template <typename Result>
  void put_statement(Result& result, const std::string& nonce, std::uint32_t type,
                     Bytes attested) const {
    StatementFields fields;
    fields.type = type;
    fields.qualified_signer = signer_.qualified_name();
    fields.nonce = bytes_of(nonce);
    fields.attested = std::move(attested);
    const Bytes attest = marshalled(fields);
    result.set_attest(text(attest));
    result.set_signature(text(signer_.sign(attest)));
    result.set_attestation_key(text(signer_.public_area()));
  }
  std::string file(std::string_view name) { return directory_ / std::string(name); }
  void identify() {
    ASSERT_EQ(run({"attest", "identify", "--output", file("ak")}), ExitCode::Ok) << err_;
  }
  void certify() {
    ASSERT_EQ(run({"attest", "certify", "web", file("evidence"), "--nonce", kNonce}), ExitCode::Ok)
        << err_;
  }
  ExitCode verify(std::vector<std::string> more, const std::string& nonce = kNonce) {
    std::vector<std::string> words = {
        "attest", "verify", file("evidence"), "--attestation-key", file("ak"), "--nonce", nonce};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  const FakeKey signer_{Scheme::Ecdsa, strongroom::testing::kAttestationAttributes};
  const FakeKey key_{Scheme::Ecdsa, strongroom::testing::kApplicationAttributes};
  const FakeKey endorsement_{Scheme::RsaSsa, 0};
};

TEST_F(Attest, IdentitiesAreOfTheAttestationKeyOrOfTheOneThatIsNamed) {
  identify();
  auto sent = body_of<prepare_key_attestation::Operation>(requests().back());
  EXPECT_TRUE(sent.parameters().activate_credential().attestation_key());
  EXPECT_EQ(requests().back().header.provider, 3);
  ASSERT_EQ(run({"attest", "identify", "web"}), ExitCode::Ok) << err_;
  EXPECT_THAT(out_, HasSubstr("-----BEGIN TPM NAME-----"));
  sent = body_of<prepare_key_attestation::Operation>(requests().back());
  EXPECT_EQ(sent.parameters().activate_credential().attested_key_name(), "web");
}

TEST_F(Attest, ChallengesNeedTheEndorsementKeyFromElsewhere) {
  identify();
  EXPECT_EQ(run({"attest", "challenge", file("ak"), "--secret", file("secret")}), ExitCode::Usage);
  EXPECT_THAT(err_, HasSubstr("--endorsement-key is missing"));
  EXPECT_EQ(run({"attest", "challenge", file("ak"), file("challenge"), "--secret", file("secret"),
                 "--endorsement-key", file("ak")}),
            ExitCode::Ok)
      << err_;
  EXPECT_EQ(read_file(file("secret")).size(), 32U);
  ASSERT_EQ(run({"attest", "answer", file("challenge")}), ExitCode::Ok) << err_;
  EXPECT_EQ(out_, "enclosed");
  EXPECT_TRUE(body_of<attest_key::Operation>(requests().back()).attestation_key());
}

TEST_F(Attest, ChallengesAreForAKeyOfTheRightKind) {
  identify();
  EXPECT_EQ(run({"attest", "challenge", file("ak"), "--secret", file("secret"), "--endorsement-key",
                 file("ak"), "--application-key"}),
            ExitCode::BadSignature);
  EXPECT_THAT(err_, HasSubstr("key attributes: expected restricted to be clear"));
}

TEST_F(Attest, WhatIsNoChallengeIsNotSent) {
  write_file("challenge", "nonsense");
  EXPECT_EQ(run({"attest", "answer", file("challenge")}), ExitCode::InvalidData);
  EXPECT_THAT(err_, HasSubstr("it is no challenge: structure: no block of 'TPM CREDENTIAL'"));
}

TEST_F(Attest, ACertifiedKeyVerifiesAndIsShown) {
  identify();
  certify();
  EXPECT_EQ(verify({}), ExitCode::Ok) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("Verified OK: the TPM holds this key\n"),
                          HasSubstr("resets: 7\nrestarts: 3\nfirmware: 2019102300163636\n"),
                          HasSubstr("-----BEGIN PUBLIC KEY-----")));
  EXPECT_EQ(verify({"--json"}), ExitCode::Ok) << err_;
  EXPECT_THAT(out_, HasSubstr(R"("statement": "key")"));
}

TEST_F(Attest, WhatDoesNotVerifySaysWhichFieldAndEndsWithSeven) {
  identify();
  certify();
  EXPECT_EQ(verify({}, std::string(40, '5')), ExitCode::BadSignature);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("verifying the key: nonce: expected 5555"));
  EXPECT_EQ(verify({"--reset-count", "8"}), ExitCode::BadSignature);
  EXPECT_THAT(err_, HasSubstr("reset count: expected 8, found 7"));
  EXPECT_EQ(verify({"--firmware", "0000000000000001"}), ExitCode::BadSignature);
  EXPECT_EQ(verify({"--clock-at-least", "5001"}), ExitCode::BadSignature);
  EXPECT_EQ(verify({"--pcrs", "sha256:0"}), ExitCode::BadSignature);
  EXPECT_THAT(err_, HasSubstr("type: expected 0x8018 (a quote)"));
}

TEST_F(Attest, NumbersThatAreNoneAreWrongUsage) {
  identify();
  certify();
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--reset-count", "-1"},
                                                {"--restart-count", "4294967296"},
                                                {"--clock-at-least", "soon"},
                                                {"--firmware", "1"},
                                                {"--pcrs", "sha256:24"}})
    EXPECT_EQ(verify(words), ExitCode::Usage) << words.front();
  EXPECT_EQ(verify({}, "4"), ExitCode::Usage);
  EXPECT_EQ(verify({}, std::string(130, '4')), ExitCode::Usage);
}

TEST_F(Attest, QuotesAskForRegistersBankByBank) {
  answers_[Opcode::Quote] = [](const Request& request) {
    ::quote::Result result;
    for (int i = 0; i < 4; ++i)
      result.add_values("value");
    return success_with(request, result);
  };
  EXPECT_EQ(run({"attest", "quote", file("evidence"), "--pcrs", "sha384:4+sha256:7,0,23", "--nonce",
                 kNonce}),
            ExitCode::Ok)
      << err_;
  auto sent = body_of<::quote::Operation>(requests().back());
  EXPECT_EQ(requests().back().header.provider, 3);
  ASSERT_EQ(sent.banks_size(), 2);
  EXPECT_THAT(sent.banks(0).registers(), ElementsAre(0, 7, 23));
  EXPECT_THAT(sent.banks(1).registers(), ElementsAre(4));
  EXPECT_EQ(run({"attest", "quote", "--pcrs", "sha256:0=00", "--nonce", kNonce}), ExitCode::Usage);
  EXPECT_EQ(run({"attest", "quote", "--nonce", kNonce}), ExitCode::Usage);
}

}  // namespace
}  // namespace strongroom::cli::testing
