// What crosses the socket for calls of strongroom/c/attestation.h.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attest_key.pb.h"
#include "certify_key.pb.h"
#include "prepare_key_attestation.pb.h"
#include "quote.pb.h"
#include "strongroom/strongroom.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom {
namespace {

using ::testing::ElementsAre;
using testing::FakeService;
using testing::success_with;

struct Release {
  void operator()(strongroom_buffer* buffer) const { strongroom_buffer_free(buffer); }
  void operator()(strongroom_client* client) const { strongroom_client_free(client); }
  void operator()(strongroom_options* options) const { strongroom_options_free(options); }
  void operator()(strongroom_attestation_identity* i) const {
    strongroom_attestation_identity_free(i);
  }
  void operator()(strongroom_tpm_statement* s) const { strongroom_tpm_statement_free(s); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

Owned<strongroom_client> client_of(const FakeService& service) {
  strongroom_options* options = nullptr;
  strongroom_client* client = nullptr;
  EXPECT_EQ(strongroom_options_new(&options, nullptr), STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_options> owned(options);
  strongroom_options_set_endpoint(options, service.socket_path().c_str(), nullptr);
  strongroom_options_set_provider(options, 3, nullptr);
  EXPECT_EQ(strongroom_client_open(options, &client, nullptr), STRONGROOM_STATUS_SUCCESS);
  return Owned<strongroom_client>(client);
}

template <typename Message>
Message sent_to(const FakeService& service) {
  Message message;
  const Bytes body = service.requests().at(0).body;
  EXPECT_TRUE(message.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return message;
}

std::string text_of_buffer(const strongroom_buffer* buffer) {
  const auto* data = reinterpret_cast<const char*>(strongroom_buffer_data(buffer));
  return {data, strongroom_buffer_size(buffer)};
}

const std::uint8_t* bytes(const char* text) {
  return reinterpret_cast<const std::uint8_t*>(text);
}

TEST(CAttestation, IdentitiesHaveThreeParts) {
  FakeService service([](const Request& request) {
    prepare_key_attestation::Result result;
    auto& output = *result.mutable_output()->mutable_activate_credential();
    output.set_name("name");
    output.set_public_("area");
    output.set_attesting_key_pub("endorsement");
    return success_with(request, result);
  });
  strongroom_attestation_identity* raw = nullptr;
  ASSERT_EQ(strongroom_prepare_key_attestation(client_of(service).get(), nullptr, &raw, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_attestation_identity> identity(raw);
  EXPECT_EQ(text_of_buffer(strongroom_attestation_identity_name(raw)), "name");
  EXPECT_EQ(text_of_buffer(strongroom_attestation_identity_public_area(raw)), "area");
  EXPECT_EQ(text_of_buffer(strongroom_attestation_identity_endorsement_key(raw)), "endorsement");
  EXPECT_TRUE(sent_to<prepare_key_attestation::Operation>(service)
                  .parameters()
                  .activate_credential()
                  .attestation_key());
}

TEST(CAttestation, CredentialsAreOpened) {
  FakeService service([](const Request& request) {
    attest_key::Result result;
    result.mutable_output()->mutable_activate_credential()->set_credential("enclosed");
    return success_with(request, result);
  });
  strongroom_buffer* raw = nullptr;
  ASSERT_EQ(strongroom_attest_key(client_of(service).get(), "web", bytes("blob"), 4,
                                  bytes("secret"), 6, &raw, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_buffer> enclosed(raw);
  EXPECT_EQ(text_of_buffer(raw), "enclosed");
  auto sent = sent_to<attest_key::Operation>(service);
  EXPECT_EQ(sent.attested_key_name(), "web");
  EXPECT_EQ(sent.parameters().activate_credential().secret(), "secret");
}

TEST(CAttestation, CertificatesHaveTheKeyAndNoValues) {
  FakeService service([](const Request& request) {
    certify_key::Result result;
    result.set_attest("attest");
    result.set_signature("signature");
    result.set_attestation_key("attestation key");
    result.set_public_("area");
    return success_with(request, result);
  });
  strongroom_tpm_statement* raw = nullptr;
  ASSERT_EQ(
      strongroom_certify_key(client_of(service).get(), "web", bytes("nonce"), 5, &raw, nullptr),
      STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_tpm_statement> statement(raw);
  EXPECT_EQ(text_of_buffer(strongroom_tpm_statement_attest(raw)), "attest");
  EXPECT_EQ(text_of_buffer(strongroom_tpm_statement_signature(raw)), "signature");
  EXPECT_EQ(text_of_buffer(strongroom_tpm_statement_attestation_key(raw)), "attestation key");
  EXPECT_EQ(text_of_buffer(strongroom_tpm_statement_key(raw)), "area");
  EXPECT_EQ(strongroom_tpm_statement_value_count(raw), 0U);
  EXPECT_EQ(sent_to<certify_key::Operation>(service).qualifying_data(), "nonce");
}

TEST(CAttestation, QuotesHaveValuesAndNoKey) {
  FakeService service([](const Request& request) {
    ::quote::Result result;
    result.add_values("zero");
    result.add_values("seven");
    return success_with(request, result);
  });
  const strongroom_register_selection selection = {STRONGROOM_ALG_SHA_256, 0x81};
  strongroom_tpm_statement* raw = nullptr;
  ASSERT_EQ(
      strongroom_quote(client_of(service).get(), &selection, 1, bytes("nonce"), 5, &raw, nullptr),
      STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_tpm_statement> statement(raw);
  EXPECT_EQ(strongroom_buffer_size(strongroom_tpm_statement_key(raw)), 0U);
  ASSERT_EQ(strongroom_tpm_statement_value_count(raw), 2U);
  EXPECT_EQ(text_of_buffer(strongroom_tpm_statement_value(raw, 1)), "seven");
  EXPECT_EQ(strongroom_tpm_statement_value(raw, 2), nullptr);
  auto sent = sent_to<::quote::Operation>(service);
  ASSERT_EQ(sent.banks_size(), 1);
  EXPECT_THAT(sent.banks(0).registers(), ElementsAre(0, 7));
}

}  // namespace
}  // namespace strongroom
