#include "providers/pkcs11/objects/agreement.h"

#include <algorithm>

#include "providers/pkcs11/objects/calls.h"
#include "providers/pkcs11/objects/public_keys.h"

namespace strongroom::pkcs11 {
namespace {

// Tokens may leave out leading zeros.
Outcome<SecretBuffer> padded(SecretBuffer x, std::size_t size) {
  if (x.size() == size) return x;
  if (x.size() > size || x.is_empty())
    return std::unexpected(malformed_answer("C_DeriveKey", "a secret of another size"));
  auto wide = TRY(SecretBuffer::of_size(size));
  std::ranges::copy(x.reveal(), wide.reveal_mutable().last(x.size()).begin());
  return wide;
}

// PKCS#11 v2.40 §2.3.7 and §2.4.7: the secret is a key that goes with the session, and shows
// itself.
Outcome<SecretBuffer> derived(Session& session, CK_OBJECT_HANDLE pair, CK_MECHANISM mechanism,
                              std::size_t size) {
  Template wanted;
  wanted.add(CKA_CLASS, CK_ULONG{CKO_SECRET_KEY})
      .add(CKA_KEY_TYPE, CK_ULONG{CKK_GENERIC_SECRET})
      .add(CKA_VALUE_LEN, static_cast<CK_ULONG>(size))
      .add(CKA_TOKEN, false)
      .add(CKA_SENSITIVE, false)
      .add(CKA_EXTRACTABLE, true);
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  TRY(outcome_of("C_DeriveKey",
                 session.functions.call<&CK_FUNCTION_LIST::C_DeriveKey>(
                     session.handle, &mechanism, pair, wanted.data(), wanted.size(), &handle)));
  const SessionObject secret(session, handle);
  auto value = TRY(secret_attribute(session, secret.handle(), CKA_VALUE, size));
  return padded(std::move(value), size);
}

}  // namespace

Outcome<SecretBuffer> shared_secret(Session& session, CK_OBJECT_HANDLE pair, ByteView peer,
                                    std::size_t size) {
  Bytes point =
      session.connection.quirks.has(Quirk::WrappedPeers) ? wrapped_point(peer) : copy_of(peer);
  CK_ECDH1_DERIVE_PARAMS parameters{CKD_NULL, 0, nullptr, static_cast<CK_ULONG>(point.size()),
                                    octets(MutableByteView(point))};
  return derived(session, pair, mechanism_with(CKM_ECDH1_DERIVE, parameters), size);
}

Outcome<SecretBuffer> shared_number(Session& session, CK_OBJECT_HANDLE pair, ByteView peer) {
  Bytes number = copy_of(peer);
  return derived(session, pair, mechanism_with_iv(CKM_DH_PKCS_DERIVE, number), peer.size());
}

}  // namespace strongroom::pkcs11
