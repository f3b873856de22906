#include "client/cli/format/fingerprint.h"

#include <array>

#include <openssl/evp.h>

#include "client/cli/keys/public_key.h"

namespace strongroom::cli {

std::optional<std::string> public_key_fingerprint(const psa::KeyAttributes& attributes,
                                                  ByteView exported) {
  if (exported.empty()) return std::nullopt;
  Outcome<Bytes> info = public_key_info(attributes.type, attributes.bits, exported);
  if (!info) return std::nullopt;
  std::array<std::byte, 32> digest{};
  unsigned int size = 0;
  if (EVP_Digest(info->data(), info->size(), octets(MutableByteView(digest)), &size, EVP_sha256(),
                 nullptr) != 1)
    return std::nullopt;
  return to_hex(digest);
}

}  // namespace strongroom::cli
