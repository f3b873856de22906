#include "client/cli/format/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "client/cli/format/input_output.h"
#include "client/cli/format/openssl_handles.h"

namespace strongroom::cli {
namespace {

// One digest in the making.
class Hashing {
 public:
  static Outcome<Hashing> begin(psa::Hash hash) {
    Hashing hashing(hash);
    if (!hashing.is_well_)
      return failed(
          ExitCode::NotSupported,
          fmt::format("hashing with {}: this machine's libcrypto lacks it", psa::to_string(hash)));
    return hashing;
  }

  void add(ByteView piece) {
    is_well_ = is_well_ && EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) == 1;
  }

  Outcome<Bytes> end() {
    Bytes digest(psa::digest_size(hash_));
    unsigned int size = 0;
    is_well_ = is_well_ && EVP_MD_get_size(method_.get()) == static_cast<int>(digest.size()) &&
               EVP_DigestFinal_ex(context_.get(), octets(MutableByteView(digest)), &size) == 1;
    if (!is_well_)
      return failed(ExitCode::Other,
                    fmt::format("hashing with {}: libcrypto failed", psa::to_string(hash_)));
    return digest;
  }

 private:
  explicit Hashing(psa::Hash hash)
      : hash_(hash),
        method_(EVP_MD_fetch(nullptr, psa::to_string(hash).c_str(), nullptr)),
        context_(EVP_MD_CTX_new()),
        is_well_(method_ && context_ &&
                 EVP_DigestInit_ex2(context_.get(), method_.get(), nullptr) == 1) {}

  psa::Hash hash_;
  Owned<EVP_MD> method_;
  Owned<EVP_MD_CTX> context_;
  bool is_well_;
};

}  // namespace

Outcome<Bytes> digest_of(psa::Hash hash, const std::optional<std::string>& file, Streams& streams) {
  Hashing hashing = TRY(Hashing::begin(hash));
  TRY(read_pieces(file, streams, [&](ByteView piece) { hashing.add(piece); }));
  return hashing.end();
}

Outcome<Bytes> digest_of(psa::Hash hash, ByteView bytes) {
  Hashing hashing = TRY(Hashing::begin(hash));
  hashing.add(bytes);
  return hashing.end();
}

}  // namespace strongroom::cli
