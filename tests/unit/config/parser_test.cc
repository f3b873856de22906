#include "config/parser.h"

#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/grammar.h"
#include "config/values/values.h"
#include "tests/unit/config/fake_accounts.h"

namespace strongroom::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

Loaded parse_here(std::string_view text) {
  return parse(text, "f", fake_accounts());
}

// One problem a line, as an operator sees them.
std::string problems_of(std::string_view text) {
  const Loaded loaded = parse_here(text);
  if (loaded) return "no problem";
  std::vector<std::string> lines;
  for (const Problem& problem : loaded.error())
    lines.push_back(to_string(problem));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

TEST(Parser, TakesEveryKey) {
  const Loaded loaded = parse_here(R"(
[service]
strict = false
allow_root = true
allow_deprecated = true
rsa_pkcs1v15_decryption = false
require_locked_memory = false
workers = 3
drain_timeout = "1min"
[[socket]]
path = "/run/a.sock"
owner = "alice"
group = "operators"
mode = "0600"
fd_name = "one"
[[socket]]
path = "/run//b/../b.sock"
group = 20
admin = true
[[socket]]
path = "/run/c.sock"
tenant = "Kellerbüro 7"
[limits]
body_bytes = "64KiB"
response_bytes = 2097152
request_timeout = "1500ms"
queue_timeout = "2s"
idle_timeout = "3min"
keep_alive_max = "24h"
connections = 10
connections_per_principal = 5
max_in_flight = 6
frames_in_flight = 70
frames_in_flight_per_principal = 7
buffered_bytes = "80MiB"
buffered_bytes_per_principal = "64KiB"
queued_cost = "90s"
queued_cost_per_principal = "9ms"
[auth]
order = ["direct", "unix-peer-credentials"]
[admin]
uids = [1000, "alice"]
groups = ["operators", 20]
any_socket = true
[store]
path = "/srv/keys.db"
key_source = "file:/srv/store.key"
[[provider]]
type = "software"
name = "mine"
required = true
[[provider]]
type = "tpm"
tcti = "swtpm:path=/run/tpm"
root = "rsa-2048"
owner_auth = "file:/srv//owner"
endorsement_auth = "credential:tpm-endorsement"
[log]
level = "debug"
)");
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_EQ(loaded->service, (Service{.strict = false,
                                      .allow_root = true,
                                      .allow_deprecated = true,
                                      .rsa_pkcs1v15_decryption = false,
                                      .require_locked_memory = false,
                                      .workers = 3,
                                      .drain_timeout = 60s}));
  EXPECT_THAT(
      loaded->sockets,
      ElementsAre(Socket{.path = "/run/a.sock",
                         .owner = {.name = "alice", .id = 1001},
                         .group = {.name = "operators", .id = 502},
                         .mode = {0600},
                         .fd_name = "one"},
                  Socket{.path = "/run/b.sock", .group = {.name = "20", .id = 20}, .admin = true},
                  Socket{.path = "/run/c.sock", .tenant = {"Kellerbüro 7"}}));
  EXPECT_EQ(loaded->limits, (Limits{.body_bytes = {65536},
                                    .response_bytes = {2097152},
                                    .request_timeout = 1500ms,
                                    .queue_timeout = 2s,
                                    .idle_timeout = 3min,
                                    .keep_alive_max = 24h,
                                    .connections = 10,
                                    .connections_per_principal = 5,
                                    .max_in_flight = 6,
                                    .frames_in_flight = 70,
                                    .frames_in_flight_per_principal = 7,
                                    .buffered_bytes = {80 * kMebibyte},
                                    .buffered_bytes_per_principal = {64 * kKibibyte},
                                    .queued_cost = 90s,
                                    .queued_cost_per_principal = 9ms}));
  EXPECT_THAT(loaded->auth.order,
              ElementsAre(Authenticator::Direct, Authenticator::UnixPeerCredentials));
  EXPECT_THAT(loaded->admin.uids, ElementsAre(User{"1000", 1000}, User{"alice", 1001}));
  EXPECT_THAT(loaded->admin.groups, ElementsAre(Group{"operators", 502}, Group{"20", 20}));
  EXPECT_TRUE(loaded->admin.any_socket);
  EXPECT_EQ(loaded->store.path, "/srv/keys.db");
  EXPECT_EQ(loaded->store.key_source.path, "/srv/store.key");
  EXPECT_THAT(
      loaded->providers,
      ElementsAre(
          Provider{.type = ProviderType::Software, .name = "mine", .required = true},
          Provider{.type = ProviderType::Tpm,
                   .name = "tpm",
                   .tcti = {"swtpm:path=/run/tpm"},
                   .root = TpmRoot::Rsa2048,
                   .owner_auth = {SecretSource::Kind::File, "/srv/owner"},
                   .endorsement_auth = {SecretSource::Kind::Credential, "tpm-endorsement"}}));
  EXPECT_EQ(loaded->log.level, log::Level::Debug);
}

TEST(Parser, GivesTheDefaultsForAnEmptyFileWithNamesLookedUp) {
  const Loaded loaded = parse_here("");
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  Settings expected;
  expected.sockets[0].group.id = 500;
  expected.sockets[1].group.id = 501;
  expected.admin.groups[0].id = 501;
  EXPECT_EQ(*loaded, expected);
}

TEST(Parser, NamesAProviderAsItsTypeUnlessTold) {
  const Loaded loaded = parse_here("[[provider]]\ntype = 'software'\n");
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->providers.at(0).name, "software");
}

TEST(Parser, TakesALowTotalOfConnectionsWithoutAWordOnTheirShare) {
  EXPECT_TRUE(parse_here("limits.connections = 8"));
}

TEST(Parser, ReportsGroupsThatTheMachineLacks) {
  Accounts nobody = fake_accounts();
  nobody.gid_of = [](const std::string&) { return std::nullopt; };
  const Loaded loaded = parse("", "f", nobody);
  ASSERT_FALSE(loaded);
  ASSERT_THAT(loaded.error(), SizeIs(3));
  EXPECT_EQ(to_string(loaded.error()[0]),
            "f: no group is called 'strongroom-clients', which is the default of [[socket]] "
            "'group'");
}

TEST(Parser, SurvivesNestingThatWouldExhaustTheStack) {
  std::string deep = "a";
  while (deep.size() + 10 < kLargestFile)
    deep += ".a";
  EXPECT_FALSE(parse_here(deep + " = 1"));
  EXPECT_FALSE(parse_here("[" + deep + "]"));
  EXPECT_FALSE(parse_here("a = " + std::string(30000, '[') + std::string(30000, ']')));
}

TEST(Parser, RefusesTextBeyondItsLimit) {
  EXPECT_EQ(problems_of(std::string(kLargestFile + 1, '#')),
            "f: is refused: it is longer than 65536 bytes");
  EXPECT_TRUE(parse_here(std::string(kLargestFile, '#')));
}

TEST(KeySources, AreShownAsTheyAreRead) {
  for (const char* text : {"file:/srv/store.key", "credential:store.key",
                           "command:/usr/local/sbin/unlock", "tpm:chip"}) {
    const auto source = key_source_from(text);
    ASSERT_TRUE(source) << text;
    EXPECT_EQ(to_string(*source), text);
  }
  for (const char* text : {"", "file", "file:", "file:relative", "file:/", "credential:", "tpm:a b",
                           "credential:..", "credential:a/b", "command:/bin/", "vault:x", "/a"})
    EXPECT_FALSE(key_source_from(text)) << text;
}

TEST(PcrsOfATpm, AreShownInTheirOrder) {
  EXPECT_EQ(to_string(*pcrs_from("sha256:7,0,23")), "sha256:0,7,23");
  EXPECT_EQ(pcrs_from("sha1:2")->mask, 4U);
  EXPECT_EQ(to_string(Pcrs()), "");
  for (const char* text : {"", "7", "sha256", "sha256:", "sha256:24", "sha256:1,1", "sha256:1,",
                           "sha256:,1", "sha256:-1", "sha256: 1", "md5:1", "sha256:1;2"})
    EXPECT_FALSE(pcrs_from(text) && pcrs_from(text)->mask != 0) << text;
}

}  // namespace
}  // namespace strongroom::config
