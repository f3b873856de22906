// Calls into a module.
#pragma once

#include <openssl/err.h>

#include "providers/pkcs11/module/cryptoki.h"

namespace strongroom::pkcs11 {

// A module's functions. For any thread, once the module has been initialized for many of them.
class Functions {
 public:
  explicit Functions(const CK_FUNCTION_LIST& list) noexcept : list_(&list) {}

  // call<&CK_FUNCTION_LIST::C_Sign>(session, …). What a module leaves in OpenSSL's error queue,
  // which it may share with us, is taken away; of exceptions CKR_GENERAL_ERROR is left.
  template <auto Function, typename... Arguments>
  CK_RV call(Arguments... arguments) const noexcept {
    const Mark mark;
    try {
      return (list_->*Function)(arguments...);
    } catch (...) {
      return CKR_GENERAL_ERROR;
    }
  }

 private:
  class Mark {
   public:
    Mark() noexcept { ERR_set_mark(); }
    ~Mark() { ERR_pop_to_mark(); }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;
  };

  const CK_FUNCTION_LIST* list_;
};

}  // namespace strongroom::pkcs11
