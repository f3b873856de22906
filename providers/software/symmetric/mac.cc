#include "providers/software/symmetric/mac.h"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "providers/software/capabilities.h"
#include "providers/software/openssl_error.h"

namespace strongroom::software {
namespace {

constexpr std::size_t kPiece = 4096;  // whole blocks of any cipher

}  // namespace

Result<Bytes> EvpMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                    ByteView input) {
  auto mac = TRY(mac_of(key, algorithm, input));
  return copy_of(mac.reveal());
}

Result<> EvpMacSigner::verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                              ByteView mac) {
  auto expected = TRY(mac_of(key, algorithm, input));
  if (equal_in_constant_time(expected.reveal(), mac)) return {};
  return fail(Status::PsaErrorInvalidSignature, "the MAC does not match");
}

Result<SecretBuffer> EvpMacSigner::mac_of(const KeyRecord& key, const psa::Mac& algorithm,
                                          ByteView input) const {
  TRY(check_mac(algorithms_, shape_of(key), algorithm));
  if (!is_mac_size(algorithm, key.attributes.type.kind))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' has no such length", to_string(algorithm)));
  bool is_cbc_mac = algorithm.kind == psa::Mac::Kind::CbcMac;
  auto mac = TRY(is_cbc_mac ? cbc_mac_of(key, input) : evp_mac_of(key, algorithm, input));
  if (algorithm.truncated_size) mac.shrink_to(*algorithm.truncated_size);
  return mac;
}

Result<SecretBuffer> EvpMacSigner::evp_mac_of(const KeyRecord& key, const psa::Mac& algorithm,
                                              ByteView input) const {
  bool is_hmac = algorithm.kind == psa::Mac::Kind::Hmac;
  const char* parameter = OSSL_MAC_PARAM_DIGEST;
  const char* name = nullptr;
  if (is_hmac) {
    name = EVP_MD_get0_name(algorithms_.digest(*algorithm.hash));
  } else {
    const auto* cipher = TRY(cipher_for(algorithms_, key, Mode::Cbc));
    parameter = OSSL_MAC_PARAM_CIPHER;
    name = EVP_CIPHER_get0_name(cipher);
  }
  std::array parameters = {OSSL_PARAM_construct_utf8_string(parameter, const_cast<char*>(name), 0),
                           OSSL_PARAM_construct_end()};
  Owned<EVP_MAC_CTX> context(EVP_MAC_CTX_new(is_hmac ? algorithms_.hmac() : algorithms_.cmac()));
  auto mac = TRY(SecretBuffer::of_size(full_mac_size(algorithm, key.attributes.type.kind)));
  std::size_t size = 0;
  if (!context ||
      EVP_MAC_init(context.get(), octets(key.material.reveal()), key.material.size(),
                   parameters.data()) != 1 ||
      EVP_MAC_update(context.get(), octets(input), input.size()) != 1 ||
      EVP_MAC_final(context.get(), octets(mac.reveal_mutable()), &size, mac.size()) != 1)
    return std::unexpected(openssl_error("EVP_MAC_final"));
  if (size != mac.size())
    return fail(Status::PsaErrorGenericError, "EVP_MAC_final: a MAC of another length");
  return mac;
}

// Piece by piece into the same buffer: of what is written only the very last block counts.
Result<SecretBuffer> EvpMacSigner::cbc_mac_of(const KeyRecord& key, ByteView input) const {
  const auto* cipher = TRY(cipher_for(algorithms_, key, Mode::Cbc));
  auto block_size = static_cast<std::size_t>(EVP_CIPHER_get_block_size(cipher));
  if (input.empty() || input.size() % block_size != 0)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a CBC-MAC of {} bytes, which are no whole blocks", input.size()));
  auto context = TRY(context_with(cipher, Direction::Encrypt, key, Bytes(block_size)));
  auto piece = TRY(SecretBuffer::of_size(std::min(input.size(), kPiece)));
  while (input.size() > piece.size()) {
    TRY(transform(context.get(), input.first(piece.size()), piece.reveal_mutable()));
    input = input.subspan(piece.size());
  }
  TRY(transform(context.get(), input, piece.reveal_mutable()));
  return SecretBuffer::copy_of(piece.reveal().first(input.size()).last(block_size));
}

}  // namespace strongroom::software
