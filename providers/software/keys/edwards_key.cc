#include "providers/software/keys/edwards_key.h"

#include "providers/software/keys/edwards_point.h"
#include "providers/software/keys/evp_key.h"

namespace strongroom::software {
namespace {

Result<const EdwardsCurve*> curve_for(const Algorithms& algorithms,
                                      const psa::KeyAttributes& attributes, std::size_t size) {
  for (const EdwardsCurve& curve : known_edwards_curves()) {
    bool is_asked = attributes.bits == 0 || attributes.bits == curve.bits;
    if (is_asked && curve.key_size == size &&
        algorithms.has_curve(psa::EccFamily::TwistedEdwards, curve.bits))
      return &curve;
  }
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} bytes are no key of the curve", size));
}

NewKey new_key(const psa::KeyAttributes& attributes, const EdwardsCurve& curve) {
  NewKey key;
  key.attributes = attributes;
  key.attributes.bits = curve.bits;
  return key;
}

Result<NewKey> new_pair(const psa::KeyAttributes& attributes, const EdwardsCurve& curve,
                        SecretBuffer secret) {
  auto pair = TRY(pair_from_bytes(curve.openssl_name, secret.reveal()));
  auto point = TRY(public_bytes_of(pair.get(), curve.key_size));
  NewKey key = new_key(attributes, curve);
  key.material = std::move(secret);
  key.public_key = std::move(point);
  return key;
}

}  // namespace

Result<NewKey> generate_edwards(const psa::KeyAttributes& attributes) {
  const EdwardsCurve& curve = *edwards_curve_of(attributes.type, attributes.bits);
  auto secret = TRY(SecretBuffer::random(curve.key_size));
  return new_pair(attributes, curve, std::move(secret));
}

Result<NewKey> import_edwards_pair(const Algorithms& algorithms,
                                   const psa::KeyAttributes& attributes, ByteView secret) {
  const auto* curve = TRY(curve_for(algorithms, attributes, secret.size()));
  auto material = TRY(SecretBuffer::copy_of(secret));
  return new_pair(attributes, *curve, std::move(material));
}

Result<NewKey> import_edwards_public_key(const Algorithms& algorithms,
                                         const psa::KeyAttributes& attributes, ByteView point) {
  const auto* curve = TRY(curve_for(algorithms, attributes, point.size()));
  TRY(check_edwards_point(*curve, point));
  NewKey key = new_key(attributes, *curve);
  key.public_key = copy_of(point);
  return key;
}

}  // namespace strongroom::software
