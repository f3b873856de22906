#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

KeyRecord public_half(const KeyRecord& key) {
  using Kind = psa::KeyType::Kind;
  KeyRecord half{
      .id = {}, .attributes = key.attributes, .material = {}, .public_key = key.public_key};
  const psa::KeyType& type = key.attributes.type;
  if (type.is_rsa())
    half.attributes.type.kind = Kind::RsaPublicKey;
  else
    half.attributes.type.kind = type.is_dh() ? Kind::DhPublicKey : Kind::EccPublicKey;
  half.serial = key.serial;
  return half;
}

}  // namespace strongroom::pkcs11
