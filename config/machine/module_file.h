// The file of a PKCS#11 module, as far as a look tells that does not run it.
#pragma once

#include <filesystem>
#include <string>

namespace strongroom::config {

// Each completes "module '/usr/lib/m.so' …", or is empty.
struct ModuleFile {
  std::string unfit;  // why it cannot be loaded, or is no PKCS#11 module
  std::string doubt;  // why it is perhaps not to be trusted
};

// What only another user may look at is as it is.
ModuleFile look_at_module_file(const std::filesystem::path& path);

}  // namespace strongroom::config
