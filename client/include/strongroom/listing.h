// What the discovery calls tell.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/psa.h"
#include "protocol/opcode.h"

namespace strongroom {

struct WireVersion {
  std::uint32_t major_number = 0;
  std::uint32_t minor_number = 0;
  bool operator==(const WireVersion&) const = default;
};

struct ReleaseVersion {
  std::uint32_t major_number = 0;
  std::uint32_t minor_number = 0;
  std::uint32_t revision = 0;
  bool operator==(const ReleaseVersion&) const = default;
};

// Ids may be ones that this version of the library has no name for.
struct ProviderInfo {
  ProviderId id = ProviderId::Core;
  std::string uuid;
  std::string description;
  std::string vendor;
  ReleaseVersion version;
};

struct AuthenticatorInfo {
  AuthType id = AuthType::NoAuth;
  std::string description;
  ReleaseVersion version;
};

// One name may stand for two keys, in two providers.
struct KeyInfo {
  ProviderId provider;
  std::string name;
  psa::KeyAttributes attributes;
};

// What keeps a key's secret from whoever reads the disk or the service's memory.
enum class Protection : std::uint8_t { Unknown, Software, Token, Tpm };

// What the service knows of one key, beside its secret.
struct KeyDetails {
  KeyInfo key;
  std::chrono::sys_seconds created;
  Bytes public_key;  // as export_public_key() gives it; empty for symmetric keys
  Protection protection = Protection::Unknown;
};

}  // namespace strongroom
