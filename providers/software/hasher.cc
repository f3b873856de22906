#include "providers/software/hasher.h"

#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

Result<const EVP_MD*> digest_for(const Algorithms& algorithms, psa::Hash hash) {
  if (const EVP_MD* digest = algorithms.digest(hash)) return digest;
  return fail(Status::PsaErrorNotSupported,
              fmt::format("hash '{}' is not offered", to_string(hash)));
}

// The context refers to the digest by itself, and is wiped.
class EvpHashInParts final : public HashInParts {
 public:
  EvpHashInParts(Owned<EVP_MD_CTX> context, psa::Hash algorithm) noexcept
      : context_(std::move(context)), algorithm_(algorithm) {}

  Result<> update(ByteView data) override {
    if (EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1) return {};
    return std::unexpected(openssl_error("EVP_DigestUpdate"));
  }

  Result<Bytes> finish() override {
    Bytes digest(psa::digest_size(algorithm_));
    if (EVP_DigestFinal_ex(context_.get(), octets(MutableByteView(digest)), nullptr) == 1)
      return digest;
    return std::unexpected(openssl_error("EVP_DigestFinal_ex"));
  }

 private:
  const Owned<EVP_MD_CTX> context_;
  const psa::Hash algorithm_;
};

}  // namespace

Result<Bytes> digest_of(const Algorithms& algorithms, psa::Hash hash, ByteView input) {
  const EVP_MD* digest = TRY(digest_for(algorithms, hash));
  Bytes output(psa::digest_size(hash));
  if (EVP_Digest(input.data(), input.size(), octets(MutableByteView(output)), nullptr, digest,
                 nullptr) != 1)
    return std::unexpected(openssl_error("EVP_Digest"));
  return output;
}

Result<std::unique_ptr<HashInParts>> EvpHasher::begin(psa::Hash algorithm) {
  const EVP_MD* digest = TRY(digest_for(algorithms_, algorithm));
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestInit_ex2(context.get(), digest, nullptr) != 1)
    return std::unexpected(openssl_error("EVP_DigestInit_ex2"));
  return std::make_unique<EvpHashInParts>(std::move(context), algorithm);
}

}  // namespace strongroom::software
