// Proofs of what a provider holds, for those who do not trust the machine that it runs on: TPM 2.0.
// Encodings are the TPM's own, as the contracts have them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/psa.h"
#include "base/secret_buffer.h"
#include "providers/key_record.h"

namespace strongroom {

// A bank of platform configuration registers and some of them, ascending.
struct PcrSelection {
  psa::Hash bank;
  std::vector<std::uint32_t> registers;
};

// The provider has one attestation key of its own, which signs statements of the TPM and nothing
// else. `qualifying_data` is the asker's, up to as many bytes as the TPM's largest digest and its
// algorithm take (PsaErrorInvalidArgument); it is part of what is signed.
class Attester {
 public:
  // Credential activation (TPM 2.0 r1.59 Part 1 §24): what a third party needs to make a credential
  // that only the TPM with that endorsement key can open, and only if it holds the key as well.
  // nullptr stands for the attestation key.
  struct Preparation {
    Bytes name;
    Bytes public_area;
    Bytes attesting_key;  // RSAPublicKey DER
  };
  virtual Result<Preparation> prepare(const KeyRecord* key) = 0;
  // PsaErrorInvalidArgument when the credential is not one for that key and this TPM.
  virtual Result<SecretBuffer> activate_credential(const KeyRecord* key, ByteView credential_blob,
                                                   ByteView secret) = 0;

  struct Statement {
    Bytes attest;           // TPMS_ATTEST
    Bytes signature;        // TPMT_SIGNATURE over that
    Bytes attestation_key;  // TPMT_PUBLIC
  };
  struct Certificate {
    Statement statement;
    Bytes public_area;  // TPMT_PUBLIC of the key, whose name is in the statement
  };
  // That the TPM holds the key.
  virtual Result<Certificate> certify(const KeyRecord& key, ByteView qualifying_data) = 0;

  struct Quote {
    Statement statement;
    std::vector<Bytes> values;  // of the registers, in their order; their digest is signed
  };
  // What the registers are. PsaErrorNotSupported for one that the TPM does not have.
  virtual Result<Quote> quote(std::span<const PcrSelection> selections,
                              ByteView qualifying_data) = 0;

 protected:
  ~Attester() = default;
};

}  // namespace strongroom
