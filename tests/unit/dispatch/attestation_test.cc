// What is decided of attestation before a provider is asked.
#include "attest_key.pb.h"
#include "certify_key.pb.h"
#include "prepare_key_attestation.pb.h"
#include "quote.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using ::testing::ElementsAre;
using testing::generate_body;
using testing::request_of;
using testing::result_in;
using testing::ServiceUnderTest;
using testing::valid_body;

class Attestation : public ::testing::Test {
 protected:
  Attestation() {
    EXPECT_EQ(
        service_.status_of(request_of(Opcode::PsaGenerateKey, generate_body("web", ecc_pair()))),
        Status::Success);
    preparation_.mutable_parameters()->mutable_activate_credential()->set_attested_key_name("web");
    activation_.set_attested_key_name("web");
    activation_.mutable_parameters()->mutable_activate_credential()->set_credential_blob("blob");
    certification_.set_key_name("web");
    certification_.set_qualifying_data("nonce");
    add_bank(quote_, psa_algorithm::Algorithm::SHA_256, {0, 7, 23});
    quote_.set_qualifying_data("nonce");
  }

  static void add_bank(::quote::Operation& quote, psa_algorithm::Algorithm::Hash hash,
                       std::initializer_list<std::uint32_t> registers) {
    auto& bank = *quote.add_banks();
    bank.set_hash(hash);
    bank.mutable_registers()->Add(registers.begin(), registers.end());
  }
  Response ask(Opcode opcode, const google::protobuf::Message& message) {
    return service_.ask(request_of(opcode, *serialized(message)));
  }
  Status status_of(Opcode opcode, const google::protobuf::Message& message) {
    return service_.status_of(request_of(opcode, *serialized(message)));
  }

  ServiceUnderTest service_;
  prepare_key_attestation::Operation preparation_;
  attest_key::Operation activation_;
  certify_key::Operation certification_;
  ::quote::Operation quote_;
};

TEST_F(Attestation, OfAKeyIsPrepared) {
  const auto result =
      result_in<prepare_key_attestation::Result>(ask(Opcode::PrepareKeyAttestation, preparation_));
  EXPECT_EQ(result.output().activate_credential().name(), "name");
}

TEST_F(Attestation, OfTheProvidersOwnKeyNamesNone) {
  auto& parameters = *preparation_.mutable_parameters()->mutable_activate_credential();
  parameters.set_attestation_key(true);
  EXPECT_EQ(status_of(Opcode::PrepareKeyAttestation, preparation_),
            Status::PsaErrorInvalidArgument);
  parameters.clear_attested_key_name();
  const auto result =
      result_in<prepare_key_attestation::Result>(ask(Opcode::PrepareKeyAttestation, preparation_));
  EXPECT_EQ(result.output().activate_credential().name(), "own name");
  activation_.set_attestation_key(true);
  EXPECT_EQ(status_of(Opcode::AttestKey, activation_), Status::PsaErrorInvalidArgument);
  activation_.clear_attested_key_name();
  EXPECT_EQ(status_of(Opcode::AttestKey, activation_), Status::Success);
}

// Of two things that are wrong, the one that the contract judges first is told.
TEST_F(Attestation, FailsInTheOrderOfTheContract) {
  auto& parameters = *preparation_.mutable_parameters()->mutable_activate_credential();
  parameters.set_attesting_key_name("other");
  parameters.set_attested_key_name("absent");
  EXPECT_EQ(status_of(Opcode::PrepareKeyAttestation, preparation_), Status::PsaErrorNotSupported);
  parameters.clear_attesting_key_name();
  EXPECT_EQ(status_of(Opcode::PrepareKeyAttestation, preparation_), Status::PsaErrorDoesNotExist);
  activation_.set_attesting_key_name("other");
  activation_.set_attested_key_name("absent");
  EXPECT_EQ(status_of(Opcode::AttestKey, activation_), Status::PsaErrorNotSupported);
  activation_.clear_attesting_key_name();
  EXPECT_EQ(status_of(Opcode::AttestKey, activation_), Status::PsaErrorDoesNotExist);
}

TEST_F(Attestation, CertifiesAKeyForAQuestion) {
  const auto result = result_in<certify_key::Result>(ask(Opcode::CertifyKey, certification_));
  EXPECT_EQ(result.attest(), "certified:nonce");
  EXPECT_EQ(result.signature(), "signature");
  EXPECT_EQ(result.attestation_key(), "attestation key");
  EXPECT_EQ(result.public_(), "area");
}

TEST_F(Attestation, CertifiesTheCallersKeysAlone) {
  certification_.set_key_name("absent");
  certification_.set_qualifying_data(std::string(65, 'n'));
  EXPECT_EQ(status_of(Opcode::CertifyKey, certification_), Status::PsaErrorDoesNotExist);
  certification_.set_key_name("web");
  EXPECT_EQ(status_of(Opcode::CertifyKey, certification_), Status::PsaErrorInvalidArgument);
  certification_.set_qualifying_data(std::string(64, 'n'));
  EXPECT_EQ(status_of(Opcode::CertifyKey, certification_), Status::Success);
  certification_.clear_key_name();
  EXPECT_EQ(status_of(Opcode::CertifyKey, certification_), Status::PsaErrorInvalidArgument);
}

TEST_F(Attestation, QuotesRegistersForAQuestion) {
  const auto result = result_in<::quote::Result>(ask(Opcode::Quote, quote_));
  EXPECT_EQ(result.attest(), "quoted:nonce");
  EXPECT_THAT(result.values(), ElementsAre("value", "value", "value"));
}

TEST_F(Attestation, QuotesEachRegisterOnceAndInOrder) {
  auto refused = [&](std::initializer_list<std::uint32_t> registers) {
    quote_.clear_banks();
    add_bank(quote_, psa_algorithm::Algorithm::SHA_256, registers);
    return status_of(Opcode::Quote, quote_) == Status::PsaErrorInvalidArgument;
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({7, 7}));
  EXPECT_TRUE(refused({7, 0}));
  EXPECT_FALSE(refused({0, 7}));
  add_bank(quote_, psa_algorithm::Algorithm::SHA_384, {7});
  EXPECT_EQ(status_of(Opcode::Quote, quote_), Status::Success);
  add_bank(quote_, psa_algorithm::Algorithm::SHA_256, {8});
  EXPECT_EQ(status_of(Opcode::Quote, quote_), Status::PsaErrorInvalidArgument);
}

TEST_F(Attestation, QuotesTakeAQuestionThatATpmTakes) {
  quote_.set_qualifying_data(std::string(65, 'n'));
  EXPECT_EQ(status_of(Opcode::Quote, quote_), Status::PsaErrorInvalidArgument);
}

}  // namespace
}  // namespace strongroom
