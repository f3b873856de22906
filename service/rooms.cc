#include "service/rooms.h"

#include <algorithm>
#include <thread>
#include <unistd.h>

#include "base/log.h"
#include "base/version.h"
#include "service/connection/connection_settings.h"
#include "service/provider_use/provider_in_use.h"

namespace strongroom {
namespace {

// While one thread waits for a token, another has the next request ready.
constexpr unsigned kTokenThreads = 2;

unsigned token_threads(const config::Provider& provider, unsigned workers) {
  if (provider.isolation == config::TokenIsolation::Worker) return provider.workers + 1;
  return std::min(provider.sessions, std::max(workers, kTokenThreads));
}

std::unique_ptr<Authenticator> make(config::Authenticator kind) {
  switch (kind) {
    case config::Authenticator::UnixPeerCredentials: return make_peer_credentials_authenticator();
    case config::Authenticator::Direct: return make_direct_authenticator();
  }
  return nullptr;
}

// The workers' user, which is our own, where they can connect to our sockets.
std::optional<uid_t> user_of_open_workers(const config::Settings& settings) {
  const bool are_open =
      std::ranges::any_of(settings.providers, [](const config::Provider& provider) {
        return provider.type == config::ProviderType::Pkcs11 &&
               provider.isolation == config::TokenIsolation::Worker &&
               provider.sandbox == config::TokenSandbox::Pcsc;
      });
  if (!are_open || !settings.service.strict) return std::nullopt;
  return ::geteuid();
}

}  // namespace

HardeningSettings hardening_settings(const config::Settings& settings) {
  return {.allow_root = settings.service.allow_root,
          .require_locked_memory = settings.service.require_locked_memory};
}

FrontEnd::Settings front_end_settings(const config::Settings& settings) {
  FrontEnd::Settings result{
      .body_limit = static_cast<std::uint32_t>(settings.limits.body_bytes.bytes),
      .admin_on_any_socket = settings.admin.any_socket};
  for (const config::User& user : settings.admin.uids)
    if (user.id) result.admin_uids.push_back(*user.id);
  for (const config::Group& group : settings.admin.groups)
    if (group.id) result.admin_groups.push_back(*group.id);
  result.never_admin = user_of_open_workers(settings);
  if (result.never_admin &&
      std::ranges::find(result.admin_uids, *result.never_admin) != result.admin_uids.end())
    log::warning("main",
                 "uid {} of [admin] administers nothing: it is that of token workers with 'sandbox "
                 "= \"pcsc\"', who can connect; 'strict = false' in [service] would allow it",
                 *result.never_admin);
  return result;
}

std::vector<SocketSettings> socket_settings(const config::Settings& settings) {
  std::vector<SocketSettings> result;
  result.reserve(settings.sockets.size());
  for (const config::Socket& socket : settings.sockets)
    result.push_back({.path = socket.path,
                      .mode = socket.mode.bits,
                      .owner = socket.owner.id,
                      .group = socket.group.id,
                      .passed_name = socket.fd_name,
                      .is_admin = socket.admin,
                      .tenant = socket.tenant.name});
  return result;
}

Accounts::Limits account_limits(const config::Settings& settings) {
  const config::Limits& limits = settings.limits;
  return {.per_principal = {.connections = limits.connections_per_principal,
                            .frames = limits.frames_in_flight_per_principal,
                            .bytes = limits.buffered_bytes_per_principal.bytes,
                            .queued = limits.queued_cost_per_principal},
          .in_total = {.connections = limits.connections,
                       .frames = limits.frames_in_flight,
                       .bytes = limits.buffered_bytes.bytes,
                       .queued = limits.queued_cost}};
}

ConnectionSettings connection_settings(const config::Settings& settings) {
  const config::Limits& limits = settings.limits;
  return {.request_timeout = limits.request_timeout,
          .drain_limit = limits.body_bytes.bytes + kBufferStep,
          .idle_timeout = limits.idle_timeout,
          .keep_alive_max = limits.keep_alive_max,
          .max_in_flight = limits.max_in_flight};
}

Server::Settings server_settings(const config::Settings& settings) {
  return {.connection = connection_settings(settings),
          .limits = account_limits(settings),
          .read_peer = peer_reader()};
}

Lanes::Settings lane_settings(const config::Settings& settings) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned workers = settings.service.workers != 0 ? settings.service.workers : cores;
  Lanes::DeviceWorkers device_workers;
  for (const config::Provider& provider : settings.providers)
    if (provider.type == config::ProviderType::Pkcs11)
      device_workers[provider.name] = token_threads(provider, workers);
  return {.workers = workers,
          .device_workers = std::move(device_workers),
          .queue_timeout = settings.limits.queue_timeout};
}

std::vector<std::unique_ptr<Authenticator>> make_authenticators(const config::Settings& settings) {
  std::vector<std::unique_ptr<Authenticator>> result;
  result.reserve(settings.auth.order.size());
  for (const config::Authenticator kind : settings.auth.order)
    result.push_back(make(kind));
  return result;
}

Result<std::vector<std::shared_ptr<Provider>>> make_providers(
    const std::vector<config::Provider>& settings, const config::Service& service,
    const TokenWorkers& workers) {
  std::vector<std::shared_ptr<Provider>> result;
  for (const config::Provider& provider : settings) {
    std::unique_ptr<Provider> made = TRY(make_provider(provider, service, workers));
    result.push_back(std::move(made));
  }
  return result;
}

std::shared_ptr<const Services> make_services(
    const config::Settings& settings, Store& store,
    std::vector<std::shared_ptr<Provider>> providers,
    const std::vector<std::unique_ptr<Authenticator>>& authenticators, ProcessSide process) {
  Services services{.store = store,
                    .providers = std::move(providers),
                    .authenticators = {},
                    .allow_deprecated = settings.service.allow_deprecated,
                    .rsa_pkcs1v15_decryption = settings.service.rsa_pkcs1v15_decryption,
                    .response_limit = settings.limits.response_bytes.bytes,
                    .version = kVersion,
                    .health = std::move(process.health),
                    .reloads = std::move(process.reloads),
                    .nonces = std::move(process.nonces),
                    .operations_by_key = std::move(process.operations_by_key),
                    .device_keys = std::move(process.device_keys)};
  for (const auto& authenticator : authenticators)
    services.authenticators.push_back(authenticator->description());
  return std::make_shared<const Services>(std::move(services));
}

}  // namespace strongroom
