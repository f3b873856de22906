#include "service/front_end/front_end.h"

#include <fcntl.h>
#include <future>

#include "list_keys.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::IsOk;
using testing::request_of;
using testing::ServiceOptions;
using testing::ServiceUnderTest;
using testing::valid_body;

HeaderBytes header_with_body_of(std::uint32_t size) {
  RequestHeader header;
  header.opcode = std::to_underlying(Opcode::Ping);
  header.body_size = size;
  return encode(header);
}

TEST(FrontEnd, TheBodyLimitIsInclusiveAndJudgedFromTheHeaderAlone) {
  ServiceUnderTest service(
      {.front_end = {.body_limit = 1000, .admin_uids = {}, .admin_groups = {}}});
  EXPECT_THAT(service.front_end().admit(header_with_body_of(1000)), IsOk());
  EXPECT_THAT(service.front_end().admit(header_with_body_of(1001)),
              FailsWith(Status::BodySizeExceedsLimit));
  EXPECT_THAT(service.front_end().admit(header_with_body_of(0xffffffff)),
              FailsWith(Status::BodySizeExceedsLimit));
}

TEST(FrontEnd, AnUnfinishedHeaderIsNeitherAdmittedNorRefused) {
  ServiceUnderTest service;
  HeaderBytes header = header_with_body_of(5);
  for (std::size_t size = 0; size < header.size(); ++size) {
    auto admitted = service.front_end().admit(ByteView(header).first(size));
    ASSERT_THAT(admitted, IsOk());
    EXPECT_FALSE(admitted->has_value());
  }
}

TEST(FrontEnd, ARefusalHasTheBlankHeader) {
  ServiceUnderTest service;
  Response response =
      service.front_end().refuse(Error(Status::ConnectionError, "test"), service.caller);
  EXPECT_EQ(response.header.status, std::to_underlying(Status::ConnectionError));
  EXPECT_EQ(response.header.opcode, std::to_underlying(Opcode::Ping));
  EXPECT_EQ(response.header.provider, 0);
  EXPECT_TRUE(response.body.empty());
}

TEST(FrontEnd, NoAuthTakesAnyAuthBytesAndIgnoresThem) {
  ServiceUnderTest service;
  Request request = request_of(Opcode::Ping, {});
  request.header.auth_type = 0;
  request.auth = Bytes(65535);
  EXPECT_EQ(service.status_of(std::move(request)), Status::Success);
}

TEST(FrontEnd, APingWithBadAuthenticationFails) {
  ServiceUnderTest service;
  Request request = request_of(Opcode::Ping, {});
  request.auth.clear();
  EXPECT_EQ(service.status_of(std::move(request)), Status::AuthenticationError);
}

TEST(FrontEnd, EveryRegisteredAuthenticatorIsAccepted) {
  ServiceUnderTest service({.front_end = {}, .direct_authenticator = true});
  Request request = request_of(Opcode::ListKeys, {});
  request.header.auth_type = std::to_underlying(AuthType::Direct);
  request.auth = bytes_of("web");
  EXPECT_EQ(service.status_of(std::move(request)), Status::Success);
  EXPECT_EQ(service.status_of(Opcode::ListKeys), Status::Success);
}

class Tenant : public ::testing::Test {
 protected:
  Tenant() {
    service_.caller.tenant = "web";
    service_.caller.peer.uid = 65534;
  }

  static Request listing(std::uint8_t auth_type, std::string_view auth) {
    Request request = request_of(Opcode::ListKeys, {});
    request.header.auth_type = auth_type;
    request.auth = bytes_of(auth);
    return request;
  }
  Status status_of(AuthType auth_type, std::string_view auth) {
    return service_.status_of(listing(std::to_underlying(auth_type), auth));
  }

  ServiceUnderTest service_{{.front_end = {.admin_uids = {65534}, .admin_groups = {}}}};
};

TEST_F(Tenant, IsMeantWhateverAClientSaysOfItself) {
  service_.store().create({.id = {.application = {.authenticator = 254, .name = "web"},
                                  .provider = service_.provider().description().identity,
                                  .name = "of the tenant"},
                           .attributes = testing::ecc_pair()},
                          [](const Result<>& created) { EXPECT_THAT(created, IsOk()); });
  for (const AuthType type : {AuthType::Direct, AuthType::UnixPeerCredentials})
    for (const std::string_view auth :
         {"", "admin", "\xff\xff\xff\xff", "a longer name than four"}) {
      const Response response = service_.ask(listing(std::to_underlying(type), auth));
      const auto keys = testing::result_in<list_keys::Result>(response);
      ASSERT_EQ(keys.keys_size(), 1);
      EXPECT_EQ(keys.keys(0).name(), "of the tenant");
    }
}

TEST_F(Tenant, HasNoOtherWayToShowWhoItIs) {
  EXPECT_EQ(status_of(AuthType::NoAuth, "web"), Status::NotAuthenticated);
  EXPECT_EQ(status_of(AuthType::Jwt, "web"), Status::AuthenticatorNotRegistered);
  EXPECT_EQ(status_of(AuthType::JwtSvid, "web"), Status::AuthenticatorNotRegistered);
  EXPECT_EQ(service_.status_of(listing(254, "web")), Status::AuthenticatorDoesNotExist);
}

TEST_F(Tenant, NeverAdministrates) {
  ServiceUnderTest service(
      {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}, .admin_on_any_socket = true}});
  service.caller.admin_socket = true;
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::Success);
  service.caller.tenant = "web";
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::AdminOperation);
}

class Administration : public ::testing::Test {
 protected:
  static ServiceOptions administered_by(std::vector<uid_t> uids, std::vector<gid_t> groups) {
    return {.front_end = {.admin_uids = std::move(uids), .admin_groups = std::move(groups)}};
  }
};

TEST_F(Administration, NeedsBothTheSocketAndTheUid) {
  ServiceUnderTest service(administered_by({::getuid()}, {}));
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::AdminOperation);
  service.caller.admin_socket = true;
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::Success);
  service.caller.peer.uid += 1;
  Request request = request_of(Opcode::ListClients, {});
  request.auth = testing::uid_auth(service.caller.peer.uid);
  EXPECT_EQ(service.status_of(std::move(request)), Status::AdminOperation);
}

TEST_F(Administration, MayBeAllowedOnAnySocketAndStillNeedsTheUid) {
  ServiceOptions options = administered_by({::getuid()}, {});
  options.front_end.admin_on_any_socket = true;
  ServiceUnderTest service(std::move(options));
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::Success);
  service.caller.peer.uid += 1;
  Request request = request_of(Opcode::ListClients, {});
  request.auth = testing::uid_auth(service.caller.peer.uid);
  EXPECT_EQ(service.status_of(std::move(request)), Status::AdminOperation);
}

TEST_F(Administration, IsNotForTheUserOfWorkersThatCanConnect) {
  ServiceOptions options = administered_by({::getuid()}, {::getgid()});
  options.front_end.never_admin = ::getuid();
  ServiceUnderTest service(std::move(options));
  service.caller.admin_socket = true;
  service.caller.peer.groups = {::getgid()};
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::AdminOperation);
}

TEST_F(Administration, MayComeFromAGroup) {
  ServiceUnderTest service(administered_by({}, {77}));
  service.caller.admin_socket = true;
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::AdminOperation);
  service.caller.peer.groups = {76, 77};
  EXPECT_EQ(service.status_of(Opcode::ListClients), Status::Success);
}

// The rules judge whom the kernel names, whatever name a Direct client gives itself.
TEST_F(Administration, IsNotWonByADirectName) {
  ServiceOptions options = administered_by({0}, {});
  options.direct_authenticator = true;
  ServiceUnderTest service(std::move(options));
  service.caller.admin_socket = true;
  service.caller.peer.uid = 4711;
  Request request = request_of(Opcode::ListClients, {});
  request.header.auth_type = std::to_underlying(AuthType::Direct);
  request.auth = bytes_of("0");
  EXPECT_EQ(service.status_of(std::move(request)), Status::AdminOperation);
}

}  // namespace
}  // namespace strongroom
