// Secrets that a TPM keeps in its own encryption, and gives out while its PCRs are as they were.
// The functions belong to the executor.
#pragma once

#include <string>

#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// Platform configuration registers of one bank; none when the mask is empty.
struct PcrSelection {
  TPM2_ALG_ID bank = TPM2_ALG_SHA256;
  UINT32 mask = 0;  // a bit each, PCR 0 the lowest

  static constexpr UINT32 kCount = 24;
  bool operator==(const PcrSelection&) const = default;
};
// "sha256:0,7"; "none".
std::string to_string(const PcrSelection& pcrs);

// PCRs by their numbers, with the values that they have.
struct PcrValues {
  PcrSelection pcrs;
  std::vector<Bytes> values;  // in the order of the numbers
};
// TPM2_PCR_Read, as often as it takes. Nothing protects the answers: what is to depend on them is
// compared with policy_digest(). PsaErrorNotSupported when the TPM has not all of them.
Outcome<PcrValues> read_pcrs(Channel& channel, const PcrSelection& pcrs);

// What a policy session comes to by TPM2_PolicyPCR alone (Part 3 §23.7), with SHA-256.
Outcome<Digest> pcr_policy(const Primitives& primitives, const PcrValues& values);
// Makes `policy` depend on the PCRs as they are.
Outcome<> policy_pcr(Channel& channel, const PcrSelection& pcrs, const HmacSession& policy);
// Most of a sealed secret's bytes: Part 2 §11.1.15, MAX_SYM_DATA.
inline constexpr std::size_t kMostSealed = 128;

// TPM2_Create of data under `parent`; what goes out is encrypted. With a policy that alone gives it
// out, or for whoever may use the TPM.
Outcome<KeyBlob> seal(const Secured& secured, const Entity& parent, ByteView secret,
                      const Digest* policy);
// TPM2_Unseal, by a session that has what it takes; the answer is encrypted.
Outcome<SecretBuffer> unseal(Channel& channel, HmacSession& by, const Entity& sealed);

}  // namespace strongroom::tpm
