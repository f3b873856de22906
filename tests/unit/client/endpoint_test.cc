#include "client/endpoint.h"

#include <cstdlib>
#include <string>

#include "tests/unit/client/client_matchers.h"

namespace strongroom::client {
namespace {

using ::testing::Eq;
using testing::FailsFrom;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;

auto is_refused() {
  return FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument);
}

class ResolveEndpoint : public ::testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }

 private:
  static void clear() {
    ::unsetenv("STRONGROOM_SERVICE_ENDPOINT");
    ::unsetenv("PARSEC_SERVICE_ENDPOINT");
  }
};

TEST(SocketPathOf, PathIsTakenAsItIs) {
  EXPECT_THAT(socket_path_of("/run/a b/x.sock"), IsOkAndHolds(Eq("/run/a b/x.sock")));
  EXPECT_THAT(socket_path_of("x.sock"), IsOkAndHolds(Eq("x.sock")));
  EXPECT_THAT(socket_path_of("./a:b"), IsOkAndHolds(Eq("./a:b")));
}

TEST(SocketPathOf, BothFormsOfTheUriNameThePath) {
  EXPECT_THAT(socket_path_of("unix:/run/x.sock"), IsOkAndHolds(Eq("/run/x.sock")));
  EXPECT_THAT(socket_path_of("unix:///run/x.sock"), IsOkAndHolds(Eq("/run/x.sock")));
  EXPECT_THAT(socket_path_of("UNIX://localhost/run/x"), IsOkAndHolds(Eq("/run/x")));
}

TEST(SocketPathOf, PercentEncodingIsDecodedInUrisAlone) {
  EXPECT_THAT(socket_path_of("unix:/run/a%20%C3%a9"), IsOkAndHolds(Eq("/run/a é")));
  EXPECT_THAT(socket_path_of("/run/a%20b"), IsOkAndHolds(Eq("/run/a%20b")));
  EXPECT_THAT(socket_path_of("unix:/run/a%2"), is_refused());
  EXPECT_THAT(socket_path_of("unix:/run/a%zz"), is_refused());
}

TEST(SocketPathOf, WhatIsNoLocalPathIsRefused) {
  for (const char* endpoint : {"http://x/run", "unix:run/x", "unix:", "unix://host/run/x",
                               "unix:/run/x?y", "unix:/run/x#y", "unix:/run/%00", "tcp:1234", ""})
    EXPECT_THAT(socket_path_of(endpoint), is_refused()) << endpoint;
}

TEST(SocketPathOf, PathThatNoSocketCanHaveIsRefused) {
  EXPECT_THAT(socket_path_of("/" + std::string(106, 'x')), testing::IsOk());
  EXPECT_THAT(socket_path_of("/" + std::string(107, 'x')), is_refused());
}

TEST_F(ResolveEndpoint, WithoutAnythingItIsTheDefault) {
  EXPECT_THAT(resolve_endpoint(""), IsOkAndHolds(Eq(kDefaultSocket)));
}

TEST_F(ResolveEndpoint, OwnVariableComesBeforeParsecs) {
  ::setenv("PARSEC_SERVICE_ENDPOINT", "unix:/run/parsec/parsec.sock", 1);
  EXPECT_THAT(resolve_endpoint(""), IsOkAndHolds(Eq("/run/parsec/parsec.sock")));
  ::setenv("STRONGROOM_SERVICE_ENDPOINT", "unix:/run/own.sock", 1);
  EXPECT_THAT(resolve_endpoint(""), IsOkAndHolds(Eq("/run/own.sock")));
}

TEST_F(ResolveEndpoint, OptionComesBeforeTheEnvironment) {
  ::setenv("STRONGROOM_SERVICE_ENDPOINT", "unix:/run/own.sock", 1);
  EXPECT_THAT(resolve_endpoint("/run/other"), IsOkAndHolds(Eq("/run/other")));
}

TEST_F(ResolveEndpoint, EmptyVariableCountsAsAbsent) {
  ::setenv("STRONGROOM_SERVICE_ENDPOINT", "", 1);
  EXPECT_THAT(resolve_endpoint(""), IsOkAndHolds(Eq(kDefaultSocket)));
}

TEST_F(ResolveEndpoint, BadVariableIsNamed) {
  ::setenv("PARSEC_SERVICE_ENDPOINT", "https://x", 1);
  ClientResult<std::string> path = resolve_endpoint("");
  ASSERT_THAT(path, is_refused());
  EXPECT_THAT(path.error().message(), HasSubstr("PARSEC_SERVICE_ENDPOINT"));
}

}  // namespace
}  // namespace strongroom::client
