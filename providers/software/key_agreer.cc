#include "providers/software/key_agreer.h"

#include "providers/software/capabilities.h"
#include "providers/software/keys/ec_key.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<SecretBuffer> EvpKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                         ByteView peer) {
  TRY(check_agreement(key.attributes.type, algorithm));
  const Curve* curve = curve_of(key.attributes.type, key.attributes.bits);
  if (curve == nullptr || !key.attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "key agreement needs a key pair");
  auto peer_key = TRY(in_context(ec_public_key(*curve, peer), "reading the peer's key"));
  return cache_.with_room([&] { return agree_checked(key, peer_key.get()); });
}

Result<SecretBuffer> EvpKeyAgreer::agree_checked(const KeyRecord& key, EVP_PKEY* peer) {
  auto pair = TRY(cache_.key_of(key));
  auto context = TRY(context_for(pair.get()));
  // The peer's point has been found on a curve of prime order, which is all that OpenSSL's own
  // validation would find by another multiplication.
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_derive_set_peer_ex"));
  std::size_t size = 0;
  if (EVP_PKEY_derive(context.get(), nullptr, &size) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_derive"));
  auto secret = TRY(SecretBuffer::of_size(size));
  if (EVP_PKEY_derive(context.get(), octets(secret.reveal_mutable()), &size) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_derive"));
  secret.shrink_to(size);
  return secret;
}

}  // namespace strongroom::software
