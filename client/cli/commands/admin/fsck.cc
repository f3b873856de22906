// strongroom fsck
#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/record/json.h"
#include "client/cli/terminal/progress.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    Option{"accept", "", "make what is found the store's content; this ends 'degraded'"},
    Option{"repair", "",
           "destroy objects in tokens of which no record knows, and remove records whose object is "
           "gone; asks for each"},
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
    case NotCompared: return "not-compared";
    case ObjectMissing: return "object-missing";
    case ObjectDiffers: return "object-differs";
    case OrphanObject: return "orphan-object";
    case Unknown: break;
  }
  return "unknown";
}

// What comparing the store with a token has found.
bool is_of_a_device(const StoreFinding& finding) {
  using enum StoreFinding::Kind;
  return finding.kind == NotCompared || finding.kind == ObjectMissing ||
         finding.kind == ObjectDiffers || finding.kind == OrphanObject;
}

// What a crash leaves behind the service finishes by itself, and records that do not verify are
// accepted ones where the head does not differ.
bool is_damage(const StoreFinding& finding) {
  using enum StoreFinding::Kind;
  return finding.kind != Pending && finding.kind != Destroying && finding.kind != Unreadable &&
         !is_of_a_device(finding);
}

Json json_of(const std::vector<StoreFinding>& findings) {
  Json::Array all;
  for (const StoreFinding& finding : findings)
    all.emplace_back(Json::Object{{"kind", kind_name(finding.kind)}, {"text", finding.text}});
  return all;
}

Json json_of(const StoreCheckAnswer& answer) {
  return Json::Object{{"records", answer.records},
                      {"verified", answer.verified},
                      {"findings", json_of(answer.findings)},
                      {"findings_left_out", answer.left_out},
                      {"accepted", answer.is_accepted},
                      {"repaired", answer.repaired},
                      {"repairs", json_of(answer.repairs)}};
}

std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string_view what_was_done(const StoreFinding& repair) {
  return repair.kind == StoreFinding::Kind::OrphanObject ? "destroyed" : "removed from the store";
}

void print(const StoreCheckAnswer& answer, std::ostream& out) {
  for (const StoreFinding& repair : answer.repairs)
    out << fmt::format("{}: {}\n", what_was_done(repair), visible(repair.text));
  for (const StoreFinding& finding : answer.findings)
    out << fmt::format("{}: {}\n", kind_name(finding.kind), visible(finding.text));
  if (answer.left_out != 0)
    out << fmt::format("… and {}\n", counted(answer.left_out, "more finding"));
  std::string end = answer.is_accepted ? ", accepted" : "";
  if (answer.repaired != 0) end += fmt::format(", {} repaired", answer.repaired);
  out << fmt::format("{}, {} verified, {}{}\n", counted(answer.records, "record"), answer.verified,
                     counted(answer.findings.size() + answer.left_out, "finding"), end);
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

std::string_view what_repair_does(const StoreFinding& finding) {
  return finding.kind == StoreFinding::Kind::OrphanObject
             ? "The object will be destroyed, and nothing brings the key back. After the store was "
               "put back from a backup, such objects are the keys that were made since."
             : "The key will be removed from the store; the device is left as it is.";
}

// Whatever the answer to one, the next is asked about.
Outcome<std::vector<std::string>> what_to_repair(const Invocation& invocation,
                                                 const StoreCheckAnswer& answer) {
  std::vector<std::string> subjects;
  for (const StoreFinding& finding : answer.findings) {
    if (finding.subject.empty()) continue;
    const Outcome<> confirmed = invocation.confirm(fmt::format(
        "{}: {}. {}", kind_name(finding.kind), visible(finding.text), what_repair_does(finding)));
    if (confirmed)
      subjects.push_back(finding.subject);
    else if (confirmed.error().code == ExitCode::Usage)
      return std::unexpected(confirmed.error());
    else
      invocation.streams.err << "It stays as it is: the answer was not 'yes'.\n";
  }
  return subjects;
}

Outcome<StoreCheckAnswer> repair(const Invocation& invocation, Client& client,
                                 StoreCheckAnswer answer) {
  const std::vector<std::string> subjects = TRY(what_to_repair(invocation, answer));
  if (subjects.empty()) return answer;
  Task task{.kind = Task::Kind::Administrate,
            .doing = "repairing the store",
            .socket_path = client.socket_path()};
  return during(task, client.repair_store(subjects));
}

bool has(const StoreCheckAnswer& answer, StoreFinding::Kind kind) {
  return std::ranges::find(answer.findings, kind, &StoreFinding::kind) != answer.findings.end();
}

bool do_not_agree(const StoreFinding& finding) {
  return is_of_a_device(finding) && finding.kind != StoreFinding::Kind::NotCompared;
}

// What was not compared comes first: what else is found may have to do with it.
std::string device_advice(const StoreCheckAnswer& answer) {
  if (has(answer, StoreFinding::Kind::NotCompared))
    return "nothing is known of the keys of a provider that was not compared: 'strongroom status' "
           "tells what it lacks; check again once it is up";
  if (has(answer, StoreFinding::Kind::OrphanObject))
    return "where the store was put back from a backup, objects of no key are the keys made since: "
           "put back a newer one. 'strongroom fsck --repair' destroys for good those that it is "
           "told to";
  return "where the device was put back to an older state, put back the newer one; 'strongroom "
         "fsck "
         "--repair' removes from the store those keys that it is told to";
}

Outcome<> verdict_on(const StoreCheckAnswer& answer) {
  if (!answer.is_accepted && std::ranges::any_of(answer.findings, is_damage))
    return failed(
        ExitCode::Degraded, "checking the store: it is not as the service left it",
        "restore a backup, or, where you know who changed it and why, take it as it is with "
        "'strongroom fsck --accept'; 'strongroomd --fsck', with the service stopped, has SQLite "
        "check its file, too");
  if (std::ranges::any_of(answer.findings, do_not_agree))
    return failed(ExitCode::Degraded,
                  "checking the store: it and the devices of its keys do not agree",
                  device_advice(answer));
  if (has(answer, StoreFinding::Kind::NotCompared))
    return failed(ExitCode::Degraded,
                  "checking the store: it was not compared with all devices of its keys",
                  device_advice(answer));
  return {};
}

Outcome<> run(const Invocation& invocation) {
  if (invocation.arguments.has("accept") && invocation.arguments.has("repair"))
    return failed(ExitCode::Usage,
                  "reading the command line: --accept and --repair are two things");
  Client client = TRY(invocation.open_client(kForEver));
  if (invocation.arguments.has("accept"))
    TRY(invocation.confirm(
        "The store's content, as it is, will be taken for right. Keys that do not verify stay "
        "unusable."));
  StoreCheckAnswer answer = TRY(check(invocation, client));
  if (invocation.arguments.has("repair"))
    answer = TRY(repair(invocation, client, std::move(answer)));
  if (invocation.wants_json())
    invocation.streams.out << json_of(answer).text() << '\n';
  else
    print(answer, invocation.streams.out);
  return verdict_on(answer);
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
