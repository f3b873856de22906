#include "providers/tpm/facets/key_agreer.h"

#include <algorithm>

namespace strongroom::tpm {
namespace {

Outcome<SecretBuffer> padded(SecretBuffer x, std::size_t size) {
  if (x.size() == size) return x;
  if (x.size() > size)
    return std::unexpected(
        malformed_answer("TPM2_ECDH_ZGen", "a coordinate longer than the field"));
  auto wide = TRY(SecretBuffer::of_size(size));
  std::ranges::copy(x.reveal(), wide.reveal_mutable().last(x.size()).begin());
  return wide;
}

}  // namespace

Result<SecretBuffer> TpmKeyAgreer::agree(const KeyRecord& key, psa::RawKeyAgreement algorithm,
                                         ByteView peer) {
  const psa::KeyAttributes& attributes = key.attributes;
  auto has = TRY(access_.capabilities());
  TRY(has->check_agreement(attributes.type, attributes.bits, algorithm));
  if (!attributes.type.is_key_pair())
    return fail(Status::PsaErrorInvalidArgument, "key agreement needs a key pair");
  const std::size_t size = (attributes.bits + 7) / 8;
  if (peer.size() != 1 + 2 * size || peer[0] != std::byte{4})
    return fail(Status::PsaErrorInvalidArgument, "the peer's key is no uncompressed point");
  return access_.use_key<SecretBuffer>(
      key,
      [point = copy_of(peer.subspan(1)), size](Tpm& tpm,
                                               const Authorized& loaded) -> Outcome<SecretBuffer> {
        ByteView coordinates = point;
        auto x =
            TRY(ecdh_z(tpm.secured(), loaded, coordinates.first(size), coordinates.last(size)));
        return padded(std::move(x), size);
      });
}

}  // namespace strongroom::tpm
