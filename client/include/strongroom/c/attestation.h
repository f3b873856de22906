// Proofs for third parties that keys are in a TPM, and of what its machine runs. Providers without
// a TPM answer STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED. The library strongroom-attestation judges
// such proofs elsewhere.
#ifndef STRONGROOM_C_ATTESTATION_H
#define STRONGROOM_C_ATTESTATION_H

#include <strongroom/c/client.h>
#include <strongroom/c/psa_values.h>

STRONGROOM_BEGIN

// What a third party needs to make a credential (TPM2_MakeCredential) that only that TPM can open,
// and only if it has the key.
typedef struct strongroom_attestation_identity strongroom_attestation_identity;

// Wire protocol, PrepareKeyAttestation. Of the key of that name; of the provider's own attestation
// key, which signs what is stated below, when `key` is NULL: that is an extension.
STRONGROOM_API strongroom_status strongroom_prepare_key_attestation(
    strongroom_client* client, const char* key, strongroom_attestation_identity** identity,
    strongroom_error** error) STRONGROOM_NOEXCEPT;
// TPM2B_NAME's content.
STRONGROOM_API const strongroom_buffer* strongroom_attestation_identity_name(
    const strongroom_attestation_identity* identity) STRONGROOM_NOEXCEPT;
// TPMT_PUBLIC.
STRONGROOM_API const strongroom_buffer* strongroom_attestation_identity_public_area(
    const strongroom_attestation_identity* identity) STRONGROOM_NOEXCEPT;
// RSAPublicKey, DER.
STRONGROOM_API const strongroom_buffer* strongroom_attestation_identity_endorsement_key(
    const strongroom_attestation_identity* identity) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_attestation_identity_free(strongroom_attestation_identity* identity)
    STRONGROOM_NOEXCEPT;

// Wire protocol, AttestKey: opens a credential, for `key` as above.
// STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT when it is for another key or another TPM.
STRONGROOM_API strongroom_status
strongroom_attest_key(strongroom_client* client, const char* key, const uint8_t* credential,
                      size_t credential_size, const uint8_t* secret, size_t secret_size,
                      strongroom_buffer** enclosed, strongroom_error** error) STRONGROOM_NOEXCEPT;

// What a TPM stated, signed with the provider's attestation key.
typedef struct strongroom_tpm_statement strongroom_tpm_statement;

// An extension: that the TPM holds the key (TPM2_Certify). `nonce` is the third party's, up to 64
// bytes; some TPMs take no more than 32.
STRONGROOM_API strongroom_status strongroom_certify_key(
    strongroom_client* client, const char* key, const uint8_t* nonce, size_t nonce_size,
    strongroom_tpm_statement** statement, strongroom_error** error) STRONGROOM_NOEXCEPT;

// Platform configuration registers of one bank.
typedef struct strongroom_register_selection {
  strongroom_algorithm bank;  // a hash
  uint32_t registers;         // bit n stands for register n, 0 to 23
} strongroom_register_selection;

// An extension: what the registers are (TPM2_Quote).
STRONGROOM_API strongroom_status strongroom_quote(strongroom_client* client,
                                                  const strongroom_register_selection* selections,
                                                  size_t count, const uint8_t* nonce,
                                                  size_t nonce_size,
                                                  strongroom_tpm_statement** statement,
                                                  strongroom_error** error) STRONGROOM_NOEXCEPT;

// TPMS_ATTEST, and the TPMT_SIGNATURE over it.
STRONGROOM_API const strongroom_buffer* strongroom_tpm_statement_attest(
    const strongroom_tpm_statement* statement) STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_buffer* strongroom_tpm_statement_signature(
    const strongroom_tpm_statement* statement) STRONGROOM_NOEXCEPT;
// TPMT_PUBLIC of what signed.
STRONGROOM_API const strongroom_buffer* strongroom_tpm_statement_attestation_key(
    const strongroom_tpm_statement* statement) STRONGROOM_NOEXCEPT;
// TPMT_PUBLIC of the certified key; empty in a quote.
STRONGROOM_API const strongroom_buffer* strongroom_tpm_statement_key(
    const strongroom_tpm_statement* statement) STRONGROOM_NOEXCEPT;
// The registers' values, bank by bank, ascending; none in the certificate of a key.
STRONGROOM_API size_t
strongroom_tpm_statement_value_count(const strongroom_tpm_statement* statement) STRONGROOM_NOEXCEPT;
STRONGROOM_API const strongroom_buffer* strongroom_tpm_statement_value(
    const strongroom_tpm_statement* statement, size_t index) STRONGROOM_NOEXCEPT;
STRONGROOM_API void strongroom_tpm_statement_free(strongroom_tpm_statement* statement)
    STRONGROOM_NOEXCEPT;

STRONGROOM_END

#endif
