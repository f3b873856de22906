// Commands by which a TPM proves what it holds (TPM 2.0 r1.59 Part 3 §12.5, §18 and §22). They
// belong to the executor.
#pragma once

#include <vector>

#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// What TPM2_MakeCredential gives: for one key's name, and to the TPM of one endorsement key.
struct Credential {
  TPM2B_ID_OBJECT blob{};
  TPM2B_ENCRYPTED_SECRET secret{};
};

// An entity that another session than the usual one authorizes the use of.
struct AuthorizedApart {
  const Entity& entity;
  HmacSession& session;
  ByteView auth{};
};

// TPM2_ActivateCredential: what was enclosed, if `key` has the name that it is for. It comes back
// encrypted. PsaErrorInvalidArgument if it is for another key or another TPM.
Outcome<SecretBuffer> activate_credential(const Secured& secured, const Authorized& key,
                                          const AuthorizedApart& endorsement_key,
                                          const Credential& credential);

// What a TPM states, as it signed it, and the signature.
struct SignedStatement {
  TPM2B_ATTEST attest;
  TPMT_SIGNATURE signature;
};
// TPM2_Certify, with the scheme of `by`.
Outcome<SignedStatement> certify(const Secured& secured, const Authorized& key,
                                 const AuthorizedApart& by, ByteView qualifying_data);
// TPM2_Quote, likewise.
Outcome<SignedStatement> quote(const Secured& secured, const Authorized& by,
                               const TPML_PCR_SELECTION& selection, ByteView qualifying_data);

// TPM2_PCR_Read, as often as it takes: the values in the order of the selection.
// PsaErrorNotSupported when the TPM does not have all of them.
Outcome<std::vector<TPM2B_DIGEST>> read_pcrs(Channel& channel, TPML_PCR_SELECTION selection);

}  // namespace strongroom::tpm
