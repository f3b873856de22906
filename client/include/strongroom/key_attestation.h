// Proofs for third parties that keys are in a TPM, and of what its machine runs: requests for
// Client::call() and AsyncClient::start(). <strongroom/attestation.h> judges the answers elsewhere.
// Providers without a TPM answer PsaErrorNotSupported.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "strongroom/request.h"

namespace strongroom {

// What a third party needs to make a credential that only that TPM can open, and only if it has the
// key.
struct AttestationIdentity {
  Bytes name;             // TPM2B_NAME's content
  Bytes public_area;      // TPMT_PUBLIC, whose digest is in the name
  Bytes endorsement_key;  // RSAPublicKey, DER
};

// What a TPM stated, signed with the provider's attestation key.
struct TpmStatement {
  Bytes attest;           // TPMS_ATTEST
  Bytes signature;        // TPMT_SIGNATURE
  Bytes attestation_key;  // TPMT_PUBLIC
};

struct KeyCertificate {
  TpmStatement statement;
  Bytes public_area;  // TPMT_PUBLIC of the key, whose name is in the statement
};

struct RegisterQuote {
  TpmStatement statement;
  std::vector<Bytes> values;  // bank by bank; their digest is in the statement
};

// Platform configuration registers of one bank, 0 to 23, ascending.
struct RegisterSelection {
  psa::Hash bank;
  std::vector<std::uint32_t> registers;
};

namespace requests {

#pragma GCC visibility push(default)

// TPM2_MakeCredential's input for a key of the caller, and TPM2_ActivateCredential of what came
// out.
Prepared<AttestationIdentity> prepare_key_attestation(Name key);
// PsaErrorInvalidArgument when the credential is for another key or another TPM.
Prepared<SecretBytes> attest_key(Name key, ByteView credential, ByteView secret);
// The same for the attestation key, by which third parties come to trust what follows; extensions,
// as are both of those.
Prepared<AttestationIdentity> prepare_attestation_key();
Prepared<SecretBytes> attest_attestation_key(ByteView credential, ByteView secret);

// TPM2_Certify of a key of the caller, and TPM2_Quote. `qualifying_data` is the third party's
// nonce, up to 64 bytes; some TPMs take no more than 32.
Prepared<KeyCertificate> certify_key(Name key, ByteView qualifying_data);
Prepared<RegisterQuote> quote(std::span<const RegisterSelection> selections,
                              ByteView qualifying_data);

#pragma GCC visibility pop

}  // namespace requests

}  // namespace strongroom
