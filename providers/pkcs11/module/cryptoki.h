// Cryptoki as p11-kit declares it: PKCS#11 v2.40, in the names of the standard.
#pragma once

#include <p11-kit/pkcs11.h>
