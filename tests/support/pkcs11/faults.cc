#include "tests/support/pkcs11/faults.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>

namespace strongroom::testing {

std::string fault_module() {
  return FAULT_MODULE;
}

// The module stays loaded to the end: whoever loads it by its file has the same.
Pkcs11Faults& pkcs11_faults() {
  static auto* const found = [] {
    void* module = ::dlopen(FAULT_MODULE, RTLD_NOW | RTLD_LOCAL);
    void* symbol = module == nullptr ? nullptr : ::dlsym(module, "strongroom_faults");
    if (symbol == nullptr) {
      std::fputs(::dlerror(), stderr);
      std::abort();
    }
    return reinterpret_cast<Pkcs11Faults* (*)()>(symbol)();
  }();
  return *found;
}

}  // namespace strongroom::testing
