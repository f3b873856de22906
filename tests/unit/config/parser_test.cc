#include "config/parser.h"

#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
require_locked_memory = false
workers = 3
drain_timeout = "1min"
[[socket]]
path = "/run/a.sock"
group = "operators"
mode = "0600"
fd_name = "one"
[[socket]]
path = "/run//b/../b.sock"
group = 20
admin = true
[limits]
body_bytes = "64KiB"
response_bytes = 2097152
request_timeout = "1500ms"
connections = 10
connections_per_principal = 5
[auth]
order = ["direct", "unix-peer-credentials"]
[admin]
uids = [1000, "alice"]
groups = ["operators", 20]
[store]
path = "/srv/keys.db"
key_source = "file:/srv/store.key"
[[provider]]
type = "software"
name = "mine"
[log]
level = "debug"
)");
  ASSERT_TRUE(loaded) << to_string(loaded.error().front());
  EXPECT_EQ(loaded->service, (Service{.strict = false,
                                      .allow_root = true,
                                      .allow_deprecated = true,
                                      .require_locked_memory = false,
                                      .workers = 3,
                                      .drain_timeout = 60s}));
  EXPECT_THAT(
      loaded->sockets,
      ElementsAre(Socket{.path = "/run/a.sock",
                         .group = {.name = "operators", .id = 502},
                         .mode = {0600},
                         .fd_name = "one"},
                  Socket{.path = "/run/b.sock", .group = {.name = "20", .id = 20}, .admin = true}));
  EXPECT_EQ(loaded->limits, (Limits{.body_bytes = {65536},
                                    .response_bytes = {2097152},
                                    .request_timeout = 1500ms,
                                    .connections = 10,
                                    .connections_per_principal = 5}));
  EXPECT_THAT(loaded->auth.order,
              ElementsAre(Authenticator::Direct, Authenticator::UnixPeerCredentials));
  EXPECT_THAT(loaded->admin.uids, ElementsAre(User{"1000", 1000}, User{"alice", 1001}));
  EXPECT_THAT(loaded->admin.groups, ElementsAre(Group{"operators", 502}, Group{"20", 20}));
  EXPECT_EQ(loaded->store.path, "/srv/keys.db");
  EXPECT_EQ(loaded->store.key_source.path, "/srv/store.key");
  EXPECT_THAT(loaded->providers, ElementsAre(Provider{ProviderType::Software, "mine"}));
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

struct Broken {
  std::string_view name;
  std::string_view text;
  std::string_view problems;
};

void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.text;
}

class BrokenFile : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenFile, IsReportedInFull) {
  EXPECT_EQ(problems_of(GetParam().text), GetParam().problems);
}

constexpr Broken kShape[] = {
    {"NotToml", "[service\nstrict = true",
     "f:1:9: Error while parsing table header: expected ']', saw '\\n'"},
    {"UnknownKey", "[service]\nstict = true",
     "f:2:1: unknown key 'stict' in [service]; did you mean 'strict'?"},
    {"UnknownKeyLikeNone", "[service]\n  colour = 'red'",
     "f:2:3: unknown key 'colour' in [service]"},
    {"KeyOfAnotherSection", "[service]\nbody_bytes = 1024",
     "f:2:1: unknown key 'body_bytes' in [service]; it belongs in [limits]"},
    {"KeyOfALaterVersion", "[limits]\nidle_timeout = '5min'",
     "f:2:1: unknown key 'idle_timeout' in [limits]"},
    {"UnknownSection", "[servce]\nstrict = true",
     "f:1:2: unknown section 'servce'; did you mean 'service'?"},
    {"KeyOutsideASection", "strict = true", "f:1:1: unknown section 'strict'"},
    {"ListWrittenAsTable", "[socket]\npath = '/a'",
     "f:1:2: 'socket' may come several times: write [[socket]]"},
    {"TableWrittenAsList", "[[service]]\nstrict = true",
     "f:1:3: 'service' must be a table: write [service]"},
    {"ListOfOtherThings", "provider = ['software']",
     "f:1:13: 'provider' holds tables: write [[provider]]"},
    {"TerminalEscapesInAName", "[service]\n\"\\u001b[2J\" = 1",
     "f:2:1: unknown key '\\x1b[2J' in [service]"},
    {"SameKeyTwice", "[service]\nstrict = true\nstrict = true",
     "f:3:10: Error while parsing key-value pair: cannot redefine existing boolean 'strict'"},
};

constexpr Broken kTypes[] = {
    {"Boolean", "[service]\nstrict = 'yes'",
     "f:2:10: 'strict' must be true or false, not a string"},
    {"Number", "[service]\nworkers = 1.5",
     "f:2:11: 'workers' must be a whole number, not a number with a fraction"},
    {"NumberTooLarge", "[service]\nworkers = 257",
     "f:2:11: 'workers' must be from 0 to 256, not 257"},
    {"NumberNegative", "[limits]\nconnections = -1",
     "f:2:15: 'connections' must be from 1 to 65536, not -1"},
    {"DurationWithoutUnit", "[limits]\nrequest_timeout = 5",
     "f:2:19: 'request_timeout' must be a duration such as \"5s\" (ms, s, min, h), not an integer"},
    {"DurationWithOddUnit", "[limits]\nrequest_timeout = '5 s'",
     "f:2:19: 'request_timeout' must be a duration such as \"5s\" (ms, s, min, h), not '5 s'"},
    {"DurationTooShort", "[limits]\nrequest_timeout = '1ms'",
     "f:2:19: 'request_timeout' must be from 100ms to 1h, not 1ms"},
    {"DurationBeyondAll", "[limits]\nrequest_timeout = '18446744073709551615h'",
     "f:2:19: 'request_timeout' must be a duration such as \"5s\" (ms, s, min, h), not "
     "'18446744073709551615h'"},
    {"SizeNegative", "[limits]\nbody_bytes = -1",
     "f:2:14: 'body_bytes' must be a size such as 1048576 or \"1MiB\", not '-1'"},
    {"SizeWithOddUnit", "[limits]\nbody_bytes = '1MB'",
     "f:2:14: 'body_bytes' must be a size such as 1048576 or \"1MiB\", not '1MB'"},
    {"SizeTooLarge", "[limits]\nbody_bytes = '1GiB'",
     "f:2:14: 'body_bytes' must be from 1KiB to 64MiB, not 1GiB"},
    {"RelativePath", "[store]\npath = 'keys.db'",
     "f:2:8: 'path' must be an absolute path, not 'keys.db'"},
    {"PathWithNul", "[store]\npath = \"/a\\u0000b\"",
     "f:2:8: 'path' must be an absolute path, not '/a\\x00b'"},
    {"ModeAsNumber", "[[socket]]\npath = '/a'\nmode = 660",
     "f:3:8: 'mode' must be octal read and write bits such as \"0660\", not an integer"},
    {"ModeWithExecution", "[[socket]]\npath = '/a'\nmode = '0770'",
     "f:3:8: 'mode' must be octal read and write bits such as \"0660\", not '0770'"},
    {"DescriptorName", "[[socket]]\npath = '/a'\nfd_name = 'a:b'",
     "f:3:11: 'fd_name' must be letters, digits, '-', '_' and '.', not 'a:b'"},
    {"UnknownGroup", "[[socket]]\npath = '/a'\ngroup = 'wheels'",
     "f:3:9: no group is called 'wheels'"},
    {"UnknownUser", "[admin]\nuids = [0, 'bob', 77]",
     "f:2:12: no user is called 'bob'\nf:2:19: no user is called '77'"},
    {"UsersNotInAList", "[admin]\nuids = 0", "f:2:8: 'uids' must be a list, not an integer"},
    {"UnknownAuthenticator", "[auth]\norder = ['dirct']",
     "f:2:10: unknown authenticator 'dirct'; did you mean 'direct'?"},
    {"NoAuthenticator", "[auth]\norder = []", "f:2:9: 'order' must name an authenticator"},
    {"UnknownProvider", "[[provider]]\ntype = 'tpm'", "f:2:8: unknown provider type 'tpm'"},
    {"UnknownLevel", "[log]\nlevel = 'warn'",
     "f:2:9: unknown log level 'warn'; did you mean 'warning'?"},
    {"InlineSecretIsNotRepeated", "[store]\nkey_source = 'hunter2'",
     "f:2:14: 'key_source' must be \"file:\" and an absolute path"},
};

constexpr Broken kTogether[] = {
    {"DirectInStrictMode", "[auth]\norder = ['unix-peer-credentials', 'direct']",
     "f:2:35: the authenticator 'direct', which believes what clients say, is refused; 'strict = "
     "false' in [service] would allow it"},
    {"RootInStrictMode", "[service]\nallow_root = true",
     "f:2:14: running as root is refused; 'strict = false' in [service] would allow it"},
    {"DeprecatedInStrictMode", "[service]\nallow_deprecated = true",
     "f:2:20: serving deprecated algorithms is refused; 'strict = false' in [service] would allow "
     "it"},
    {"AdministrationForAll", "[[socket]]\npath = '/a'\nadmin = true\nmode = '0666'",
     "f:4:8: a socket for administration that everybody may open is refused; 'strict = false' in "
     "[service] would allow it"},
    {"SocketTwice", "[[socket]]\npath = '/a'\n[[socket]]\npath = '/b/../a'",
     "f:4:8: another socket has this path already"},
    {"DescriptorTwice",
     "[[socket]]\npath = '/a'\nfd_name = 'x'\n[[socket]]\npath = '/b'\nfd_name = 'x'",
     "f:6:11: another socket has this descriptor name already"},
    {"SocketWithoutPath", "[[socket]]\nadmin = true", "f:1:1: [[socket]] needs 'path'"},
    {"NoSocket", "socket = []", "f:1:1: there is no socket to listen on"},
    {"SocketPathTooLong",
     "[[socket]]\npath = "
     "'/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/"
     "1234567890/12345678'",
     "f:2:8: a socket's path is at most 107 bytes long"},
    {"AuthenticatorTwice", "[auth]\norder = ['unix-peer-credentials', 'unix-peer-credentials']",
     "f:2:35: authenticator 'unix-peer-credentials' is named twice"},
    {"ShareAboveTotal", "[limits]\nconnections = 8\nconnections_per_principal = 9",
     "f:3:29: 'connections_per_principal' (9) must not exceed 'connections' (8)"},
    {"TwoProvidersOfAType",
     "[[provider]]\ntype = 'software'\nname = 'a'\n[[provider]]\ntype = 'software'\nname = 'b'",
     "f:5:8: there can be one provider of type 'software'"},
    {"ProviderNameTwice",
     "[[provider]]\ntype = 'software'\n[[provider]]\ntype = 'software'\n"
     "name = 'software'",
     "f:4:8: there can be one provider of type 'software'\n"
     "f:5:8: another provider has this name already"},
    {"ProviderWithoutType", "[[provider]]\nname = 'a'", "f:1:1: [[provider]] needs 'type'"},
    {"StoreAndKeyInOne", "[store]\npath = '/a'\nkey_source = 'file:/a'",
     "f:3:14: the store and its key cannot be one file"},
    {"EverythingInTheOrderOfTheFile",
     "[store]\npath = 1\n[auth]\norder = ['direct', 'jwt']\n[service]\nworker = 2\nstrict = 1",
     "f:2:8: 'path' must be an absolute path, not an integer\n"
     "f:4:10: the authenticator 'direct', which believes what clients say, is refused; 'strict = "
     "false' in [service] would allow it\n"
     "f:4:20: unknown authenticator 'jwt'\n"
     "f:6:1: unknown key 'worker' in [service]; did you mean 'workers'?\n"
     "f:7:10: 'strict' must be true or false, not an integer"},
};

std::string name_of_case(const ::testing::TestParamInfo<Broken>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Shape, BrokenFile, ::testing::ValuesIn(kShape), name_of_case);
INSTANTIATE_TEST_SUITE_P(Types, BrokenFile, ::testing::ValuesIn(kTypes), name_of_case);
INSTANTIATE_TEST_SUITE_P(Together, BrokenFile, ::testing::ValuesIn(kTogether), name_of_case);

}  // namespace
}  // namespace strongroom::config
