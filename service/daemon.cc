#include "service/daemon.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "service/process/descriptor_limit.h"
#include "service/provider_use/provider_in_use.h"
#include "service/provider_use/tpm_in_use.h"
#include "service/rooms.h"
#include "service/store_use/store_side.h"

namespace strongroom {
namespace {

// Of a stop, with a disk and a TPM.
constexpr std::chrono::seconds kPatienceAtEnd{5};

}  // namespace

Daemon::Daemon(config::Settings settings, const Circumstances& found)
    : settings_(std::move(settings)),
      token_workers_(found.token_workers),
      lanes_(lane_settings(settings_)),
      health_(std::make_shared<HealthBoard>(lanes_, found.is_memory_locked)),
      reloads_(found.reloads) {}

Daemon::~Daemon() {
  server_.reset();
  // While there is a way to the TPM that counts.
  if (store_) store_->end_epoch(kPatienceAtEnd);
  for (const Begun& begun : begun_)
    if (const auto provider = begun.provider.lock()) close_upkeep(*provider);
  if (device_keys_) device_keys_->stop();
  lanes_.stop();
  reclaimer_.use(nullptr);
  store_.reset();
}

Result<std::unique_ptr<Daemon>> Daemon::start(config::Settings settings, Circumstances found) {
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(settings), found));
  TRY(daemon->open(std::move(found)));
  return daemon;
}

Result<> Daemon::open(Circumstances found) {
  TRY(make_room_for_connections(settings_.limits.connections));
  providers_ = TRY(make_providers(settings_.providers, settings_.service, token_workers_));
  reclaimer_.use(providers_);
  TRY(open_store(found));
  reclaimer_.use(store_.get());
  TRY(begin_providers());
  TRY(lanes_.start());
  device_keys_ = std::make_shared<DeviceKeys>(*store_, lanes_);
  TRY(device_keys_->start());
  Generation first = TRY(make_generation(settings_));
  device_keys_->use(providers_);
  auto sockets = TRY(ListeningSockets::open(socket_settings(settings_), std::move(found.passed)));
  sockets_ = std::make_unique<ListeningSockets>(std::move(sockets));
  server_ = TRY(Server::create(server_settings(settings_), sockets_->in_use(), first.front_end));
  health_->show(server_->applications(), server_->administrators());
  warn_of_missing_providers();
  return server_->start();
}

Result<> Daemon::open_store(const Circumstances& found) {
  const ProviderLookup providers = lookup_in(providers_);
  std::shared_ptr<StoreKeySource> source = found.key_source;
  if (!source)
    source = TRY(make_key_source(settings_.store.key_source, settings_.store.key_pcrs, providers));
  StoreSettings store = TRY(store_settings(settings_, std::move(source), providers, found.store));
  store_ = TRY(SqliteStore::open(store));
  return {};
}

// All at the same time, and then those that are waited for.
Result<> Daemon::begin_providers() {
  for (std::size_t i = 0; i < providers_.size(); ++i)
    begin_provider(providers_[i], settings_.providers[i]);
  for (std::size_t i = 0; i < providers_.size(); ++i)
    TRY(await_first_look(*providers_[i], settings_.providers[i]));
  return {};
}

void Daemon::begin_provider(const std::shared_ptr<Provider>& provider,
                            const config::Provider& settings) {
  std::erase_if(begun_, [](const Begun& begun) {
    return begun.provider.expired() && begun.device.expired();
  });
  begun_.push_back({settings, provider, device_of(*provider)});
  begin_upkeep(*provider, store_);
}

void Daemon::warn_of_missing_providers() const {
  const std::vector<MissingProvider> missing = missing_providers(*store_, providers_);
  for (const MissingProvider& each : missing)
    log::warning("main", "provider '{}' is {}", each.identity.instance,
                 why_not_configured(each.keys));
}

// Two executors on one TPM would flush each other's sessions.
Result<> Daemon::check_is_free(const config::Provider& wanted) const {
  for (const Begun& begun : begun_)
    if (!begun.device.expired() && begun.settings.type == wanted.type &&
        begun.settings.tcti == wanted.tcti)
      return fail(Status::PsaErrorNotPermitted,
                  fmt::format("needs restart: provider '{}' has the TPM of provider '{}', which is "
                              "in use",
                              wanted.name, begun.settings.name));
  return {};
}

// One that was given up and is wanted again goes on, if it is still there.
Result<std::shared_ptr<Provider>> Daemon::provider_for(const config::Provider& wanted,
                                                       const config::Service& service) {
  for (const Begun& begun : begun_)
    if (auto provider = begun.provider.lock(); provider &&
                                               wanted.type != config::ProviderType::Software &&
                                               is_same_device(begun.settings, wanted)) {
      TRY(check_settings(wanted));
      return provider;
    }
  if (wanted.type == config::ProviderType::Tpm) TRY(check_is_free(wanted));
  auto made = TRY(make_providers({wanted}, service, token_workers_));
  return std::move(made.front());
}

// Those of the running configuration that another keeps, and new ones.
Result<std::vector<std::shared_ptr<Provider>>> Daemon::providers_for(
    const config::Settings& settings) {
  std::vector<std::shared_ptr<Provider>> providers;
  for (const config::Provider& wanted : settings.providers) {
    const auto known = std::ranges::find_if(
        settings_.providers, [&](const auto& running) { return is_same_device(running, wanted); });
    // What a provider in software offers depends on whether deprecated algorithms are served.
    const bool offers_the_same =
        wanted.type != config::ProviderType::Software ||
        settings.service.allow_deprecated == settings_.service.allow_deprecated;
    if (known != settings_.providers.end() && offers_the_same) {
      if (*known != wanted) TRY(check_settings(wanted));
      providers.push_back(providers_.at(known - settings_.providers.begin()));
      continue;
    }
    auto provider = TRY(provider_for(wanted, settings.service));
    providers.push_back(std::move(provider));
  }
  return providers;
}

Result<Daemon::Generation> Daemon::make_generation(const config::Settings& settings) {
  auto providers = TRY(providers_for(settings));
  auto authenticators = make_authenticators(settings);
  auto dispatcher = TRY(Dispatcher::create(
      make_services(settings, *store_, providers, authenticators,
                    {health_, reloads_, nonces_, operations_by_key_, device_keys_}),
      lanes_));
  auto front_end = std::make_shared<const FrontEnd>(
      front_end_settings(settings), std::move(authenticators), std::move(dispatcher));
  return Generation{.providers = std::move(providers), .front_end = std::move(front_end)};
}

Result<> Daemon::change_to(const config::Settings& wanted) {
  TRY(make_room_for_connections(wanted.limits.connections));
  Generation next = TRY(make_generation(wanted));
  auto replacement = TRY(sockets_->prepare(socket_settings(wanted)));
  const Lanes::Settings lanes = lane_settings(wanted);
  TRY(lanes_.use_workers(lanes.workers, lanes.device_workers));

  // From here on nothing fails. A new provider admits nothing before it has begun.
  hide_files(token_workers_, wanted);
  for (std::size_t i = 0; i < next.providers.size(); ++i) {
    const auto& provider = next.providers[i];
    const bool has_begun = std::ranges::any_of(
        begun_, [&](const Begun& begun) { return begun.provider.lock() == provider; });
    if (has_begun)
      use_settings(*provider, wanted.providers[i]);
    else
      begin_provider(provider, wanted.providers[i]);
  }
  lanes_.limit_queueing(wanted.limits.queue_timeout);
  sockets_->put_to_use(std::move(replacement));
  server_->use({.connection = connection_settings(wanted),
                .limits = account_limits(wanted),
                .sockets = sockets_->in_use(),
                .requests = std::move(next.front_end)});
  providers_ = std::move(next.providers);
  reclaimer_.use(providers_);
  device_keys_->use(providers_);
  settings_ = wanted;
  warn_of_missing_providers();
  return {};
}

std::string Daemon::summary() const {
  const ConfigurationHealth configuration = health_->health().configuration;
  const StoreHealth store = store_->health();
  std::string text =
      fmt::format("serving {} sockets, {} keys; configuration generation {}",
                  settings_.sockets.size(), store_->keys(), configuration.generation);
  if (store.is_degraded) text += fmt::format("; store degraded: {}", store.reason);
  for (const auto& provider : providers_)
    if (const ProviderHealth health = health_of(*provider); health.state != ProviderState::Up)
      text += fmt::format("; provider '{}' {}", provider->description().identity.instance,
                          name_of(health.state));
  if (configuration.last_reload == ConfigurationHealth::LastReload::Refused)
    text += fmt::format("; reload refused: {}", configuration.last_reload_message);
  return text;
}

std::vector<Watchdog::Watched> Daemon::threads() {
  using Task = Watchdog::Task;
  std::vector<Watchdog::Watched> threads = {
      {"timekeeper", [this](Task task) { lanes_.post_to_timekeeper(std::move(task)); }},
      {"store-watcher", [this](Task task) { store_->post_to_watcher(std::move(task)); }}};
  for (auto& [name, mailbox] : server_->mailboxes())
    threads.push_back({name, [mailbox](Task task) { mailbox->post(std::move(task)); }});
  return threads;
}

std::stop_token Daemon::drain() {
  sockets_.reset();
  return server_->drain();
}

}  // namespace strongroom
