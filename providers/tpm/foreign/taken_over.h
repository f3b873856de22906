// Takes over keys that others have made in a TPM.
#pragma once

#include "providers/key_facets.h"
#include "providers/tpm/executor.h"
#include "providers/tpm/foreign/parsec_keys.h"

namespace strongroom::tpm {

// Finds the root that the key is under and loads the key, once; nothing stays in the TPM of it, and
// nothing in it changes. A public key does not take the TPM. PsaErrorHardwareFailure for a key of
// another TPM; else as parsec_area().
Result<NewKey> take_over(Executor& executor, ParsecKey key);

}  // namespace strongroom::tpm
