#include "providers/pkcs11/facets/mac.h"

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/software/capabilities.h"

namespace strongroom::pkcs11 {
namespace {

// CBC-MAC (FIPS 113): of what CBC makes of the input with an IV of zeros.
Outcome<Bytes> last_block(Session& session, const KeyObject& object, CK_MECHANISM_TYPE mechanism,
                          ByteView input, std::size_t size) {
  Bytes iv(size);
  auto blocks =
      TRY(encrypt(session, object, mechanism_with_iv(mechanism, iv), input, input.size()));
  if (blocks.size() != input.size())
    return std::unexpected(malformed_answer("C_Encrypt", "a text of another length"));
  Bytes last(blocks.end() - static_cast<std::ptrdiff_t>(size), blocks.end());
  wipe(blocks);
  return last;
}

}  // namespace

Result<Bytes> TokenMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                      ByteView input) {
  const auto& [type, bits] = std::tie(key.attributes.type, key.attributes.bits);
  TRY(access_.capabilities().check_mac(type, bits, algorithm));
  if (!software::is_mac_size(algorithm, type.kind))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' has no such length", to_string(algorithm)));
  const std::size_t size = software::full_mac_size(algorithm, type.kind);
  const bool is_cbc_mac = algorithm.kind == psa::Mac::Kind::CbcMac;
  if (is_cbc_mac && (input.empty() || input.size() % size != 0))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("{} bytes are no whole blocks", input.size()));
  CK_MECHANISM mechanism{*mechanism_of(algorithm, type, bits), nullptr, 0};
  auto mac = TRY(access_.use_key<Bytes>(key, [&](Session& session, const KeyObject& object) {
    return is_cbc_mac ? last_block(session, object, mechanism.mechanism, input, size)
                      : sign(session, object, mechanism, input, size);
  }));
  if (mac.size() != size)
    return std::unexpected(malformed_answer("C_Sign", "a MAC of another length"));
  mac.resize(algorithm.truncated_size.value_or(static_cast<std::uint32_t>(size)));
  return mac;
}

Result<> TokenMacSigner::verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                                ByteView mac) {
  auto computed = TRY(compute(key, algorithm, input));
  auto expected = TRY(SecretBuffer::copy_of(computed));
  wipe(computed);
  if (equal_in_constant_time(expected.reveal(), mac)) return {};
  return fail(Status::PsaErrorInvalidSignature, "the MAC does not match");
}

}  // namespace strongroom::pkcs11
