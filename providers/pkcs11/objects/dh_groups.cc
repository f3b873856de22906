#include "providers/pkcs11/objects/dh_groups.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "providers/software/keys/evp_key.h"

namespace strongroom::pkcs11 {

Result<Bytes> dh_prime(std::uint32_t bits) {
  std::string name = fmt::format("ffdhe{}", bits);
  std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), 0),
      OSSL_PARAM_construct_end()};
  auto group = software::key_from_parameters("DH", EVP_PKEY_KEY_PARAMETERS, parameters.data());
  BIGNUM* number = nullptr;
  if (!group || EVP_PKEY_get_bn_param(group->get(), OSSL_PKEY_PARAM_FFC_P, &number) != 1)
    return fail(Status::PsaErrorNotSupported, fmt::format("there is no group '{}'", name));
  const software::Owned<BIGNUM> owned(number);
  Bytes prime(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, octets(MutableByteView(prime)));
  return prime;
}

}  // namespace strongroom::pkcs11
