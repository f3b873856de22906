// A file as the source of the store key: input keying material, raw bytes.
#pragma once

#include <string>

#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// At least 32 and at most 4,096 bytes of a regular file that belongs to us or to root and that no
// group and no other user may access. KeyInfoManagerError, naming the file and what is wrong.
enum class KeyFileReaders { OwnerAlone, AsItsManagerSays };
// Who may read a credential is the service manager's business: access control lists, which it may
// use, look like permissions of the group.
Result<SecretBuffer> read_key_file(const std::string& path,
                                   KeyFileReaders readers = KeyFileReaders::OwnerAlone);

// 32 random bytes, mode 0600, durable with its directory entry on return. Never overwrites, and
// whatever cuts it short leaves no file of that name.
Result<> create_key_file(const std::string& path);

// Overwrites it before it goes, for file systems that write in place. None is none to erase.
Result<> erase_key_file(const std::string& path);

// Makes the entries of the directory that holds `path` durable.
Result<> sync_directory_of(const std::string& path);

// Creates an empty file of mode 0600, whatever the umask; one that is there gets that mode.
Result<> create_private_file(const std::string& path);

bool file_exists(const std::string& path);

}  // namespace strongroom
