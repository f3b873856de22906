#include "client/cli/format/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "client/cli/format/input_output.h"
#include "client/cli/format/names.h"
#include "client/cli/format/openssl_handles.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostRawBytes = std::size_t{64} * 1024;

Outcome<Signable> raw_signable(const psa::AsymmetricSignature& policy,
                               const std::optional<std::string>& file, Streams& streams) {
  SecretBytes data = TRY(read_all(file, streams, kMostRawBytes));
  return Signable{.algorithm = policy, .digest = copy_of(data)};
}

// nullopt: neither the policy nor the user names one.
Outcome<std::optional<psa::Hash>> hash_for(const psa::AsymmetricSignature& policy,
                                           const std::optional<std::string>& option) {
  if (!option) return policy.hash;
  psa::Hash hash = TRY(hash_from(*option));
  if (policy.hash && *policy.hash != hash)
    return failed(ExitCode::NotPermitted,
                  fmt::format("hashing with {}: the key permits {} alone", psa::to_string(hash),
                              algorithm_name(policy)));
  return std::optional(hash);
}

}  // namespace

Outcome<Bytes> digest_of(psa::Hash hash, const std::optional<std::string>& file, Streams& streams) {
  std::string name = psa::to_string(hash);
  Owned<EVP_MD> method(EVP_MD_fetch(nullptr, name.c_str(), nullptr));
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (!method || !context || EVP_DigestInit_ex2(context.get(), method.get(), nullptr) != 1)
    return failed(ExitCode::NotSupported,
                  fmt::format("hashing with {}: this machine's libcrypto lacks it", name));
  bool hashed = true;
  TRY(read_pieces(file, streams, [&](ByteView piece) {
    hashed = hashed && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  }));
  Bytes digest(psa::digest_size(hash));
  unsigned int size = 0;
  hashed = hashed && EVP_MD_get_size(method.get()) == static_cast<int>(digest.size()) &&
           EVP_DigestFinal_ex(context.get(), octets(MutableByteView(digest)), &size) == 1;
  if (!hashed)
    return failed(ExitCode::Other, fmt::format("hashing with {}: libcrypto failed", name));
  return digest;
}

Outcome<Signable> signable(const psa::AsymmetricSignature& policy,
                           const std::optional<std::string>& hash_option,
                           const std::optional<std::string>& file, Streams& streams) {
  if (policy.kind == psa::AsymmetricSignature::Kind::RsaPkcs1v15Raw)
    return raw_signable(policy, file, streams);
  std::optional<psa::Hash> hash = TRY(hash_for(policy, hash_option));
  if (!hash)
    return failed(ExitCode::Usage,
                  fmt::format("hashing the input: the key permits {} and --hash says nothing",
                              algorithm_name(policy)),
                  "say which, for example --hash sha256");
  Bytes digest = TRY(digest_of(*hash, file, streams));
  psa::AsymmetricSignature algorithm = policy;
  if (policy.takes_hash()) algorithm.hash = hash;
  return Signable{.algorithm = algorithm, .digest = std::move(digest)};
}

}  // namespace strongroom::cli
