// The order of the validation steps: for each step the status and header it answers with, and for
// each adjacent pair that one request can violate together, that the earlier one decides. Steps 1
// to 7 are judged while the request is read: tests/unit/protocol and tests/unit/connection.
// Not violable together: 13 and 14 (one auth type is either not registered or fails), 19 and 20 (a
// body that does not parse has no content).
#include <array>
#include <functional>

#include "service/front_end/front_end.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::request_of;
using testing::ServiceUnderTest;
using testing::valid_body;

using Violate = void (*)(Request&);

void content_type(Request& request) {
  request.header.content_type = 1;
}
void accept_type(Request& request) {
  request.header.accept_type = 1;
}
void auth_type(Request& request) {
  request.header.auth_type = 5;
}
void opcode(Request& request) {
  request.header.opcode = 29;
}
void provider(Request& request) {
  request.header.provider = 6;
}
void unregistered_authenticator(Request& request) {
  request.header.auth_type = std::to_underlying(AuthType::Jwt);
}
void authentication(Request& request) {
  request.auth.pop_back();
}
void unregistered_provider(Request& request) {
  request.header.provider = std::to_underlying(ProviderId::Tpm);
}
void place(Request& request) {
  request.header.opcode = std::to_underlying(Opcode::Ping);
}
void garbage_body(Request& request) {
  request.body = bytes_of("\xff\xff\xff");
}
void empty_body(Request& request) {
  request.body.clear();
}
void no_authentication(Request& request) {
  request.header.auth_type = 0;
}
void administrative(Request& request) {
  request.header.provider = 0;
  request.header.opcode = std::to_underlying(Opcode::ListClients);
}
void none(Request&) {}

struct Case {
  std::string name;
  std::vector<Violate> violations;
  Status expected;
  bool is_echoed;
};

class ValidationOrder : public ::testing::TestWithParam<Case> {};

TEST_P(ValidationOrder, TheFirstViolatedStepAnswers) {
  ServiceUnderTest service;
  service.make_key_for(Opcode::PsaSignHash);
  Request request = request_of(Opcode::PsaSignHash, valid_body(Opcode::PsaSignHash));
  request.header.session = 0x0102030405060708;
  for (Violate violate : GetParam().violations)
    violate(request);
  RequestHeader sent = request.header;

  Response response = service.ask(std::move(request));
  EXPECT_EQ(status_from(response.header.status), GetParam().expected);
  EXPECT_EQ(response.header.body_size, response.body.size());
  if (GetParam().expected != Status::Success) {
    EXPECT_TRUE(response.body.empty());
  }
  EXPECT_EQ(response.header.provider, GetParam().is_echoed ? sent.provider : 0);
  EXPECT_EQ(response.header.session, GetParam().is_echoed ? sent.session : 0);
  EXPECT_EQ(response.header.opcode, GetParam().is_echoed ? sent.opcode : 1);
  EXPECT_EQ(response.header.content_type, 0);
}

TEST_P(ValidationOrder, OnAKeptConnectionTheAnswerSaysToWhichRequest) {
  ServiceUnderTest service;
  service.make_key_for(Opcode::PsaSignHash);
  Request request = request_of(Opcode::PsaSignHash, valid_body(Opcode::PsaSignHash));
  request.header.session = 0x0102030405060708;
  request.header.flags = kFlagKeep;
  for (Violate violate : GetParam().violations)
    violate(request);
  RequestHeader sent = request.header;

  Response response = service.ask(std::move(request));
  EXPECT_EQ(status_from(response.header.status), GetParam().expected);
  EXPECT_EQ(response.header.session, sent.session);
  EXPECT_EQ(response.header.opcode, sent.opcode);
  // The rest is not to be trusted.
  EXPECT_EQ(response.header.provider, GetParam().is_echoed ? sent.provider : 0);
  EXPECT_EQ(response.header.content_type, 0);
}

std::string name_of(const ::testing::TestParamInfo<Case>& parameter) {
  return parameter.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    EachStep, ValidationOrder,
    ::testing::Values(
        Case{"Nothing", {none}, Status::Success, true},
        Case{"Step8", {content_type}, Status::ContentTypeNotSupported, false},
        Case{"Step9", {accept_type}, Status::AcceptTypeNotSupported, false},
        Case{"Step10", {auth_type}, Status::AuthenticatorDoesNotExist, false},
        Case{"Step11", {opcode}, Status::OpcodeDoesNotExist, false},
        Case{"Step12", {provider}, Status::ProviderDoesNotExist, false},
        Case{"Step13", {unregistered_authenticator}, Status::AuthenticatorNotRegistered, true},
        Case{"Step14", {authentication}, Status::AuthenticationError, true},
        Case{"Step15", {unregistered_provider}, Status::ProviderNotRegistered, true},
        Case{"Step16", {place}, Status::PsaErrorNotSupported, true},
        Case{"Step17", {administrative, no_authentication}, Status::NotAuthenticated, true},
        Case{"Step18", {administrative}, Status::AdminOperation, true},
        Case{"Step19", {garbage_body}, Status::DeserializingBodyFailed, true},
        Case{"Step20", {empty_body}, Status::InvalidEncoding, true},
        Case{"Step21", {no_authentication}, Status::NotAuthenticated, true}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    AdjacentSteps, ValidationOrder,
    ::testing::Values(
        Case{"Steps8And9", {content_type, accept_type}, Status::ContentTypeNotSupported, false},
        Case{"Steps9And10", {accept_type, auth_type}, Status::AcceptTypeNotSupported, false},
        Case{"Steps10And11", {auth_type, opcode}, Status::AuthenticatorDoesNotExist, false},
        Case{"Steps11And12", {opcode, provider}, Status::OpcodeDoesNotExist, false},
        Case{"Steps12And13",
             {provider, unregistered_authenticator},
             Status::ProviderDoesNotExist,
             false},
        Case{"Steps14And15",
             {authentication, unregistered_provider},
             Status::AuthenticationError,
             true},
        Case{"Steps15And16", {unregistered_provider, place}, Status::ProviderNotRegistered, true},
        Case{"Steps16And17",
             {administrative, no_authentication,
              [](Request& request) { request.header.provider = 1; }},
             Status::PsaErrorNotSupported,
             true},
        Case{"Steps17And18", {administrative, no_authentication}, Status::NotAuthenticated, true},
        Case{"Steps18And19", {administrative, garbage_body}, Status::AdminOperation, true},
        Case{"Steps19And21",
             {garbage_body, no_authentication},
             Status::DeserializingBodyFailed,
             true},
        Case{"Steps20And21", {empty_body, no_authentication}, Status::InvalidEncoding, true}),
    name_of);

}  // namespace
}  // namespace strongroom
