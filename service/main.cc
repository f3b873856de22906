// strongroomd: from the command line to a service that answers, and back to an exit code.
#include <cstdio>
#include <optional>
#include <span>

#include "base/log.h"
#include "base/memory_reserve.h"
#include "config/parser.h"
#include "service/daemon.h"
#include "service/listener/passed_descriptors.h"
#include "service/process/arguments.h"
#include "service/process/notify.h"
#include "service/process/programs.h"
#include "service/process/reload_notice.h"
#include "service/process/signals.h"
#include "service/process/wiping_allocator.h"
#include "service/provider_use/tpm_in_use.h"
#include "service/reload_requests.h"
#include "service/reloader.h"
#include "service/rooms.h"
#include "service/store_use/store_side.h"
#include "service/store_use/store_tasks.h"
#include "service/supervision.h"

namespace strongroom {
namespace {

// To people; where nobody can read it, it is lost. fmt::print() would throw.
template <typename... Args>
void say(std::FILE* stream, fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::ignore = std::fwrite(text.data(), 1, text.size(), stream);
}

// What the command line says of it goes over what the files say.
config::Loaded load_configuration(const Arguments& arguments) {
  config::Loaded settings = arguments.standalone ? config::standalone(*arguments.standalone)
                                                 : config::load(arguments.config);
  if (settings && arguments.log_level) settings->log.level = *arguments.log_level;
  return settings;
}

// A second signal to stop cuts short what the first one waits for.
Result<> drain(Daemon& daemon, Signals& signals) {
  const std::stop_token drained = daemon.drain();
  TRY(signals.wait_for_stop(daemon.settings().service.drain_timeout, drained));
  if (const std::size_t unanswered = daemon.connections(); unanswered > 0)
    log::warning("main", "stopping with {} connections unanswered", unanswered);
  return {};
}

// A command is run while the process has one thread; a TPM belongs to a provider, which has its
// own.
Result<std::shared_ptr<StoreKeySource>> key_source_without_threads(const config::Store& store) {
  if (store.key_source.kind == config::KeySource::Kind::Tpm) return nullptr;
  return make_key_source(store.key_source, store.key_pcrs, {});
}

// Until a signal ends it.
Result<> serve(const config::Settings& settings, const Arguments& arguments, Signals& signals) {
  auto token_workers = TRY(prepare_token_workers(settings, arguments.config));
  const bool is_memory_locked = TRY(harden(hardening_settings(settings)));
  TRY(hold_memory_reserve());
  auto key_source = TRY(key_source_without_threads(settings.store));
  TRY(forbid_other_programs());
  auto passed = TRY(take_passed_descriptors());
  auto requests = std::make_shared<ReloadRequests>([&signals] { signals.ask_to_reload(); });
  auto daemon = TRY(
      Daemon::start(settings, {.store = arguments.init ? StoreStart::Init : StoreStart::Ordinary,
                               .key_source = std::move(key_source),
                               .token_workers = std::move(token_workers),
                               .is_memory_locked = is_memory_locked,
                               .passed = std::move(passed),
                               .reloads = requests}));
  const std::size_t sockets = settings.sockets.size();
  log::info("main", "strongroomd {} serves {} sockets", STRONGROOM_VERSION, sockets);
  Supervision supervision(*daemon);
  notify_ready(daemon->summary());
  Reloader reloader(*daemon, [&arguments] { return load_configuration(arguments); });
  auto ended = supervision.run(signals, reloader, *requests);
  requests->close();
  notify_stopping("waiting for requests in flight");
  TRY(drain(*daemon, signals));
  return ended;
}

// With the settings loaded; `signals` are blocked where it serves.
Result<ExitCode> perform(const config::Settings& settings, const Arguments& arguments,
                         std::optional<Signals>& signals) {
  if (is_store_task(arguments.task)) return perform_store_task(settings, arguments);
  TRY(serve(settings, arguments, *signals));
  log::info("main", "stopped");
  return ExitCode::Success;
}

// Before the service manager may think of sending one.
Result<std::optional<Signals>> signals_for(const Arguments& arguments) {
  if (arguments.task != Arguments::Task::Serve) return std::nullopt;
  return TRY(Signals::block());
}

ExitCode tell_of(const config::Problems& problems) {
  for (const config::Problem& problem : problems)
    say(stderr, "{}\n", to_string(problem));
  if (!are_warnings(problems)) return ExitCode::Configuration;
  say(stdout, "{}\n",
      problems.empty() ? "no problem found" : "no problem found but what is warned of");
  return ExitCode::Success;
}

Result<ExitCode> load_and_perform(const Arguments& arguments) {
  std::optional<Signals> signals = TRY(signals_for(arguments));
  const config::Loaded settings = load_configuration(arguments);
  if (!settings) return tell_of(settings.error());
  if (arguments.task == Arguments::Task::CheckConfiguration)
    return tell_of(arguments.standalone ? config::Problems() : config::examine(arguments.config));
  log::set_level(settings->log.level);
  return perform(*settings, arguments, signals);
}

ExitCode reload(pid_t daemon) {
  // The service manager's own limit is 90 seconds, and gives no reason.
  constexpr std::chrono::seconds kPatience{80};
  const Result<std::string> told = ask_for_reload(daemon, kPatience);
  say(told ? stdout : stderr, "{}\n", told ? *told : told.error().message());
  return told ? ExitCode::Success : ExitCode::Failure;
}

ExitCode run(const Arguments& arguments) {
  using Task = Arguments::Task;
  if (arguments.task == Task::Reload) return reload(arguments.daemon);
  if (arguments.task == Task::ShowHelp || arguments.task == Task::ShowVersion) {
    const bool is_help = arguments.task == Task::ShowHelp;
    say(stdout, "{}", is_help ? help_text() : "strongroomd " STRONGROOM_VERSION "\n");
    return ExitCode::Success;
  }
  const Result<ExitCode> done = load_and_perform(arguments);
  if (done) return *done;
  log::error("main", "{}", done.error().message());
  return ExitCode::Failure;
}

ExitCode run(std::span<const char* const> words) {
  for (const Result<>& prepared :
       {occupy_standard_streams(), ignore_broken_pipes(), wipe_what_libcrypto_frees()})
    if (!prepared) {
      log::error("main", "{}", prepared.error().message());
      return ExitCode::Failure;
    }
  keep_the_tss_from_writing_to_standard_error();
  const Result<Arguments> arguments = parse_arguments(words);
  if (arguments) return run(*arguments);
  say(stderr, "strongroomd: {}\nTry 'strongroomd --help'.\n", arguments.error().message());
  return ExitCode::Usage;
}

}  // namespace
}  // namespace strongroom

int main(int argc, char** argv) {
  return static_cast<int>(
      strongroom::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1)));
}
