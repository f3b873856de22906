// The configuration of Parsec's service, as far as it tells where keys are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/opcode.h"

namespace strongroom::parsec {

// As the configuration writes it: Software is "MbedCrypto". The numbers name directories of
// mappings, too.
std::string_view name_of(ProviderId kind) noexcept;
std::optional<ProviderId> kind_of_uuid(std::string_view uuid) noexcept;

// Parsec's key info manager: where mappings from key names to keys are kept.
struct KeyInfoManager {
  enum class Kind { Sqlite, OnDisk };
  std::string name;
  Kind kind = Kind::Sqlite;
  std::string path;  // a file; a directory of OnDisk
  bool operator==(const KeyInfoManager&) const = default;
};

// A provider of Parsec's service.
struct SourceProvider {
  ProviderId kind = ProviderId::Software;
  std::string name;
  std::string key_manager;
  std::string token_serial;  // of PKCS#11; empty when the token is told by its slot
  bool operator==(const SourceProvider&) const = default;
};

struct Configuration {
  std::uint8_t authenticator = 0;  // its number in the protocol
  std::vector<KeyInfoManager> key_managers;
  std::vector<SourceProvider> providers;
  bool operator==(const Configuration&) const = default;
};

// `file` is for messages. Keys that are not known are ignored, as the service ignores them; PINs
// and passwords are not kept. PsaErrorInvalidArgument, with the place, for what the service would
// refuse.
Result<Configuration> parse_configuration(std::string_view text, const std::string& file);

}  // namespace strongroom::parsec
