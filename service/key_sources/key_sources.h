// The sources of the store key that need no device.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "service/store/keying/key_source.h"

namespace strongroom {

// A file of our own or of root's that nobody else may access (service/store/disk/key_file.h). Made
// when it is not there and a store is, or a wrap for it.
std::shared_ptr<StoreKeySource> file_key_source(std::string path);

// A credential of the service manager's: the file of that name in $CREDENTIALS_DIRECTORY. Never
// made.
std::shared_ptr<StoreKeySource> credential_key_source(std::string name);

// What a program prints to its standard output, all of it. It is run when this is called, by a
// process with one thread, without arguments, and must end with exit code 0 within `limit`; it gets
// no more of our environment than PATH, LC_ALL and CREDENTIALS_DIRECTORY, and none of our
// descriptors. KeyInfoManagerError with the exit code and what the program said on standard error,
// cut and escaped.
Result<std::shared_ptr<StoreKeySource>> command_key_source(
    const std::string& program, std::chrono::milliseconds limit = std::chrono::seconds(30));

}  // namespace strongroom
