#include "providers/pkcs11/mechanisms/decryption_failure.h"

namespace strongroom::pkcs11 {
namespace {

bool blames_the_ciphertext(const Session& session, CK_RV code) {
  switch (code) {
    case CKR_ENCRYPTED_DATA_INVALID:
    case CKR_ENCRYPTED_DATA_LEN_RANGE:
    case CKR_DATA_INVALID:
    case CKR_DATA_LEN_RANGE: return true;
    case CKR_GENERAL_ERROR:
    case CKR_FUNCTION_FAILED: return session.connection.quirks.has(Quirk::GeneralDecryptionErrors);
    default: return false;
  }
}

}  // namespace

Outcome<SecretBuffer> with_failure_told(const Session& session, Outcome<SecretBuffer> plaintext,
                                        Status refusal) {
  if (plaintext || !blames_the_ciphertext(session, plaintext.error().code())) return plaintext;
  return std::unexpected(pkcs11_refusal("C_Decrypt", plaintext.error().code(), refusal));
}

}  // namespace strongroom::pkcs11
