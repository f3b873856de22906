// All settings of the daemon, as checked values. Member initialisers are the defaults, written here
// and nowhere else; they are what an empty configuration file means.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/log.h"

namespace strongroom::config {

struct ByteSize {
  std::uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};

// Permission bits of a socket: reading and writing by owner, group and others.
struct FileMode {
  mode_t bits = 0;
  bool operator==(const FileMode&) const = default;
};

// A name or a decimal number, and what it stands for on this machine. The id is empty in embedded
// defaults only: load() fills it or reports a problem. An empty name is nobody at all.
struct Group {
  std::string name;
  std::optional<gid_t> id;
  bool operator==(const Group&) const = default;
};
struct User {
  std::string name;
  std::optional<uid_t> id;
  bool operator==(const User&) const = default;
};

// Whom a socket's clients stand for, where their uids mean nothing here: 1 to 64 bytes of UTF-8
// without control characters. Empty: nobody, and the kernel's uid counts.
struct Tenant {
  std::string name;
  bool operator==(const Tenant&) const = default;
};

enum class Authenticator { UnixPeerCredentials, Direct };
enum class ProviderType { Software, Tpm, Pkcs11 };

// Where the input keying material of the store key comes from.
struct KeySource {
  enum class Kind { File, Credential, Command, Tpm };
  Kind kind = Kind::File;
  std::filesystem::path path;  // of a file or a program
  std::string name;            // of a credential (systemd.exec(5)) or of a provider
  bool operator==(const KeySource&) const = default;
};

// Platform configuration registers of a TPM, of one bank; none when the mask is empty.
struct Pcrs {
  std::string bank;        // "sha256", …
  std::uint32_t mask = 0;  // a bit each, PCR 0 the lowest
  bool operator==(const Pcrs&) const = default;
};

// A provider of this configuration, by its name; empty: none.
struct ProviderName {
  std::string name;
  bool operator==(const ProviderName&) const = default;
};

// A transmission interface to a TPM and its options, for the TSS's loader.
struct Tcti {
  std::string name;
  bool operator==(const Tcti&) const = default;
};

// The primary key that a TPM derives anew whenever it is asked, above all keys of the provider.
enum class TpmRoot { EccP256, Rsa2048 };

// Where a secret stands, which strict mode refuses to have written into the configuration.
struct SecretSource {
  enum class Kind { None, File, Credential, Inline };
  Kind kind = Kind::None;
  // A file's absolute path, or a credential's name (systemd.exec(5)), or the secret itself.
  std::string name;
  bool operator==(const SecretSource&) const = default;
};

// A token as RFC 7512 writes it, for p11-kit. What it said of the PIN is taken out of it.
struct TokenUri {
  std::string text;
  SecretSource pin;
  bool operator==(const TokenUri&) const = default;
};

// A token's label or serial number.
struct TokenName {
  std::string name;
  bool operator==(const TokenName&) const = default;
};

// Its number; empty: any slot.
struct TokenSlot {
  std::optional<std::uint32_t> number;
  bool operator==(const TokenSlot&) const = default;
};

// In what a token differs from the standard, by the name that its provider knows.
struct TokenQuirk {
  std::string name;
  bool operator==(const TokenQuirk&) const = default;
};

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
