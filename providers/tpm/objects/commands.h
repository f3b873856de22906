// The commands that the provider uses, one function each, in the terms of TPM 2.0 r1.59 Part 3.
// They belong to the executor.
#pragma once

#include <algorithm>
#include <span>

#include "providers/tpm/session/channel.h"

namespace strongroom::tpm {

// Where a command goes and what authorizes it.
struct Secured {
  Channel& channel;
  HmacSession& session;
};

// An entity with the auth value that its use takes; empty when it has none.
struct Authorized {
  const Entity& entity;
  ByteView auth;
};

// What a TPM gives out of a key that it does not keep.
struct KeyBlob {
  TPM2B_PRIVATE private_area;
  TPM2B_PUBLIC public_area;
};

struct Primary {
  TPM2_HANDLE handle;
  TPMT_PUBLIC public_area;
};

Outcome<> startup(Channel& channel);

// With that auth value, which is encrypted on the way.
Outcome<Primary> create_primary(const Secured& secured, const Authorized& hierarchy,
                                const TPMT_PUBLIC& area, ByteView auth = {});
// A child of `parent`, with that auth value. `data` is the key itself where the TPM is not to make
// it. Both are encrypted on the way.
Outcome<KeyBlob> create(const Secured& secured, const Entity& parent, const TPMT_PUBLIC& area,
                        ByteView auth, ByteView data = {});
// What TPM2_Import takes of a key that was wrapped under `parent`.
struct Duplicate {
  TPMT_PUBLIC public_area;
  TPM2B_PRIVATE private_area;
  TPM2B_ENCRYPTED_SECRET seed;
};
Outcome<TPM2B_PRIVATE> import(const Secured& secured, const Entity& parent,
                              const Duplicate& duplicate);
Outcome<TPM2_HANDLE> load(const Secured& secured, const Entity& parent, const KeyBlob& blob);

Outcome<TPMT_SIGNATURE> sign(const Secured& secured, const Authorized& key, ByteView digest,
                             const TPMT_SIG_SCHEME& scheme);
// Without padding when the scheme is TPM2_ALG_NULL. `label` with its NUL.
Outcome<SecretBuffer> rsa_decrypt(const Secured& secured, const Authorized& key,
                                  ByteView ciphertext, const TPMT_RSA_DECRYPT& scheme,
                                  ByteView label);
// The shared point's x, without leading zeros as the TPM may give it.
Outcome<SecretBuffer> ecdh_z(const Secured& secured, const Authorized& key, ByteView x, ByteView y);

// Up to so many bytes; a TPM gives as many as a digest has.
Outcome<SecretBuffer> draw_random(const Secured& secured, std::size_t most);

// Contexts as the TPM's structure, without its spare room.
Outcome<Bytes> save_context(Channel& channel, TPM2_HANDLE handle);
Outcome<TPM2_HANDLE> load_context(Channel& channel, ByteView context);

// One step of TPM2_GetCapability.
struct CapabilityStep {
  TPMU_CAPABILITIES data;
  bool has_more;
};
Outcome<CapabilityStep> capability(Channel& channel, TPM2_CAP kind, UINT32 first, UINT32 count);
// Whether the TPM has keys with such parameters.
Outcome<> test_parameters(Channel& channel, const TPMT_PUBLIC_PARMS& parameters);

// A sized buffer of an answer, which is wiped there.
Outcome<SecretBuffer> take_secret(Reader& parameters);
// A sized buffer of a command. `bytes` are at most those of a command.
void put_sized(Writer& parameters, ByteView bytes);

// Whether `bytes` fit into the sized buffer; copies them if so.
template <typename Sized>
bool assign(Sized& sized, ByteView bytes) {
  if (bytes.size() > sizeof(sized.buffer)) return false;
  sized.size = static_cast<UINT16>(bytes.size());
  std::ranges::copy(bytes, std::as_writable_bytes(std::span(sized.buffer)).begin());
  return true;
}

}  // namespace strongroom::tpm
