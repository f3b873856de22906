#include "providers/tpm/facets/pss_verification.h"

#include <openssl/rsa.h>

#include "providers/software/keys/evp_key.h"
#include "providers/software/keys/rsa_key.h"
#include "providers/software/openssl_error.h"

namespace strongroom::tpm {
namespace {

// What OpenSSL calls those that TPMs have.
const char* name_of_hash(psa::Hash hash) {
  switch (hash) {
    case psa::Hash::Sha1: return "SHA1";
    case psa::Hash::Sha256: return "SHA256";
    case psa::Hash::Sha384: return "SHA384";
    case psa::Hash::Sha512: return "SHA512";
    case psa::Hash::Sha3_256: return "SHA3-256";
    case psa::Hash::Sha3_384: return "SHA3-384";
    case psa::Hash::Sha3_512: return "SHA3-512";
    default: return nullptr;
  }
}

}  // namespace

Result<> verify_pss_of_longest_salt(ByteView public_key, psa::Hash algorithm, ByteView hash,
                                    ByteView signature) {
  const char* name = name_of_hash(algorithm);
  if (name == nullptr) return fail(Status::PsaErrorNotSupported, "no TPM has the hash");
  auto key = TRY(software::rsa_public_key(public_key));
  auto context = TRY(software::context_for(key.get()));
  const software::Owned<EVP_MD> digest(EVP_MD_fetch(nullptr, name, nullptr));
  if (!digest || EVP_PKEY_verify_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), digest.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), RSA_PSS_SALTLEN_MAX) != 1)
    return std::unexpected(software::openssl_error("beginning a verification"));
  if (EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(hash),
                      hash.size()) == 1)
    return {};
  return std::unexpected(
      software::openssl_refusal("EVP_PKEY_verify", Status::PsaErrorInvalidSignature));
}

}  // namespace strongroom::tpm
