#include "providers/software/key_agreer.h"

#include <openssl/dh.h>

#include "providers/software/capabilities.h"
#include "providers/software/keys/dh_key.h"
#include "providers/software/keys/ec_key.h"
#include "providers/software/keys/evp_key.h"
#include "providers/software/keys/montgomery_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {

Result<SecretBuffer> EvpKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                         ByteView peer) {
  TRY(check_agreement(algorithms_, shape_of(key), {algorithm, std::nullopt}));
  if (!key.attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "key agreement needs a key pair");
  auto peer_key = TRY(in_context(peer_of(key, peer), "reading the peer's key"));
  return cache_.with_room([&] { return agree_checked(key, peer_key.get()); });
}

Result<Owned<EVP_PKEY>> EvpKeyAgreer::peer_of(const KeyRecord& key, ByteView peer) const {
  const auto& [type, bits] = shape_of(key);
  if (type.is_dh()) return checked_dh_public_key(*algorithms_.dh_group(bits), peer);
  if (const MontgomeryCurve* curve = montgomery_curve_of(type, bits))
    return montgomery_public_key(*curve, peer);
  return checked_ec_public_key(algorithms_, *curve_of(type, bits), peer);
}

Result<SecretBuffer> EvpKeyAgreer::agree_checked(const KeyRecord& key, EVP_PKEY* peer) {
  auto pair = TRY(cache_.key_of(key));
  auto context = TRY(context_for(pair.get()));
  // The peer's key has been validated; OpenSSL would do that again.
  constexpr int kIsValidated = 0;
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer, kIsValidated) != 1 ||
      (key.attributes.type.is_dh() && EVP_PKEY_CTX_set_dh_pad(context.get(), 1) != 1))
    return std::unexpected(openssl_error("EVP_PKEY_derive_set_peer_ex"));
  std::size_t size = 0;
  if (EVP_PKEY_derive(context.get(), nullptr, &size) != 1)
    return std::unexpected(openssl_error("EVP_PKEY_derive"));
  auto secret = TRY(SecretBuffer::of_size(size));
  // RFC 7748 §6: with a point of a small order the secret is all zeros, and OpenSSL refuses it.
  if (EVP_PKEY_derive(context.get(), octets(secret.reveal_mutable()), &size) != 1)
    return std::unexpected(openssl_refusal("EVP_PKEY_derive", Status::PsaErrorInvalidArgument));
  secret.shrink_to(size);
  return secret;
}

}  // namespace strongroom::software
