// All settings of the daemon, as checked values. Member initialisers are the defaults, written here
// and nowhere else; they are what an empty configuration file means.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/setting_types.h"

namespace strongroom::config {

struct Service {
  bool strict = true;
  bool allow_root = false;
  bool allow_deprecated = false;
  bool rsa_pkcs1v15_decryption = true;
  bool require_locked_memory = true;
  std::uint32_t workers = 0;  // 0: as many as there are cores
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(10);
  bool operator==(const Service&) const = default;
};

struct Socket {
  std::filesystem::path path;
  User owner;
  Group group;
  FileMode mode{0660};
  std::string fd_name;  // of a descriptor passed by systemd; empty: by position
  Tenant tenant;
  bool admin = false;
  bool operator==(const Socket&) const = default;
};

struct Limits {
  ByteSize body_bytes{1024ULL * 1024};
  ByteSize response_bytes{1024ULL * 1024};
  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);
  std::chrono::milliseconds queue_timeout = std::chrono::seconds(8);
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);
  std::chrono::milliseconds keep_alive_max = std::chrono::hours(1);
  std::uint32_t connections = 4096;
  std::uint32_t connections_per_principal = 256;
  std::uint32_t max_in_flight = 64;
  std::uint32_t frames_in_flight = 16384;
  std::uint32_t frames_in_flight_per_principal = 1024;
  ByteSize buffered_bytes{64ULL * 1024 * 1024};
  ByteSize buffered_bytes_per_principal{8ULL * 1024 * 1024};
  // Time of one core.
  std::chrono::milliseconds queued_cost = std::chrono::seconds(256);
  std::chrono::milliseconds queued_cost_per_principal = std::chrono::seconds(16);
  bool operator==(const Limits&) const = default;
};

struct Auth {
  std::vector<Authenticator> order{Authenticator::UnixPeerCredentials};
  bool operator==(const Auth&) const = default;
};

struct Admin {
  std::vector<User> uids{{.name = "0", .id = 0}};
  std::vector<Group> groups{{.name = "strongroom-admin", .id = std::nullopt}};
  bool any_socket = false;
  bool operator==(const Admin&) const = default;
};

struct Store {
  std::filesystem::path path = "/var/lib/strongroom/keys.db";
  KeySource key_source{
      .kind = KeySource::Kind::File, .path = "/var/lib/strongroom/store.key", .name = {}};
  Pcrs key_pcrs;
  ProviderName rollback_counter;
  std::uint32_t rollback_index = 0;  // 0: one that is free
  bool operator==(const Store&) const = default;
};

struct Provider {
  ProviderType type = ProviderType::Software;
  std::string name;  // empty: named as its type
  bool required = false;
  // Of a TPM alone.
  Tcti tcti{"device:/dev/tpmrm0"};
  TpmRoot root = TpmRoot::EccP256;
  SecretSource owner_auth;
  SecretSource endorsement_auth;
  // Of a token alone.
  TokenUri uri;
  std::filesystem::path module;
  TokenName token;
  TokenName serial;
  TokenSlot slot;
  SecretSource pin;
  std::uint32_t sessions = 16;
  bool allow_export = false;
  bool always_authenticate = false;
  std::vector<TokenQuirk> quirks;
  TokenIsolation isolation = TokenIsolation::Worker;
  std::uint32_t workers = 2;
  TokenSandbox sandbox = TokenSandbox::Files;
  std::vector<TokenPath> paths;
  std::vector<TokenVariable> environment;
  bool operator==(const Provider&) const = default;
};

struct Log {
  log::Level level = log::Level::Info;
  bool operator==(const Log&) const = default;
};

struct Settings {
  Service service;
  std::vector<Socket> sockets{
      {.path = "/run/strongroom/strongroom.sock",
       .group = {.name = "strongroom-clients", .id = std::nullopt},
       .fd_name = "strongroom"},
      {.path = "/run/strongroom/admin.sock",
       .group = {.name = "strongroom-admin", .id = std::nullopt},
       .fd_name = "admin",
       .admin = true},
  };
  Limits limits;
  Auth auth;
  Admin admin;
  Store store;
  std::vector<Provider> providers{{.type = ProviderType::Software, .name = "software"}};
  Log log;
  bool operator==(const Settings&) const = default;
};

}  // namespace strongroom::config
