#include "providers/pkcs11/facets/mac.h"

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/software/capabilities.h"

namespace strongroom::pkcs11 {

Result<Bytes> TokenMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                      ByteView input) {
  const auto& [type, bits] = std::tie(key.attributes.type, key.attributes.bits);
  TRY(access_.capabilities().check_mac(type, bits, algorithm));
  if (!software::is_mac_size(algorithm, type.kind))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' has no such length", to_string(algorithm)));
  const std::size_t size = software::full_mac_size(algorithm, type.kind);
  auto mac = TRY(access_.use_key<Bytes>(key, [&](Session& session, const KeyObject& object) {
    return sign(session, object, {*mechanism_of(algorithm), nullptr, 0}, input, size);
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
