#include "client/cli/commands/data/local_verification.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "client/cli/format/signature.h"
#include "client/cli/keys/public_key.h"

namespace strongroom::cli {
namespace {

using Kind = psa::AsymmetricSignature::Kind;

bool is_rsa(Kind kind) {
  return kind == Kind::RsaPkcs1v15 || kind == Kind::RsaPkcs1v15Raw || kind == Kind::RsaPss;
}

// The service's own signatures have a salt as long as the hash; others' are taken, too.
bool set_padding(EVP_PKEY_CTX* context, Kind kind) {
  if (!is_rsa(kind)) return true;
  if (kind != Kind::RsaPss) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_AUTO) == 1;
}

bool set_hash(EVP_PKEY_CTX* context, const psa::AsymmetricSignature& algorithm) {
  if (!algorithm.hash || !is_rsa(algorithm.kind)) return true;
  Owned<EVP_MD> method(EVP_MD_fetch(nullptr, psa::to_string(*algorithm.hash).c_str(), nullptr));
  return method && EVP_PKEY_CTX_set_signature_md(context, method.get()) == 1;
}

Outcome<> verdict(int matches) {
  ERR_clear_error();
  if (matches != 1) return failed(ExitCode::BadSignature, "the signature or tag does not match");
  return {};
}

std::unexpected<Failure> cannot_verify() {
  ERR_clear_error();
  return failed(ExitCode::NotSupported, "this machine's libcrypto cannot verify that");
}

// RFC 8032: over the message, in one piece.
Outcome<> verify_eddsa(EVP_PKEY* key, ByteView message, ByteView signature) {
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) != 1)
    return cannot_verify();
  return verdict(EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                  octets(message), message.size()));
}

}  // namespace

Outcome<> verify_here(const KeyMaterial& public_key, const Signable& input, ByteView signature) {
  Owned<EVP_PKEY> key = TRY(openssl_public_key(public_key.type, public_key.bits, public_key.data));
  if (input.algorithm.kind == Kind::PureEddsa)
    return verify_eddsa(key.get(), input.content, signature);
  bool is_ecdsa = public_key.type.is_ecc();
  const Bytes bytes = TRY(is_ecdsa ? ecdsa_to_der(signature) : Outcome<Bytes>(copy_of(signature)));
  Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  bool is_ready = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                  set_padding(context.get(), input.algorithm.kind) &&
                  set_hash(context.get(), input.algorithm);
  if (!is_ready) return cannot_verify();
  return verdict(EVP_PKEY_verify(context.get(), octets(ByteView(bytes)), bytes.size(),
                                 octets(ByteView(input.content)), input.content.size()));
}

}  // namespace strongroom::cli
