// A PKCS#11 module in this process, which p11-kit finds and loads.
#pragma once

#include <memory>
#include <string>

#include "providers/pkcs11/module/functions.h"
#include "providers/pkcs11/module/pkcs11_error.h"

namespace strongroom::pkcs11 {

// A share of a module: a process has each file once, initialized while somebody has a share. We
// initialize it ourselves, because p11-kit does not say for a module of a path that there are many
// threads, nor does it count who did. For any thread.
class Module {
 public:
  // One of both: a file, or a name of p11-kit's configuration.
  struct Source {
    std::string path;
    std::string name;
    auto operator<=>(const Source&) const = default;
  };

  // Loaded, found to have all functions that we call, and initialized for many threads with the
  // system's locks.
  static Outcome<std::unique_ptr<Module>> load(const Source& source);
  // C_Finalize, when it is the last share. Nobody is in a call by this one.
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  const Functions& functions() const noexcept { return functions_; }

  // C_Finalize and C_Initialize: how a module comes back that lost its device or its other half.
  // All sessions are gone. Nobody is in a call. Does nothing to a module that others share.
  Outcome<> restart();

 private:
  Module(Source source, const CK_FUNCTION_LIST& list)
      : source_(std::move(source)), functions_(list) {}

  const Source source_;
  const Functions functions_;
};

// PsaErrorHardwareFailure for a version other than 2.20 and later ones, or a function that lacks.
// A module of version 3 also has a list of version 2.40 (PKCS#11 v3.0 §5.4.4).
Result<> check_functions(const CK_FUNCTION_LIST& list);

}  // namespace strongroom::pkcs11
