// strongroomd: from the command line to a service that answers, and back to an exit code.
#include <cstdio>
#include <span>
#include <thread>

#include "base/log.h"
#include "base/memory_reserve.h"
#include "config/parser.h"
#include "service/listener/passed_descriptors.h"
#include "service/process/arguments.h"
#include "service/process/descriptor_limit.h"
#include "service/process/notify.h"
#include "service/process/signals.h"
#include "service/process/wiping_allocator.h"
#include "service/rooms.h"
#include "service/secret_reclaimer.h"
#include "service/store/fsck.h"

namespace strongroom {
namespace {

// To people; where nobody can read it, it is lost. fmt::print() would throw.
template <typename... Args>
void say(std::FILE* stream, fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::ignore = std::fwrite(text.data(), 1, text.size(), stream);
}

Result<> wait_for_stop(Signals& signals) {
  while (true) {
    const auto signal = TRY(signals.wait());
    if (signal == Signals::Kind::Stop) return {};
    log::info("main", "SIGHUP is ignored: this version reads its configuration at start only");
  }
}

// A second signal to stop cuts short what the first one waits for.
void drain(Server& server, Signals& signals, std::chrono::milliseconds timeout) {
  std::stop_source at_once;
  const std::jthread listening([&](const std::stop_token& ended) {
    while (!ended.stop_requested())
      if (const auto signal = signals.wait(ended); !signal || *signal == Signals::Kind::Stop)
        return static_cast<void>(at_once.request_stop());
  });
  if (!server.drain(timeout, at_once.get_token()))
    log::warning("main", "stopping with {} connections unanswered", server.connections());
}

// Ends the work in the lanes, which use the store, and then the store, whichever way serve() is
// left.
class OrderlyEnd {
 public:
  OrderlyEnd(Lanes& lanes, SecretReclaimer& reclaimer, std::unique_ptr<SqliteStore>& store) noexcept
      : lanes_(lanes), reclaimer_(reclaimer), store_(store) {}
  OrderlyEnd(const OrderlyEnd&) = delete;
  OrderlyEnd& operator=(const OrderlyEnd&) = delete;
  ~OrderlyEnd() {
    lanes_.stop();
    reclaimer_.use(nullptr);
    store_.reset();
  }

 private:
  Lanes& lanes_;
  SecretReclaimer& reclaimer_;
  std::unique_ptr<SqliteStore>& store_;
};

// Until a signal ends it. What is made later uses what was made before.
Result<> serve(const config::Settings& settings, StoreStart start) {
  Signals signals = TRY(Signals::block());
  TRY(harden(hardening_settings(settings)));
  TRY(make_room_for_connections(settings.limits.connections));
  TRY(hold_memory_reserve());
  auto passed = TRY(take_passed_descriptors());

  auto providers = TRY(make_providers(settings));
  SecretReclaimer reclaimer(providers);
  std::unique_ptr<SqliteStore> store = TRY(SqliteStore::open(store_settings(settings, start)));
  reclaimer.use(store.get());
  auto authenticators = make_authenticators(settings);
  Lanes lanes(lane_settings(settings));
  const OrderlyEnd at_the_end(lanes, reclaimer, store);
  TRY(lanes.start());
  auto dispatcher = TRY(Dispatcher::create(
      make_services(settings, *store, std::move(providers), authenticators), lanes));
  auto front_end = std::make_shared<const FrontEnd>(
      front_end_settings(settings), std::move(authenticators), std::move(dispatcher));
  auto sockets = TRY(open_listening_sockets(socket_settings(settings), std::move(passed)));
  const std::size_t socket_count = sockets.size();
  std::unique_ptr<Server> server =
      TRY(Server::create(server_settings(settings), std::move(sockets), std::move(front_end)));
  TRY(server->start());

  log::info("main", "strongroomd {} serves {} sockets", STRONGROOM_VERSION, socket_count);
  notify_ready(fmt::format("serving {} sockets", socket_count));
  TRY(wait_for_stop(signals));
  notify_stopping("waiting for requests in flight");
  drain(*server, signals, settings.service.drain_timeout);
  return {};
}

Result<ExitCode> check_store(const config::Settings& settings, const Arguments& arguments) {
  TRY(harden(hardening_settings(settings)));
  const FsckReport report =
      TRY(check_store(store_settings(settings, StoreStart::Ordinary),
                      arguments.accept ? FsckMode::Accept : FsckMode::Report));
  for (const Finding& finding : report.findings)
    say(stdout, "{}: {}\n", to_string(finding.kind), finding.text);
  say(stdout, "{} records, {} verified, {} findings{}\n", report.records, report.verified,
      report.findings.size(), report.is_accepted ? ", accepted" : "");
  return report.is_clean() || report.is_accepted ? ExitCode::Success : ExitCode::Failure;
}

Result<ExitCode> perform(const config::Settings& settings, const Arguments& arguments) {
  if (arguments.task == Arguments::Task::CheckStore) return check_store(settings, arguments);
  TRY(serve(settings, arguments.init ? StoreStart::Init : StoreStart::Ordinary));
  log::info("main", "stopped");
  return ExitCode::Success;
}

ExitCode run(const Arguments& arguments) {
  using Task = Arguments::Task;
  if (arguments.task == Task::ShowHelp || arguments.task == Task::ShowVersion) {
    const bool is_help = arguments.task == Task::ShowHelp;
    say(stdout, "{}", is_help ? help_text() : "strongroomd " STRONGROOM_VERSION "\n");
    return ExitCode::Success;
  }
  const config::Loaded settings = arguments.standalone ? config::standalone(*arguments.standalone)
                                                       : config::load(arguments.config);
  if (!settings) {
    for (const config::Problem& problem : settings.error())
      say(stderr, "{}\n", to_string(problem));
    return ExitCode::Configuration;
  }
  if (arguments.task == Task::CheckConfiguration) {
    say(stdout, "no problem found\n");
    return ExitCode::Success;
  }
  log::set_level(arguments.log_level.value_or(settings->log.level));
  const Result<ExitCode> done = perform(*settings, arguments);
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
