// Commands by which a TPM proves what it holds (TPM 2.0 r1.59 Part 3 §12.5 and §18). They belong to
// the executor.
#pragma once

#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// What TPM2_MakeCredential gives: for one key's name, and to the TPM of one endorsement key.
struct Credential {
  TPM2B_ID_OBJECT blob{};
  TPM2B_ENCRYPTED_SECRET secret{};
};

// An endorsement key, and the policy session that allows its use.
struct EndorsedBy {
  const Entity& key;
  HmacSession& policy;
};

// TPM2_ActivateCredential: what was enclosed, if `key` has the name that it is for. It comes back
// encrypted.
Outcome<SecretBuffer> activate_credential(const Secured& secured, const Authorized& key,
                                          const EndorsedBy& endorsed, const Credential& credential);

}  // namespace strongroom::tpm
