// What crosses the socket for calls of strongroom/c/extensions.h.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aead_seal.pb.h"
#include "derive_key.pb.h"
#include "protocol/psa_codec.h"
#include "sign_batch.pb.h"
#include "strongroom/strongroom.h"
#include "tests/unit/client/fake_service.h"
#include "unwrap_key.pb.h"
#include "wrap_key.pb.h"

namespace strongroom {
namespace {

using ::testing::ElementsAre;
using testing::FakeService;
using testing::success;
using testing::success_with;

struct Release {
  void operator()(strongroom_buffer* buffer) const { strongroom_buffer_free(buffer); }
  void operator()(strongroom_client* client) const { strongroom_client_free(client); }
  void operator()(strongroom_derivation_inputs* i) const { strongroom_derivation_inputs_free(i); }
  void operator()(strongroom_key_attributes* a) const { strongroom_key_attributes_free(a); }
  void operator()(strongroom_options* options) const { strongroom_options_free(options); }
  void operator()(strongroom_sealed_text* sealed) const { strongroom_sealed_text_free(sealed); }
  void operator()(strongroom_signature_list* list) const { strongroom_signature_list_free(list); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

Owned<strongroom_client> client_of(const FakeService& service) {
  strongroom_options* options = nullptr;
  strongroom_client* client = nullptr;
  EXPECT_EQ(strongroom_options_new(&options, nullptr), STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_options> owned(options);
  strongroom_options_set_endpoint(options, service.socket_path().c_str(), nullptr);
  strongroom_options_set_provider(options, 1, nullptr);
  EXPECT_EQ(strongroom_client_open(options, &client, nullptr), STRONGROOM_STATUS_SUCCESS);
  return Owned<strongroom_client>(client);
}

Owned<strongroom_key_attributes> aes() {
  strongroom_key_attributes* attributes = nullptr;
  strongroom_key_attributes_new(&attributes, nullptr);
  strongroom_key_attributes_set_type(attributes, STRONGROOM_KEY_TYPE_AES, nullptr);
  strongroom_key_attributes_set_bits(attributes, 128, nullptr);
  strongroom_key_attributes_set_drawn_nonce_only(attributes, true, nullptr);
  return Owned<strongroom_key_attributes>(attributes);
}

template <typename Message>
Message sent_to(const FakeService& service) {
  Message message;
  const Bytes body = service.requests().at(0).body;
  EXPECT_TRUE(message.ParseFromArray(body.data(), static_cast<int>(body.size())));
  return message;
}

const std::uint8_t* octets_of(std::string_view text) {
  return octets(view_of(text));
}

std::string text_of(const strongroom_buffer* buffer) {
  return std::string(strongroom::text_of(
      std::as_bytes(std::span(strongroom_buffer_data(buffer), strongroom_buffer_size(buffer)))));
}

TEST(CApiExtensions, DerivingSendsEachInputInItsPlace) {
  FakeService service([](const Request& request) { return success(request); });
  strongroom_derivation_inputs* made = nullptr;
  ASSERT_EQ(strongroom_derivation_inputs_new(&made, nullptr), STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_derivation_inputs> inputs(made);
  for (const auto& [step, text] : {std::pair(STRONGROOM_DERIVATION_PEER_KEY, "peer"),
                                   std::pair(STRONGROOM_DERIVATION_LABEL, "label"),
                                   std::pair(STRONGROOM_DERIVATION_SALT, "salt"),
                                   std::pair(STRONGROOM_DERIVATION_INFO, "info"),
                                   std::pair(STRONGROOM_DERIVATION_SEED, "replaced"),
                                   std::pair(STRONGROOM_DERIVATION_SEED, "seed")})
    EXPECT_EQ(strongroom_derivation_inputs_set(made, step, octets_of(text),
                                               std::string_view(text).size(), nullptr),
              STRONGROOM_STATUS_SUCCESS);
  const strongroom_algorithm algorithm = STRONGROOM_ALG_KEY_AGREEMENT(
      STRONGROOM_ALG_ECDH, STRONGROOM_ALG_HKDF(STRONGROOM_ALG_SHA_256));
  EXPECT_EQ(strongroom_derive_key(client_of(service).get(), "secret", algorithm, made, "new",
                                  aes().get(), nullptr),
            STRONGROOM_STATUS_SUCCESS);
  auto sent = sent_to<derive_key::Operation>(service);
  EXPECT_EQ(sent.key_name(), "secret");
  EXPECT_EQ(sent.new_key_name(), "new");
  EXPECT_EQ(sent.peer_key(), "peer");
  EXPECT_EQ(sent.label(), "label");
  EXPECT_EQ(sent.salt(), "salt");
  EXPECT_EQ(sent.info(), "info");
  EXPECT_EQ(sent.seed(), "seed");
  EXPECT_TRUE(sent.attributes().key_policy().drawn_nonce_only());
}

TEST(CApiExtensions, AnAgreementWithoutDerivationIsNoWayToDerive) {
  strongroom_request* request = nullptr;
  for (strongroom_algorithm algorithm : {STRONGROOM_ALG_ECDH, STRONGROOM_ALG_GCM})
    EXPECT_EQ(strongroom_request_derive_key("secret", algorithm, nullptr, "new", aes().get(),
                                            &request, nullptr),
              STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(request, nullptr);
}

TEST(CApiExtensions, WrappingNamesBothKeys) {
  FakeService service([](const Request& request) {
    wrap_key::Result result;
    result.set_wrapped_key("wrapped");
    return success_with(request, result);
  });
  strongroom_buffer* out = nullptr;
  ASSERT_EQ(strongroom_wrap_key(client_of(service).get(), "secret", "kek", STRONGROOM_ALG_KWP, &out,
                                nullptr),
            STRONGROOM_STATUS_SUCCESS);
  EXPECT_EQ(text_of(Owned<strongroom_buffer>(out).get()), "wrapped");
  auto sent = sent_to<wrap_key::Operation>(service);
  EXPECT_EQ(sent.key_name(), "secret");
  EXPECT_EQ(sent.wrapping_key_name(), "kek");
  EXPECT_TRUE(sent.alg().has_aes_kwp());
}

TEST(CApiExtensions, UnwrappingSendsAttributesAndBytes) {
  FakeService service([](const Request& request) { return success(request); });
  EXPECT_EQ(strongroom_unwrap_key(client_of(service).get(), "new", aes().get(), "rsa",
                                  STRONGROOM_ALG_RSA_OAEP_KWP(STRONGROOM_ALG_SHA_256),
                                  octets_of("wrapped"), 7, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  auto sent = sent_to<unwrap_key::Operation>(service);
  EXPECT_EQ(sent.key_name(), "new");
  EXPECT_EQ(sent.attributes().key_bits(), 128U);
  EXPECT_EQ(sent.unwrapping_key_name(), "rsa");
  EXPECT_EQ(sent.alg().rsa_oaep_aes_kwp().hash_alg(), encode(psa::Hash::Sha256));
  EXPECT_EQ(sent.wrapped_key(), "wrapped");
}

TEST(CApiExtensions, SignaturesOfABatchComeInOrder) {
  FakeService service([](const Request& request) {
    sign_batch::Result result;
    result.add_signatures("one");
    result.add_signatures("two");
    return success_with(request, result);
  });
  const std::uint8_t* inputs[] = {octets_of("a"), nullptr};
  const std::size_t sizes[] = {1, 0};
  strongroom_signature_list* out = nullptr;
  ASSERT_EQ(strongroom_sign_messages(client_of(service).get(), "signer",
                                     STRONGROOM_ALG_ECDSA(STRONGROOM_ALG_SHA_256), inputs, sizes, 2,
                                     &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_signature_list> list(out);
  ASSERT_EQ(strongroom_signature_list_count(out), 2U);
  EXPECT_EQ(text_of(strongroom_signature_list_signature(out, 0)), "one");
  EXPECT_EQ(text_of(strongroom_signature_list_signature(out, 1)), "two");
  EXPECT_EQ(strongroom_signature_list_signature(out, 2), nullptr);
  EXPECT_THAT(sent_to<sign_batch::Operation>(service).messages(), ElementsAre("a", ""));
}

TEST(CApiExtensions, SealedTextHasItsNonce) {
  FakeService service([](const Request& request) {
    aead_seal::Result result;
    result.set_nonce("twelve bytes");
    result.set_ciphertext("hidden");
    return success_with(request, result);
  });
  strongroom_sealed_text* out = nullptr;
  ASSERT_EQ(strongroom_aead_seal(client_of(service).get(), "aes", STRONGROOM_ALG_GCM,
                                 octets_of("more"), 4, octets_of("shown"), 5, &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_sealed_text> sealed(out);
  EXPECT_EQ(text_of(strongroom_sealed_text_nonce(out)), "twelve bytes");
  EXPECT_EQ(text_of(strongroom_sealed_text_ciphertext(out)), "hidden");
  auto sent = sent_to<aead_seal::Operation>(service);
  EXPECT_EQ(sent.additional_data(), "more");
  EXPECT_EQ(sent.plaintext(), "shown");
}

}  // namespace
}  // namespace strongroom
