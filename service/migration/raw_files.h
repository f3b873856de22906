// What is read of Parsec's files before anything of it is understood: by root, who gives up root
// before that. Nothing is written, locked or made beside them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "service/migration/parsec_configuration.h"

namespace strongroom::parsec {

// A regular file, not through a symbolic link at the end of `path`. PsaErrorDoesNotExist when there
// is none, PsaErrorInsufficientStorage when it is longer than `most`.
Result<Bytes> read_raw_file(const std::string& path, std::size_t most);

// What a key manager keeps.
struct RawMappings {
  struct File {
    std::vector<std::string> path;  // below the directory
    Bytes content;
  };
  std::string origin;       // the database or directory, for messages
  Bytes database;           // of SQLite
  std::vector<File> files;  // of OnDisk
  // What could not be read, in words.
  std::vector<std::string> problems;
};
// Fails where there is nothing: at its first start Parsec's service makes what it keeps them in.
Result<RawMappings> read_raw_mappings(const KeyInfoManager& manager);

// The files of Mbed Crypto's persistent keys in a directory, by their numbers.
Result<std::map<std::uint64_t, Bytes>> read_raw_keys(const std::string& directory);

}  // namespace strongroom::parsec
