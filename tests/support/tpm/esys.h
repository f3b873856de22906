// The TSS's own session layer, as a second opinion on ours.
#pragma once

#include <memory>
#include <string>

#include <tss2/tss2_esys.h>

#include "base/bytes.h"
#include "providers/tpm/objects/attestation.h"

namespace strongroom::testing {

// A context of ESYS on a TPM that others use too. What it loads and starts it lets go of at its
// end. A call that fails ends the test program: what ESYS cannot do is not under test.
class Esys {
 public:
  explicit Esys(const std::string& tcti);
  ~Esys();
  Esys(const Esys&) = delete;
  Esys& operator=(const Esys&) = delete;

  enum class Session { Password, Hmac, HmacWithEncryption };

  // Under a hierarchy, which has no password.
  ESYS_TR create_primary(const TPMT_PUBLIC& area, ESYS_TR hierarchy = ESYS_TR_RH_OWNER);
  void set_password(ESYS_TR hierarchy, ByteView password);
  void set_owner_password(ByteView password) { set_password(ESYS_TR_RH_OWNER, password); }
  ESYS_TR load(ESYS_TR parent, const tpm::KeyBlob& blob, ByteView auth);
  tpm::KeyBlob create(ESYS_TR parent, const TPMT_PUBLIC& area, ByteView auth);
  // A public key, in no hierarchy.
  ESYS_TR load_external(const TPMT_PUBLIC& area);
  // Salted to `key`.
  ESYS_TR start(ESYS_TR key, Session session);
  // Salted to `key`, with TPM2_PolicySecret of a hierarchy done.
  ESYS_TR start_policy_secret(ESYS_TR key, ESYS_TR hierarchy, Session session);
  // Salted to `key`, with TPM2_PolicyPCR of these as they are.
  ESYS_TR start_policy_pcr(ESYS_TR key, const TPML_PCR_SELECTION& pcrs, Session session);
  void flush(ESYS_TR handle);

  void extend_pcr(ESYS_TR pcr, ByteView digest);  // of SHA-256
  Bytes unseal(ESYS_TR sealed, ESYS_TR session);
  // By the index's own auth value.
  Bytes read_nv(TPM2_HANDLE index, ByteView auth, std::size_t size);
  void define_nv(TPM2_HANDLE index, TPMA_NV attributes, ByteView auth);
  void undefine_nv(TPM2_HANDLE index);

  TPMT_SIGNATURE sign(ESYS_TR key, ESYS_TR session, ByteView digest, const TPMT_SIG_SCHEME& scheme);
  bool verifies(ESYS_TR key, ByteView digest, const TPMT_SIGNATURE& signature);
  Bytes rsa_encrypt(ESYS_TR key, ByteView plaintext, const TPMT_RSA_DECRYPT& scheme);
  Bytes rsa_decrypt(ESYS_TR key, ESYS_TR session, ByteView ciphertext,
                    const TPMT_RSA_DECRYPT& scheme);
  Bytes ecdh_z(ESYS_TR key, ESYS_TR session, ByteView x, ByteView y);

  // A register of the SHA-256 bank, by that digest.
  void extend(ESYS_TR pcr, ByteView digest);

  // A credential with `secret` in it, for the key of that name and the TPM that has `endorsement`.
  tpm::Credential make_credential(ESYS_TR endorsement, ByteView name, ByteView secret);
  Bytes activate_credential(ESYS_TR key, ESYS_TR session, ESYS_TR endorsement, ESYS_TR policy,
                            const tpm::Credential& credential);

 private:
  ESYS_TR started(ESYS_TR key, Session session, TPM2_SE kind);

  tpm::OwnedTcti tcti_;
  ESYS_CONTEXT* context_ = nullptr;
};

}  // namespace strongroom::testing
