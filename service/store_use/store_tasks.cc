#include "service/store_use/store_tasks.h"

#include <cstdio>

#include "config/values/values.h"
#include "service/process/ownership.h"
#include "service/process/secret_input.h"
#include "service/rooms.h"
#include "service/store/finding.h"
#include "service/store/fsck.h"
#include "service/store/keying/rekey.h"
#include "service/store_use/parsec_task.h"
#include "service/store_use/workshop.h"

namespace strongroom {
namespace {

using Task = Arguments::Task;

// To people; where nobody can read it, it is lost. fmt::print() would throw.
template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::ignore = std::fwrite(text.data(), 1, text.size(), stdout);
}

Result<> show_recovery_secret(const RecoverySecret& secret) {
  say("\nThe recovery secret, which is shown this once:\n\n    ");
  SecretBuffer text = TRY(secret.text());
  Result<> shown = write_secret(text.reveal());
  if (!shown) {
    shown.error().add_context(
        "showing the recovery secret, of which nobody knows now: make another one with 'strongroom "
        "store recovery-secret'");
    return shown;
  }
  say("\n\nWrite it down and keep it apart from this machine. Where the key source is lost "
      "(another\n"
      "TPM, other PCRs, no file), 'strongroom store recover' opens the store by it; and so does\n"
      "whoever else has it together with the database.\n");
  return {};
}

// What is to stand in the configuration, and what happens then.
void tell_of_next_start(const config::Settings& settings, const Arguments& arguments) {
  say("The store is sealed by '{}', too. In [store] of the configuration set\n\n"
      "    key_source = {}\n",
      to_string(arguments.rekey_to), to_toml(arguments.rekey_to));
  if (arguments.rekey_pcrs) say("    key_pcrs = {}\n", to_toml(*arguments.rekey_pcrs));
  say("\nand start the service: from that start on '{}' no longer opens the store.\nUntil then "
      "either does.\n",
      to_string(settings.store.key_source));
}

Result<> rekey(Workshop& workshop, const config::Settings& settings, const Arguments& arguments) {
  const bool is_tpm = arguments.rekey_to.kind == config::KeySource::Kind::Tpm;
  StoreSettings store = TRY(workshop.store());
  const config::Pcrs pcrs = arguments.rekey_pcrs.value_or(config::Pcrs());
  auto target = TRY(make_key_source(arguments.rekey_to, pcrs, workshop.lookup()));
  const bool has_one = TRY(has_recovery_secret(store));
  std::optional<RecoverySecret> recovery;
  if (is_tpm && !has_one) recovery = TRY(RecoverySecret::generate());
  TRY(rekey_store(store, *target, recovery ? &*recovery : nullptr));
  tell_of_next_start(settings, arguments);
  return recovery ? show_recovery_secret(*recovery) : Result<>();
}

Result<> rotate(Workshop& workshop) {
  StoreSettings store = TRY(workshop.store());
  const bool has_one = TRY(has_recovery_secret(store));
  std::optional<RecoverySecret> recovery;
  if (has_one) recovery = TRY(RecoverySecret::generate());
  const Rotated rotated = TRY(rotate_store_key(store, recovery ? &*recovery : nullptr));
  say("{} records are sealed anew, under a new key", rotated.records - rotated.unreadable);
  if (rotated.unreadable != 0) say("; {} that do not verify are as they were", rotated.unreadable);
  say("\nCopies of the store from before are sealed as they were.\n");
  return recovery ? show_recovery_secret(*recovery) : Result<>();
}

Result<> renew(Workshop& workshop) {
  StoreSettings store = TRY(workshop.store());
  RecoverySecret recovery = TRY(RecoverySecret::generate());
  TRY(renew_recovery_secret(store, recovery));
  return show_recovery_secret(recovery);
}

// Who types may try again.
Result<RecoverySecret> ask_for_recovery_secret() {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    SecretBuffer line = TRY(read_secret_line("Recovery secret: "));
    Result<RecoverySecret> secret = RecoverySecret::parse(line.reveal());
    if (secret || !is_typed() || attempt == kAttempts) return secret;
    say("{}\n", secret.error().message());
    std::ignore = std::fflush(stdout);
  }
}

Result<> recover(Workshop& workshop) {
  StoreSettings store = TRY(workshop.store());
  RecoverySecret secret = TRY(ask_for_recovery_secret());
  TRY(recover_store(store, secret));
  say("The store is sealed by '{}' again, and by nothing else. The recovery secret stays as it "
      "is;\n"
      "if others have seen it, 'strongroom store recovery-secret' makes another one.\n",
      store.key_source->name());
  return {};
}

Result<> accept(Workshop& workshop) {
  StoreSettings store = TRY(workshop.store());
  TRY(accept_rollback(store));
  say("The store is taken for the newest. Keys that were destroyed since it was copied are back, "
      "and\n"
      "those made since are gone.\n");
  return {};
}

Result<> forget(Workshop& workshop) {
  StoreSettings store = TRY(workshop.store());
  TRY(forget_store(store));
  say("The store and its key are gone. The next start makes another one, with a key of its own.\n");
  return {};
}

Result<ExitCode> check(Workshop& workshop, const Arguments& arguments) {
  StoreSettings store = TRY(workshop.store());
  const CheckReport report =
      TRY(check_store(store, arguments.accept ? CheckMode::Accept : CheckMode::Report));
  for (const Finding& finding : report.findings)
    say("{}: {}\n", to_string(finding.kind), finding.text);
  if (report.left_out != 0) say("… and {} more findings\n", report.left_out);
  say("{} records, {} verified, {} findings{}\n", report.records, report.verified,
      report.findings.size() + report.left_out, report.is_accepted ? ", accepted" : "");
  return report.is_damaged() && !report.is_accepted ? ExitCode::Failure : ExitCode::Success;
}

Result<> change(Workshop& workshop, const config::Settings& settings, const Arguments& arguments) {
  switch (arguments.task) {
    case Task::Rekey: return rekey(workshop, settings, arguments);
    case Task::Rotate: return rotate(workshop);
    case Task::RenewRecoverySecret: return renew(workshop);
    case Task::Recover: return recover(workshop);
    case Task::AcceptRollback: return accept(workshop);
    case Task::Forget: return forget(workshop);
    default: return {};
  }
}

}  // namespace

bool is_store_task(Task task) noexcept {
  switch (task) {
    case Task::CheckStore:
    case Task::Rekey:
    case Task::Rotate:
    case Task::RenewRecoverySecret:
    case Task::Recover:
    case Task::AcceptRollback:
    case Task::Forget:
    case Task::MigrateParsec: return true;
    default: return false;
  }
}

Result<ExitCode> perform_store_task(const config::Settings& settings, const Arguments& arguments) {
  if (arguments.task == Task::MigrateParsec) return migrate_parsec(settings, arguments.parsec);
  TRY(become_owner_beside(settings.store.path));
  std::ignore = TRY(harden(hardening_settings(settings)));
  Workshop workshop(settings);
  if (arguments.task == Task::CheckStore) return check(workshop, arguments);
  TRY(change(workshop, settings, arguments));
  return ExitCode::Success;
}

}  // namespace strongroom
