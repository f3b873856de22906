// strongroom fsck
#include <algorithm>
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/record/json.h"
#include "client/cli/terminal/progress.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"accept", "", "make what is found the store's content; this ends 'degraded'"},
    kYesOption,
};
// A large store takes its time.
constexpr std::chrono::milliseconds kForEver{0};

std::string_view kind_name(StoreFinding::Kind kind) {
  using enum StoreFinding::Kind;
  switch (kind) {
    case DatabaseDamaged: return "database-damaged";
    case HeadUnreadable: return "head-unreadable";
    case HeadDiffers: return "head-differs";
    case Unreadable: return "unreadable";
    case Pending: return "pending";
    case Destroying: return "destroying";
    case Unknown: break;
  }
  return "unknown";
}

// What a crash leaves behind the service finishes by itself, and records that do not verify are
// accepted ones where the head does not differ.
bool is_damage(const StoreFinding& finding) {
  using enum StoreFinding::Kind;
  return finding.kind != Pending && finding.kind != Destroying && finding.kind != Unreadable;
}

Json json_of(const StoreCheckAnswer& answer) {
  Json::Array findings;
  for (const StoreFinding& finding : answer.findings)
    findings.emplace_back(Json::Object{{"kind", kind_name(finding.kind)}, {"text", finding.text}});
  return Json::Object{{"records", answer.records},
                      {"verified", answer.verified},
                      {"findings", std::move(findings)},
                      {"findings_left_out", answer.left_out},
                      {"accepted", answer.is_accepted}};
}

void print(const StoreCheckAnswer& answer, std::ostream& out) {
  for (const StoreFinding& finding : answer.findings)
    out << fmt::format("{}: {}\n", kind_name(finding.kind), visible(finding.text));
  if (answer.left_out != 0) out << fmt::format("… and {} more findings\n", answer.left_out);
  out << fmt::format("{} records, {} verified, {} findings{}\n", answer.records, answer.verified,
                     answer.findings.size() + answer.left_out,
                     answer.is_accepted ? ", accepted" : "");
}

Outcome<StoreCheckAnswer> check(const Invocation& invocation, Client& client) {
  Task task{.kind = Task::Kind::Administrate,
            .doing = "checking the store",
            .socket_path = client.socket_path()};
  bool accepts = invocation.arguments.has("accept");
  Spinner spinner(invocation.streams, task.doing);
  return during(task,
                client.check_store(accepts ? StoreAcceptance::Accept : StoreAcceptance::Report));
}

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client(kForEver));
  if (invocation.arguments.has("accept"))
    TRY(invocation.confirm(
        "The store's content, as it is, will be taken for right. Keys that do not verify stay "
        "unusable."));
  StoreCheckAnswer answer = TRY(check(invocation, client));
  if (invocation.wants_json())
    invocation.streams.out << json_of(answer).text() << '\n';
  else
    print(answer, invocation.streams.out);
  if (answer.is_accepted || std::ranges::none_of(answer.findings, is_damage)) return {};
  return failed(
      ExitCode::Degraded, "checking the store: it is not as the service left it",
      "restore a backup, or, where you know who changed it and why, take it as it is with "
      "'strongroom fsck --accept'; 'strongroomd --fsck', with the service stopped, has SQLite "
      "check "
      "its file, too");
}

}  // namespace

const Command kFsck = {
    .words = "fsck",
    .summary =
        "check every record of the key store while it is served; 'strongroomd --fsck' does so "
        "while it is not",
    .options = kOptions,
    .positionals = {},
    .run = run,
    .audience = Audience::Administrators,
};

}  // namespace strongroom::cli
