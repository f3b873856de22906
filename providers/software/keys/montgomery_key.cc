#include "providers/software/keys/montgomery_key.h"

#include "providers/software/keys/evp_key.h"

namespace strongroom::software {
namespace {

// RFC 7748 §5, decodeScalar25519 and decodeScalar448.
void mask_scalar(const MontgomeryCurve& curve, MutableByteView scalar) {
  if (curve.bits == 255) {
    scalar.front() &= std::byte{0xf8};
    scalar.back() = (scalar.back() & std::byte{0x7f}) | std::byte{0x40};
  } else {
    scalar.front() &= std::byte{0xfc};
    scalar.back() |= std::byte{0x80};
  }
}

Result<const MontgomeryCurve*> curve_for(const Algorithms& algorithms,
                                         const psa::KeyAttributes& attributes, std::size_t size) {
  for (const MontgomeryCurve& curve : known_montgomery_curves()) {
    bool is_asked = attributes.bits == 0 || attributes.bits == curve.bits;
    if (is_asked && curve.key_size == size &&
        algorithms.has_curve(psa::EccFamily::Montgomery, curve.bits))
      return &curve;
  }
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes are no key of the curve", size));
}

Result<NewKey> new_pair(const psa::KeyAttributes& attributes, const MontgomeryCurve& curve,
                        SecretBuffer scalar) {
  auto pair = TRY(montgomery_pair(curve, scalar.reveal()));
  auto u = TRY(public_bytes_of(pair.get(), curve.key_size));
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = curve.bits;
  key.material = std::move(scalar);
  key.public_key = std::move(u);
  return key;
}

}  // namespace

Result<NewKey> generate_montgomery(const psa::KeyAttributes& attributes) {
  const MontgomeryCurve& curve = *montgomery_curve_of(attributes.type, attributes.bits);
  auto scalar = TRY(SecretBuffer::random(curve.key_size));
  mask_scalar(curve, scalar.reveal_mutable());
  return new_pair(attributes, curve, std::move(scalar));
}

Result<NewKey> import_montgomery_pair(const Algorithms& algorithms,
                                      const psa::KeyAttributes& attributes, ByteView scalar) {
  const auto* curve = TRY(curve_for(algorithms, attributes, scalar.size()));
  auto masked = TRY(SecretBuffer::copy_of(scalar));
  mask_scalar(*curve, masked.reveal_mutable());
  return new_pair(attributes, *curve, std::move(masked));
}

Result<NewKey> import_montgomery_public_key(const Algorithms& algorithms,
                                            const psa::KeyAttributes& attributes, ByteView u) {
  const auto* curve = TRY(curve_for(algorithms, attributes, u.size()));
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = curve->bits;
  key.public_key = copy_of(u);
  // RFC 7748 §5, decodeUCoordinate.
  if (curve->bits == 255) key.public_key.back() &= std::byte{0x7f};
  return key;
}

Result<Owned<EVP_PKEY>> montgomery_pair(const MontgomeryCurve& curve, ByteView scalar) {
  return pair_from_bytes(curve.openssl_name, scalar);
}

Result<Owned<EVP_PKEY>> montgomery_public_key(const MontgomeryCurve& curve, ByteView u) {
  if (u.size() != curve.key_size)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are no key of the curve", u.size()));
  return public_key_from_bytes(curve.openssl_name, u);
}

}  // namespace strongroom::software
