// What each room of the service takes from the configuration. Only main knows all of them, and the
// concrete providers.
#pragma once

#include <memory>
#include <vector>

#include "config/settings.h"
#include "service/dispatch/lanes.h"
#include "service/dispatch/planning.h"
#include "service/front_end/front_end.h"
#include "service/listener/listening_socket.h"
#include "service/listener/server.h"
#include "service/process/hardening.h"
#include "service/provider_use/token_workers.h"
#include "service/store/sqlite_store.h"

namespace strongroom {

HardeningSettings hardening_settings(const config::Settings& settings);
FrontEnd::Settings front_end_settings(const config::Settings& settings);
std::vector<SocketSettings> socket_settings(const config::Settings& settings);
Server::Settings server_settings(const config::Settings& settings);
ConnectionSettings connection_settings(const config::Settings& settings);
Accounts::Limits account_limits(const config::Settings& settings);
Lanes::Settings lane_settings(const config::Settings& settings);

std::vector<std::unique_ptr<Authenticator>> make_authenticators(const config::Settings& settings);
Result<std::vector<std::shared_ptr<Provider>>> make_providers(
    const std::vector<config::Provider>& settings, const config::Service& service,
    const TokenWorkers& workers = {});
// What the process tells operations of itself, and lets them ask of it.
struct ProcessSide {
  std::shared_ptr<HealthSource> health;
  std::shared_ptr<Reloads> reloads;
  std::shared_ptr<DrawnNonces> nonces;
  std::shared_ptr<OperationsByKey> operations_by_key;
  std::shared_ptr<DeviceKeys> device_keys;
};
std::shared_ptr<const Services> make_services(
    const config::Settings& settings, Store& store,
    std::vector<std::shared_ptr<Provider>> providers,
    const std::vector<std::unique_ptr<Authenticator>>& authenticators, ProcessSide process);

}  // namespace strongroom
