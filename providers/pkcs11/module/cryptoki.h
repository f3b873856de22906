// Cryptoki as p11-kit declares it: PKCS#11 v2.40, in the names of the standard. What p11-kit leaves
// out are numbers in names of the standard, too, and parameters in our own.
#pragma once

#include <p11-kit/pkcs11.h>

// Of v3.0 §2.3.7 and §2.3.11.
#ifndef CKK_EC_MONTGOMERY
#define CKK_EC_MONTGOMERY (0x41UL)
#endif
#ifndef CKM_EC_MONTGOMERY_KEY_PAIR_GEN
#define CKM_EC_MONTGOMERY_KEY_PAIR_GEN (0x1056UL)
#endif

namespace strongroom::pkcs11 {

// CK_CCM_PARAMS of v2.40 §2.12.4. `data_size` is the plaintext's, both ways.
struct CcmParameters {
  CK_ULONG data_size;
  unsigned char* nonce;
  CK_ULONG nonce_size;
  unsigned char* additional_data;
  CK_ULONG additional_data_size;
  CK_ULONG tag_size;  // bytes
};

// CK_EDDSA_PARAMS of v3.0 §2.3.14.
struct EddsaParameters {
  CK_BBOOL is_prehashed;
  CK_ULONG context_size;
  unsigned char* context;
};

}  // namespace strongroom::pkcs11
