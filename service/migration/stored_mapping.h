// Mappings as they lie in Parsec's stores, still in its encoding.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "service/migration/parsec_configuration.h"
#include "service/migration/raw_files.h"

namespace strongroom::parsec {

struct StoredMapping {
  std::uint8_t authenticator = 0;
  std::string application;
  std::string key_name;
  ProviderId provider = ProviderId::Software;
  std::string provider_name;  // empty where only the kind is kept
  Bytes key_id;
  Bytes attributes;
};

// What a key manager keeps: keys, and what the TPM provider notes for itself.
struct StoredMappings {
  std::vector<StoredMapping> keys;
  std::optional<Bytes> tpm_root;  // parse_root_name()
  // Rows and files that are no mappings, in words for people.
  std::vector<std::string> problems;
};

// `authenticator` is the configuration's: OnDisk does not tell whose names it keeps.
StoredMappings parse_files(const RawMappings& raw, std::uint8_t authenticator);

// Of an SQLite database. PsaErrorDataCorrupt for one that the service would refuse.
Result<StoredMappings> parse_database(const RawMappings& raw);

}  // namespace strongroom::parsec
