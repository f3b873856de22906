#include "providers/pkcs11/facets/access.h"

namespace strongroom::pkcs11 {

KeyRecord public_half(const KeyRecord& key) {
  using Kind = psa::KeyType::Kind;
  KeyRecord half{
      .id = {}, .attributes = key.attributes, .material = {}, .public_key = key.public_key};
  half.attributes.type.kind =
      key.attributes.type.is_rsa() ? Kind::RsaPublicKey : Kind::EccPublicKey;
  half.serial = key.serial;
  return half;
}

}  // namespace strongroom::pkcs11
