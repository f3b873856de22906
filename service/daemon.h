// The rooms of the service at work under one configuration, and then another.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "config/settings.h"
#include "service/dispatch/device_keys/device_keys.h"
#include "service/dispatch/lanes.h"
#include "service/front_end/front_end.h"
#include "service/health_board.h"
#include "service/listener/server.h"
#include "service/provider_use/token_workers.h"
#include "service/secret_reclaimer.h"
#include "service/store/sqlite_store.h"
#include "service/watchdog.h"

namespace strongroom {

// Belongs to the thread that made it, which has been hardened.
class Daemon {
 public:
  // What it finds when it starts.
  struct Circumstances {
    StoreStart store = StoreStart::Ordinary;
    std::shared_ptr<StoreKeySource> key_source;  // null: a provider of the configuration
    TokenWorkers token_workers;
    bool is_memory_locked = false;
    std::vector<PassedDescriptor> passed;  // by the service manager
    std::shared_ptr<Reloads> reloads;      // where administrators ask for one
  };
  // Serves when this returns.
  static Result<std::unique_ptr<Daemon>> start(config::Settings settings, Circumstances found);
  // Ends the work in the lanes, which use the store, and then the store.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  const config::Settings& settings() const noexcept { return settings_; }
  std::size_t connections() const { return server_->connections(); }
  HealthBoard& health() noexcept { return *health_; }
  // One line for people: what is served, and what is wrong. Anybody on the machine may read it, so
  // that reasons which tell of paths and settings are the log's, and administrators'.
  std::string summary() const;
  // Whether token workers are wanted that nobody can start any more.
  bool needs_restart() const noexcept {
    return token_workers_.starter && token_workers_.starter->is_gone();
  }
  // Those on which everyone depends.
  std::vector<Watchdog::Watched> threads();

  // Serves by other settings, which need no restart: all that can fail is done first, next to what
  // is in use, and undone when one of it does fail; then nothing has changed. Providers and sockets
  // whose settings are the same are carried over as they are. Requests that have begun end under
  // the settings that they began under.
  Result<> change_to(const config::Settings& wanted);

  // Server::drain(), with the sockets' files gone at once.
  std::stop_token drain();

 private:
  // What one configuration decides about requests.
  struct Generation {
    std::vector<std::shared_ptr<Provider>> providers;  // in the order of the settings'
    std::shared_ptr<const FrontEnd> front_end;
  };

  Daemon(config::Settings settings, const Circumstances& found);
  Result<> open(Circumstances found);
  Result<> open_store(const Circumstances& found);
  Result<> begin_providers();
  void begin_provider(const std::shared_ptr<Provider>& provider, const config::Provider& settings);
  void warn_of_missing_providers() const;
  Result<Generation> make_generation(const config::Settings& settings);
  Result<std::vector<std::shared_ptr<Provider>>> providers_for(const config::Settings& settings);
  Result<std::shared_ptr<Provider>> provider_for(const config::Provider& wanted,
                                                 const config::Service& service);
  // PsaErrorNotPermitted while another provider has its TPM in use.
  Result<> check_is_free(const config::Provider& wanted) const;

  config::Settings settings_;
  const TokenWorkers token_workers_;
  std::vector<std::shared_ptr<Provider>> providers_;
  // One that has begun, under these settings. After a reload without it, it may have work to end.
  struct Begun {
    config::Provider settings;
    std::weak_ptr<Provider> provider;
    std::weak_ptr<const void> device;
  };
  std::vector<Begun> begun_;
  SecretReclaimer reclaimer_;
  std::shared_ptr<SqliteStore> store_;  // shared with what providers write down, not owned there
  Lanes lanes_;
  std::shared_ptr<DeviceKeys> device_keys_;  // what is left to do of their keys
  const std::shared_ptr<HealthBoard> health_;
  const std::shared_ptr<Reloads> reloads_;
  const std::shared_ptr<DrawnNonces> nonces_ = std::make_shared<DrawnNonces>();
  const std::shared_ptr<OperationsByKey> operations_by_key_ = std::make_shared<OperationsByKey>();
  std::unique_ptr<ListeningSockets> sockets_;
  std::unique_ptr<Server> server_;
};

}  // namespace strongroom
