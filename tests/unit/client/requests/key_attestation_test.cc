#include "strongroom/key_attestation.h"

#include "attest_key.pb.h"
#include "certify_key.pb.h"
#include "prepare_key_attestation.pb.h"
#include "protocol/psa_codec.h"
#include "quote.pb.h"
#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FailsFrom;
using testing::FakeService;
using testing::IsOk;
using testing::success_with;

Client client_of(const FakeService& service) {
  return Client::open(
             {.endpoint = service.socket_path(), .provider = ProviderId::Tpm, .timeout = 2s})
      .value();
}

template <typename Message>
Message sent_to(const FakeService& service, Opcode opcode) {
  const auto request = service.requests().at(0);
  EXPECT_EQ(request.header.opcode, static_cast<std::uint32_t>(opcode));
  EXPECT_EQ(request.header.provider, 3);
  Message message;
  EXPECT_TRUE(message.ParseFromArray(request.body.data(), static_cast<int>(request.body.size())));
  return message;
}

Bytes prepared(const Request& request) {
  prepare_key_attestation::Result result;
  auto& output = *result.mutable_output()->mutable_activate_credential();
  output.set_name("name");
  output.set_public_("area");
  output.set_attesting_key_pub("endorsement");
  return success_with(request, result);
}

Bytes opened(const Request& request) {
  attest_key::Result result;
  result.mutable_output()->mutable_activate_credential()->set_credential("enclosed");
  return success_with(request, result);
}

TEST(ClientAttestation, PreparationNamesTheKey) {
  FakeService service(&prepared);
  auto identity = client_of(service).call(requests::prepare_key_attestation("web"));
  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(text_of(identity->name), "name");
  EXPECT_EQ(text_of(identity->public_area), "area");
  EXPECT_EQ(text_of(identity->endorsement_key), "endorsement");
  auto sent = sent_to<prepare_key_attestation::Operation>(service, Opcode::PrepareKeyAttestation);
  EXPECT_EQ(sent.parameters().activate_credential().attested_key_name(), "web");
  EXPECT_FALSE(sent.parameters().activate_credential().attestation_key());
}

TEST(ClientAttestation, PreparationOfTheProvidersKeyNamesNone) {
  FakeService service(&prepared);
  ASSERT_THAT(client_of(service).call(requests::prepare_attestation_key()), IsOk());
  auto sent = sent_to<prepare_key_attestation::Operation>(service, Opcode::PrepareKeyAttestation);
  EXPECT_TRUE(sent.parameters().activate_credential().attestation_key());
  EXPECT_EQ(sent.parameters().activate_credential().attested_key_name(), "");
}

TEST(ClientAttestation, ActivationGivesWhatWasEnclosed) {
  FakeService service(&opened);
  auto enclosed = client_of(service).call(
      requests::attest_key("web", view_of("credential"), view_of("secret")));
  ASSERT_THAT(enclosed, IsOk());
  EXPECT_EQ(text_of(*enclosed), "enclosed");
  auto sent = sent_to<attest_key::Operation>(service, Opcode::AttestKey);
  EXPECT_EQ(sent.attested_key_name(), "web");
  EXPECT_FALSE(sent.attestation_key());
  EXPECT_EQ(sent.parameters().activate_credential().credential_blob(), "credential");
  EXPECT_EQ(sent.parameters().activate_credential().secret(), "secret");
}

TEST(ClientAttestation, ActivationForTheProvidersKeyNamesNone) {
  FakeService service(&opened);
  ASSERT_THAT(client_of(service).call(requests::attest_attestation_key({}, {})), IsOk());
  auto sent = sent_to<attest_key::Operation>(service, Opcode::AttestKey);
  EXPECT_TRUE(sent.attestation_key());
  EXPECT_EQ(sent.attested_key_name(), "");
}

TEST(ClientAttestation, CertificationSendsTheQuestion) {
  FakeService service([](const Request& request) {
    certify_key::Result result;
    result.set_attest("attest");
    result.set_signature("signature");
    result.set_attestation_key("key");
    result.set_public_("area");
    return success_with(request, result);
  });
  auto certificate = client_of(service).call(requests::certify_key("web", view_of("nonce")));
  ASSERT_THAT(certificate, IsOk());
  EXPECT_EQ(text_of(certificate->statement.attest), "attest");
  EXPECT_EQ(text_of(certificate->statement.signature), "signature");
  EXPECT_EQ(text_of(certificate->statement.attestation_key), "key");
  EXPECT_EQ(text_of(certificate->public_area), "area");
  auto sent = sent_to<certify_key::Operation>(service, Opcode::CertifyKey);
  EXPECT_EQ(sent.key_name(), "web");
  EXPECT_EQ(sent.qualifying_data(), "nonce");
}

TEST(ClientAttestation, QuotesHaveAsManyValuesAsWereAskedFor) {
  FakeService service([](const Request& request) {
    ::quote::Result result;
    result.set_attest("attest");
    result.add_values("one");
    result.add_values("two");
    return success_with(request, result);
  });
  const std::array both = {RegisterSelection{psa::Hash::Sha256, {0}},
                           RegisterSelection{psa::Hash::Sha384, {7}}};
  auto quote = client_of(service).call(requests::quote(both, view_of("nonce")));
  ASSERT_THAT(quote, IsOk());
  EXPECT_THAT(quote->values, ElementsAre(bytes_of("one"), bytes_of("two")));
  auto sent = sent_to<::quote::Operation>(service, Opcode::Quote);
  ASSERT_EQ(sent.banks_size(), 2);
  EXPECT_EQ(*decode(sent.banks(1).hash()), psa::Hash::Sha384);
  EXPECT_THAT(sent.banks(1).registers(), ElementsAre(7));
  EXPECT_THAT(client_of(service).call(requests::quote(std::span(both).first(1), {})),
              FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
}

}  // namespace
}  // namespace strongroom
