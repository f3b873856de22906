// What crosses the socket for calls of the C interface, where the service of tests/c_api/ lacks the
// operation or cannot be made to answer so.
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "list_clients.pb.h"
#include "list_keys.pb.h"
#include "protocol/psa_codec.h"
#include "psa_cipher_decrypt.pb.h"
#include "psa_cipher_encrypt.pb.h"
#include "psa_mac_compute.pb.h"
#include "psa_mac_verify.pb.h"
#include "status.pb.h"
#include "strongroom/strongroom.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom {
namespace {

using testing::FakeService;
using testing::success;
using testing::success_with;

struct Release {
  void operator()(strongroom_buffer* buffer) const { strongroom_buffer_free(buffer); }
  void operator()(strongroom_client* client) const { strongroom_client_free(client); }
  void operator()(strongroom_application_list* list) const {
    strongroom_application_list_free(list);
  }
  void operator()(strongroom_error* error) const { strongroom_error_free(error); }
  void operator()(strongroom_key_list* list) const { strongroom_key_list_free(list); }
  void operator()(strongroom_options* options) const { strongroom_options_free(options); }
  void operator()(strongroom_service_report* r) const { strongroom_service_report_free(r); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

Owned<strongroom_client> client_of(const FakeService& service) {
  strongroom_options* options = nullptr;
  strongroom_client* client = nullptr;
  EXPECT_EQ(strongroom_options_new(&options, nullptr), STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_options> owned(options);
  EXPECT_EQ(strongroom_options_set_endpoint(options, service.socket_path().c_str(), nullptr),
            STRONGROOM_STATUS_SUCCESS);
  EXPECT_EQ(strongroom_options_set_provider(options, 1, nullptr), STRONGROOM_STATUS_SUCCESS);
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

const std::uint8_t* octets_of(std::string_view text) {
  return octets(view_of(text));
}

std::string text_of(const strongroom_buffer* buffer) {
  ByteView bytes =
      std::as_bytes(std::span(strongroom_buffer_data(buffer), strongroom_buffer_size(buffer)));
  return std::string(strongroom::text_of(bytes));
}

TEST(CApi, EncryptingByACipherSendsKeyAlgorithmAndPlaintext) {
  FakeService service([](const Request& request) {
    psa_cipher_encrypt::Result result;
    result.set_ciphertext("hidden");
    return success_with(request, result);
  });
  strongroom_buffer* out = nullptr;
  EXPECT_EQ(strongroom_cipher_encrypt(client_of(service).get(), "aes", STRONGROOM_ALG_CTR,
                                      octets_of("shown"), 5, &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  EXPECT_EQ(text_of(Owned<strongroom_buffer>(out).get()), "hidden");
  auto sent = sent_to<psa_cipher_encrypt::Operation>(service);
  EXPECT_EQ(sent.key_name(), "aes");
  EXPECT_EQ(sent.alg(), encode(psa::Cipher::Ctr));
  EXPECT_EQ(sent.plaintext(), "shown");
}

TEST(CApi, DecryptingByACipherSendsKeyAlgorithmAndCiphertext) {
  FakeService service([](const Request& request) {
    psa_cipher_decrypt::Result result;
    result.set_plaintext("shown");
    return success_with(request, result);
  });
  strongroom_buffer* out = nullptr;
  EXPECT_EQ(strongroom_cipher_decrypt(client_of(service).get(), "aes", STRONGROOM_ALG_CBC_PKCS7,
                                      octets_of("hidden"), 6, &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  EXPECT_EQ(text_of(Owned<strongroom_buffer>(out).get()), "shown");
  auto sent = sent_to<psa_cipher_decrypt::Operation>(service);
  EXPECT_EQ(sent.alg(), encode(psa::Cipher::CbcPkcs7));
  EXPECT_EQ(sent.ciphertext(), "hidden");
}

TEST(CApi, ComputingAMacSendsKeyAlgorithmAndInput) {
  FakeService service([](const Request& request) {
    psa_mac_compute::Result result;
    result.set_mac("tag");
    return success_with(request, result);
  });
  strongroom_buffer* out = nullptr;
  EXPECT_EQ(strongroom_mac_compute(client_of(service).get(), "hmac",
                                   STRONGROOM_ALG_HMAC(STRONGROOM_ALG_SHA_256), octets_of("input"),
                                   5, &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  EXPECT_EQ(text_of(Owned<strongroom_buffer>(out).get()), "tag");
  auto sent = sent_to<psa_mac_compute::Operation>(service);
  EXPECT_EQ(sent.key_name(), "hmac");
  EXPECT_EQ(sent.alg().full_length().hmac().hash_alg(), encode(psa::Hash::Sha256));
  EXPECT_EQ(sent.input(), "input");
}

TEST(CApi, VerifyingAMacSendsInputAndMac) {
  FakeService service([](const Request& request) { return success(request); });
  EXPECT_EQ(strongroom_mac_verify(client_of(service).get(), "cmac",
                                  STRONGROOM_ALG_TRUNCATED_MAC(STRONGROOM_ALG_CMAC, 4),
                                  octets_of("input"), 5, octets_of("mac!"), 4, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  auto sent = sent_to<psa_mac_verify::Operation>(service);
  EXPECT_EQ(sent.alg().truncated().mac_length(), 4U);
  EXPECT_EQ(sent.input(), "input");
  EXPECT_EQ(sent.mac(), "mac!");
}

TEST(CApi, NamesThatHoldANulAreListedWithTheirWholeLength) {
  FakeService service([](const Request& request) {
    list_clients::Result result;
    result.add_clients(std::string("one\0two", 7));
    return success_with(request, result);
  });
  strongroom_application_list* out = nullptr;
  EXPECT_EQ(strongroom_list_applications(client_of(service).get(), &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_application_list> list(out);
  EXPECT_EQ(strongroom_application_list_name_size(list.get(), 0), 7U);
  EXPECT_STREQ(strongroom_application_list_name(list.get(), 0), "one");
}

TEST(CApi, PoliciesThatPsaCannotSayAreListedAsUnencodable) {
  FakeService service([](const Request& request) {
    list_keys::Result result;
    list_keys::KeyInfo* key = result.add_keys();
    key->set_provider_id(1);
    key->set_name("key");
    *key->mutable_attributes() = encode(psa::KeyAttributes{
        .type = {psa::KeyType::Kind::Aes},
        .bits = 128,
        .usage = {.encrypt = true},
        .algorithm = psa::Aead{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = 0}});
    return success_with(request, result);
  });
  strongroom_key_list* out = nullptr;
  EXPECT_EQ(strongroom_list_keys(client_of(service).get(), &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_key_list> list(out);
  const strongroom_key_attributes* attributes = strongroom_key_list_attributes(list.get(), 0);
  EXPECT_EQ(strongroom_key_attributes_type(attributes), STRONGROOM_KEY_TYPE_AES);
  EXPECT_EQ(strongroom_key_attributes_algorithm(attributes), STRONGROOM_ALG_UNENCODABLE);
}

TEST(CApi, ReportTellsOfTheLastReloadOfEachLaneAndOfTheStore) {
  FakeService service([](const Request& request) {
    ::status::Result result;
    result.mutable_configuration()->set_last_reload(::status::REFUSED);
    result.mutable_configuration()->set_last_reload_at(11);
    result.mutable_configuration()->set_last_reload_message("line 3");
    result.mutable_applications()->set_frames(12);
    result.mutable_administrators()->set_refused_connections(13);
    ::status::Lane* lane = result.add_lanes();
    lane->set_queued(14);
    lane->set_queued_cost_us(15);
    lane->set_running(16);
    lane->set_oldest_wait_ms(17);
    result.mutable_store()->set_is_degraded(true);
    result.mutable_store()->set_reason("a record is missing");
    result.mutable_store()->set_unreadable_records(18);
    return success_with(request, result);
  });
  strongroom_service_report* out = nullptr;
  EXPECT_EQ(strongroom_service_status(client_of(service).get(), &out, nullptr),
            STRONGROOM_STATUS_SUCCESS);
  Owned<strongroom_service_report> report(out);
  EXPECT_EQ(strongroom_service_report_last_reload(out), STRONGROOM_RELOAD_REFUSED);
  EXPECT_EQ(strongroom_service_report_last_reload_at(out), 11);
  EXPECT_STREQ(strongroom_service_report_last_reload_message(out), "line 3");
  EXPECT_EQ(
      strongroom_service_report_load(out, STRONGROOM_SIDE_APPLICATIONS, STRONGROOM_LOAD_REQUESTS),
      12U);
  EXPECT_EQ(strongroom_service_report_load(out, STRONGROOM_SIDE_ADMINISTRATORS,
                                           STRONGROOM_LOAD_REFUSED_CONNECTIONS),
            13U);
  EXPECT_EQ(strongroom_service_report_lane_queued(out, 0), 14U);
  EXPECT_EQ(strongroom_service_report_lane_queued_cost_us(out, 0), 15U);
  EXPECT_EQ(strongroom_service_report_lane_running(out, 0), 16U);
  EXPECT_EQ(strongroom_service_report_lane_oldest_wait_ms(out, 0), 17U);
  EXPECT_TRUE(strongroom_service_report_store_is_degraded(out));
  EXPECT_STREQ(strongroom_service_report_store_reason(out), "a record is missing");
  EXPECT_EQ(strongroom_service_report_store_unreadable_records(out), 18U);
}

TEST(CApi, StatusesHaveTheNumbersAndTheNamesOfTheProtocol) {
  const std::pair<strongroom_status, Status> rows[] = {
      {STRONGROOM_STATUS_SUCCESS, Status::Success},
      {STRONGROOM_STATUS_WRONG_PROVIDER_ID, Status::WrongProviderId},
      {STRONGROOM_STATUS_CONTENT_TYPE_NOT_SUPPORTED, Status::ContentTypeNotSupported},
      {STRONGROOM_STATUS_ACCEPT_TYPE_NOT_SUPPORTED, Status::AcceptTypeNotSupported},
      {STRONGROOM_STATUS_WIRE_PROTOCOL_VERSION_NOT_SUPPORTED,
       Status::WireProtocolVersionNotSupported},
      {STRONGROOM_STATUS_PROVIDER_NOT_REGISTERED, Status::ProviderNotRegistered},
      {STRONGROOM_STATUS_PROVIDER_DOES_NOT_EXIST, Status::ProviderDoesNotExist},
      {STRONGROOM_STATUS_DESERIALIZING_BODY_FAILED, Status::DeserializingBodyFailed},
      {STRONGROOM_STATUS_SERIALIZING_BODY_FAILED, Status::SerializingBodyFailed},
      {STRONGROOM_STATUS_OPCODE_DOES_NOT_EXIST, Status::OpcodeDoesNotExist},
      {STRONGROOM_STATUS_RESPONSE_TOO_LARGE, Status::ResponseTooLarge},
      {STRONGROOM_STATUS_AUTHENTICATION_ERROR, Status::AuthenticationError},
      {STRONGROOM_STATUS_AUTHENTICATOR_DOES_NOT_EXIST, Status::AuthenticatorDoesNotExist},
      {STRONGROOM_STATUS_AUTHENTICATOR_NOT_REGISTERED, Status::AuthenticatorNotRegistered},
      {STRONGROOM_STATUS_KEY_INFO_MANAGER_ERROR, Status::KeyInfoManagerError},
      {STRONGROOM_STATUS_CONNECTION_ERROR, Status::ConnectionError},
      {STRONGROOM_STATUS_INVALID_ENCODING, Status::InvalidEncoding},
      {STRONGROOM_STATUS_INVALID_HEADER, Status::InvalidHeader},
      {STRONGROOM_STATUS_WRONG_PROVIDER_UUID, Status::WrongProviderUuid},
      {STRONGROOM_STATUS_NOT_AUTHENTICATED, Status::NotAuthenticated},
      {STRONGROOM_STATUS_BODY_SIZE_EXCEEDS_LIMIT, Status::BodySizeExceedsLimit},
      {STRONGROOM_STATUS_ADMIN_OPERATION, Status::AdminOperation},
      {STRONGROOM_STATUS_DEPRECATED_PRIMITIVE, Status::DeprecatedPrimitive},
      {STRONGROOM_STATUS_PSA_ERROR_GENERIC_ERROR, Status::PsaErrorGenericError},
      {STRONGROOM_STATUS_PSA_ERROR_NOT_PERMITTED, Status::PsaErrorNotPermitted},
      {STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED, Status::PsaErrorNotSupported},
      {STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT, Status::PsaErrorInvalidArgument},
      {STRONGROOM_STATUS_PSA_ERROR_INVALID_HANDLE, Status::PsaErrorInvalidHandle},
      {STRONGROOM_STATUS_PSA_ERROR_BAD_STATE, Status::PsaErrorBadState},
      {STRONGROOM_STATUS_PSA_ERROR_BUFFER_TOO_SMALL, Status::PsaErrorBufferTooSmall},
      {STRONGROOM_STATUS_PSA_ERROR_ALREADY_EXISTS, Status::PsaErrorAlreadyExists},
      {STRONGROOM_STATUS_PSA_ERROR_DOES_NOT_EXIST, Status::PsaErrorDoesNotExist},
      {STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_MEMORY, Status::PsaErrorInsufficientMemory},
      {STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_STORAGE, Status::PsaErrorInsufficientStorage},
      {STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_DATA, Status::PsaErrorInsufficientData},
      {STRONGROOM_STATUS_PSA_ERROR_COMMUNICATION_FAILURE, Status::PsaErrorCommunicationFailure},
      {STRONGROOM_STATUS_PSA_ERROR_STORAGE_FAILURE, Status::PsaErrorStorageFailure},
      {STRONGROOM_STATUS_PSA_ERROR_HARDWARE_FAILURE, Status::PsaErrorHardwareFailure},
      {STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_ENTROPY, Status::PsaErrorInsufficientEntropy},
      {STRONGROOM_STATUS_PSA_ERROR_INVALID_SIGNATURE, Status::PsaErrorInvalidSignature},
      {STRONGROOM_STATUS_PSA_ERROR_INVALID_PADDING, Status::PsaErrorInvalidPadding},
      {STRONGROOM_STATUS_PSA_ERROR_CORRUPTION_DETECTED, Status::PsaErrorCorruptionDetected},
      {STRONGROOM_STATUS_PSA_ERROR_DATA_CORRUPT, Status::PsaErrorDataCorrupt},
      {STRONGROOM_STATUS_PSA_ERROR_DATA_INVALID, Status::PsaErrorDataInvalid},
  };
  std::size_t known = 0;
  for (std::uint16_t number = 0; number < 2000; ++number)
    if (status_from(number)) ++known;
  EXPECT_EQ(std::size(rows), known);
  for (const auto& [ours, protocol] : rows) {
    EXPECT_EQ(static_cast<int>(ours), static_cast<int>(protocol));
    EXPECT_EQ(strongroom_status_name(ours), to_string(protocol));
  }
}

}  // namespace
}  // namespace strongroom
