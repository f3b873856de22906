// What is known of a key: who it belongs to, what it may do, and what its provider needs to use it.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/psa.h"
#include "base/secret_buffer.h"

namespace strongroom {

using Uuid = std::array<std::byte, 16>;

// Whose namespace a key lives in. The authenticator's id is part of it: the name "1000" given by
// one authenticator is not the "1000" of another.
struct ApplicationId {
  std::uint8_t authenticator;
  std::string name;
  auto operator<=>(const ApplicationId&) const = default;
};

// Of what the service itself keeps in the store, which is no key: no client is of it.
inline constexpr std::uint8_t kServiceAuthenticator = 255;

// Which provider holds a key. The instance is the provider's name in the configuration.
struct ProviderIdentity {
  Uuid uuid;
  std::string instance;
  auto operator<=>(const ProviderIdentity&) const = default;
};

// A key's identity has five parts; two keys are the same only if all five are.
struct KeyId {
  ApplicationId application;
  ProviderIdentity provider;
  std::string name;
  auto operator<=>(const KeyId&) const = default;
};

// Immutable once made; shared by reference between threads.
struct KeyRecord {
  KeyId id;
  psa::KeyAttributes attributes;  // bits is never 0 here
  // The provider's own: the software provider keeps the key itself in the export format of the
  // contract, a device provider a wrapped blob or an object id with its auth value. Empty for a
  // public key.
  SecretBuffer material;
  // In the export format of the contract (RSAPublicKey DER, uncompressed point, …); empty for
  // symmetric keys.
  Bytes public_key;
  // Given by the store, never used twice: tells a key from a later one of the same name. 0 until
  // stored.
  std::uint64_t serial = 0;
  std::chrono::sys_seconds created;
};

using KeyRecordPtr = std::shared_ptr<const KeyRecord>;

}  // namespace strongroom
