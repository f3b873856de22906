// The grammar of the configuration as data: each key with its place in Settings, its bounds and one
// line of documentation. The parser and the test of the shipped file read it here; the defaults are
// those of settings.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "config/grammar_key.h"
#include "config/provider_keys.h"
#include "config/settings.h"

namespace strongroom::config {

inline constexpr std::uint64_t kKibibyte = 1024;
inline constexpr std::uint64_t kMebibyte = 1024 * kKibibyte;
inline constexpr std::uint64_t kGibibyte = 1024 * kMebibyte;
inline constexpr std::uint64_t kSecondMs = 1000;
inline constexpr std::uint64_t kHourMs = 3600 * kSecondMs;
inline constexpr std::uint64_t kDayMs = 24 * kHourMs;

inline constexpr std::array kServiceKeys = {
    Key<Service>{"strict", &Service::strict,
                 "Refuse settings that weaken the service; each refusal names the one it is."},
    Key<Service>{.name = "allow_root",
                 .field = &Service::allow_root,
                 .documentation = "Let the daemon run as uid 0.",
                 .effect = Effect::Restart},
    Key<Service>{"allow_deprecated", &Service::allow_deprecated,
                 "Serve algorithms that PSA or their standards call deprecated."},
    Key<Service>{"rsa_pkcs1v15_decryption", &Service::rsa_pkcs1v15_decryption,
                 "Decrypt with the padding of PKCS#1 v1.5, whose errors tell an attacker something "
                 "of the plaintext; OAEP's do not."},
    Key<Service>{.name = "require_locked_memory",
                 .field = &Service::require_locked_memory,
                 .documentation = "Refuse to start where memory cannot be locked against swapping.",
                 .effect = Effect::Restart},
    Key<Service>{"workers",
                 &Service::workers,
                 "Threads for cryptography in each provider; 0 means as many as cores.",
                 {.least = 0, .most = 256}},
    Key<Service>{"drain_timeout",
                 &Service::drain_timeout,
                 "How long a stop waits for requests in flight.",
                 {.least = 0, .most = kHourMs}},
};

inline constexpr std::array kSocketKeys = {
    Key<Socket>{"path", &Socket::path, "Where clients connect.", {}, Presence::Required},
    Key<Socket>{"owner", &Socket::owner,
                "User who owns the socket, by name or number; none keeps the daemon's own."},
    Key<Socket>{"group", &Socket::group,
                "Group that owns the socket, by name or number; none keeps the daemon's own."},
    Key<Socket>{"mode", &Socket::mode, "Permissions of the socket, octal."},
    Key<Socket>{"fd_name", &Socket::fd_name,
                "Name of the descriptor that systemd passes for this socket."},
    Key<Socket>{"tenant", &Socket::tenant,
                "Whom all clients of this socket stand for, instead of the kernel's uid."},
    Key<Socket>{"admin", &Socket::admin, "Serve administrative operations here."},
};

inline constexpr Bounds kMessage{.least = kKibibyte, .most = 64 * kMebibyte};
inline constexpr Bounds kDeadline{.least = 100, .most = kHourMs};
inline constexpr Bounds kPatience{.least = 100, .most = kDayMs};
inline constexpr Bounds kConnections{.least = 1, .most = 65536};
inline constexpr Bounds kFrames{.least = 1, .most = kMebibyte};
inline constexpr Bounds kBuffers{.least = 64 * kKibibyte, .most = 64 * kGibibyte};
inline constexpr Bounds kWork{.least = 1, .most = kDayMs};

inline constexpr std::array kLimitsKeys = {
    Key<Limits>{"body_bytes", &Limits::body_bytes, "Longest body of a request.", kMessage},
    Key<Limits>{
        "response_bytes", &Limits::response_bytes,
        "Most random bytes that one request may ask for; longest answer to a check of the store.",
        kMessage},
    Key<Limits>{"request_timeout", &Limits::request_timeout,
                "How long a request may take to arrive.", kDeadline},
    Key<Limits>{"queue_timeout", &Limits::queue_timeout,
                "How long a request may wait for its turn.", kDeadline},
    Key<Limits>{"idle_timeout", &Limits::idle_timeout,
                "How long a kept connection may wait for its next request.", kPatience},
    Key<Limits>{"keep_alive_max", &Limits::keep_alive_max, "How old a kept connection may become.",
                kPatience},
    Key<Limits>{"connections", &Limits::connections, "Connections open at a time.", kConnections},
    Key<Limits>{"connections_per_principal", &Limits::connections_per_principal,
                "Connections open at a time from one user or tenant.", kConnections},
    Key<Limits>{"max_in_flight",
                &Limits::max_in_flight,
                "Requests unanswered at a time on one connection.",
                {.least = 1, .most = 4096}},
    Key<Limits>{"frames_in_flight", &Limits::frames_in_flight, "Requests unanswered at a time.",
                kFrames},
    Key<Limits>{"frames_in_flight_per_principal", &Limits::frames_in_flight_per_principal,
                "Requests unanswered at a time from one user or tenant.", kFrames},
    Key<Limits>{"buffered_bytes", &Limits::buffered_bytes,
                "Memory for requests that arrive and answers that leave.", kBuffers},
    Key<Limits>{"buffered_bytes_per_principal", &Limits::buffered_bytes_per_principal,
                "Memory for the requests and answers of one user or tenant.", kBuffers},
    Key<Limits>{"queued_cost", &Limits::queued_cost, "Work that may wait, as time of one core.",
                kWork},
    Key<Limits>{"queued_cost_per_principal", &Limits::queued_cost_per_principal,
                "Work of one user or tenant that may wait, as time of one core.", kWork},
};

inline constexpr std::array kAuthKeys = {
    Key<Auth>{
        "order", &Auth::order,
        "Authenticators in the order clients are to try them: unix-peer-credentials, direct."},
};

inline constexpr std::array kAdminKeys = {
    Key<Admin>{"uids", &Admin::uids, "Users who may administer, by name or number."},
    Key<Admin>{"groups", &Admin::groups, "Groups who may administer, by name or number."},
    Key<Admin>{
        "any_socket", &Admin::any_socket,
        "Serve administrators on the sockets for applications too, as Parsec's tools expect; "
        "strict mode allows it."},
};

inline constexpr std::array kStoreKeys = {
    Key<Store>{.name = "path",
               .field = &Store::path,
               .documentation = "The database of keys.",
               .effect = Effect::Restart},
    Key<Store>{.name = "key_source",
               .field = &Store::key_source,
               .documentation = "Where the store's secret comes from: file:/absolute/path, "
                                "credential:NAME, command:/absolute/path, tpm:PROVIDER.",
               .effect = Effect::Restart},
    Key<Store>{.name = "key_pcrs",
               .field = &Store::key_pcrs,
               .documentation = "PCRs that a TPM binds that secret to: sha256:0,2,4,7.",
               .effect = Effect::Restart},
    Key<Store>{.name = "rollback_counter",
               .field = &Store::rollback_counter,
               .documentation = "TPM whose counter gives away an old copy of the store.",
               .effect = Effect::Restart},
    Key<Store>{.name = "rollback_index",
               .field = &Store::rollback_index,
               .documentation = "NV index of a new counter, from 0x01000000 on; 0: a free one.",
               .bounds = {.least = 0, .most = 0x01FFFFFF},
               .effect = Effect::Restart},
};

inline constexpr std::array kLogKeys = {
    Key<Log>{"level", &Log::level, "How much to say: trace, debug, info, warning, error, off."},
};

// Calls `visit(name, member of Settings, keys)` for each section in the order of the shipped file.
// The member is a struct for [name] and a vector of them for [[name]].
template <typename Visitor>
void visit_sections(Visitor&& visit) {
  visit("service", &Settings::service, kServiceKeys);
  visit("socket", &Settings::sockets, kSocketKeys);
  visit("limits", &Settings::limits, kLimitsKeys);
  visit("auth", &Settings::auth, kAuthKeys);
  visit("admin", &Settings::admin, kAdminKeys);
  visit("store", &Settings::store, kStoreKeys);
  visit("provider", &Settings::providers, kProviderKeys);
  visit("log", &Settings::log, kLogKeys);
}

// A key as documentation shows it.
struct KeyDescription {
  std::string section;  // "[limits]" or "[[socket]]"
  std::string_view name;
  std::string_view type;  // "duration", "size", …
  std::string fallback;   // as TOML; empty when required
  std::string least;      // of a number, size or duration: "64KiB"; else empty
  std::string most;
  std::string documentation;  // which says of what type of provider the key is
  Effect effect;
  std::optional<ProviderType> of;
};
std::vector<KeyDescription> describe_grammar();

}  // namespace strongroom::config
