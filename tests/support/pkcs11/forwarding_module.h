// What PKCS#11 modules have in common that hand calls on to SoftHSM's.
#pragma once

#include "providers/pkcs11/module/cryptoki.h"
#include "tests/support/pkcs11/soft_hsm.h"

namespace strongroom::testing {

struct ForwardingModule {
  CK_FUNCTION_LIST* real = nullptr;  // SoftHSM's functions
  CK_FUNCTION_LIST list{};           // the module's

  // For C_GetFunctionList, which is `itself`: `replace` puts others in the places of some.
  template <typename Replace>
  CK_RV give_list(CK_FUNCTION_LIST** to, CK_C_GetFunctionList itself, const Replace& replace) {
    if (real == nullptr) real = list_of_softhsm();
    if (real == nullptr) return CKR_GENERAL_ERROR;
    list = *real;
    list.C_GetFunctionList = itself;
    replace(list);
    *to = &list;
    return CKR_OK;
  }
};

}  // namespace strongroom::testing
