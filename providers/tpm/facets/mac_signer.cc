#include "providers/tpm/facets/mac_signer.h"

#include "providers/software/capabilities.h"
#include "providers/tpm/facets/cipher.h"

namespace strongroom::tpm {
namespace {

constexpr std::size_t kBlock = 16;
// In one turn, however long: a sequence takes a slot that others need, and libtpms 0.9 does not
// survive that one is saved.
Outcome<SecretBuffer> sequence(Tpm& tpm, const Authorized& key, TPM2_ALG_ID algorithm,
                               ByteView input, std::size_t at_once) {
  auto handle = TRY(tpm.keys().with_room([&] { return start_mac(tpm.secured(), key, algorithm); }));
  FlushedHandle owned(tpm.channel(), handle);
  const Entity entity{handle, {}};  // sequences have no name: TPM 2.0 r1.59 Part 1 §16
  const Authorized authorized{entity, key.auth};
  for (; input.size() > at_once; input = input.subspan(at_once))
    TRY(update_sequence(tpm.secured(), authorized, input.first(at_once)));
  auto made = TRY(complete_sequence(tpm.secured(), authorized, input));
  owned.abandon();
  return made;
}

}  // namespace

Result<Bytes> TpmMacSigner::compute(const KeyRecord& key, const psa::Mac& algorithm,
                                    ByteView input) {
  auto made = TRY(mac_of(key, algorithm, input));
  return copy_of(made.reveal());
}

Result<> TpmMacSigner::verify(const KeyRecord& key, const psa::Mac& algorithm, ByteView input,
                              ByteView mac) {
  auto expected = TRY(mac_of(key, algorithm, input));
  if (equal_in_constant_time(expected.reveal(), mac)) return {};
  return fail(Status::PsaErrorInvalidSignature, "the MAC does not match");
}

Result<SecretBuffer> TpmMacSigner::mac_of(const KeyRecord& key, const psa::Mac& algorithm,
                                          ByteView input) {
  const psa::KeyType& type = key.attributes.type;
  auto has = TRY(access_.capabilities());
  TRY(has->check_mac(type, key.attributes.bits, algorithm));
  if (!software::is_mac_size(algorithm, type.kind))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' has no such length", to_string(algorithm)));
  const TPM2_ALG_ID with =
      algorithm.kind == psa::Mac::Kind::Hmac ? has->hash(*algorithm.hash) : TPM2_ALG_CMAC;
  auto made = TRY(algorithm.kind == psa::Mac::Kind::CbcMac
                      ? cbc_mac_of(key, input, has->input_size())
                      : tpm_mac_of(key, with, input, has->input_size()));
  if (made.size() != software::full_mac_size(algorithm, type.kind))
    return fail(Status::PsaErrorHardwareFailure, "the TPM made a MAC of another length");
  if (algorithm.truncated_size) made.shrink_to(*algorithm.truncated_size);
  return made;
}

Result<SecretBuffer> TpmMacSigner::tpm_mac_of(const KeyRecord& key, TPM2_ALG_ID algorithm,
                                              ByteView input, std::size_t at_once) {
  if (input.size() <= at_once)
    return access_.use_key<SecretBuffer>(
        key, [algorithm, text = copy_of(input)](Tpm& tpm, const Authorized& loaded) {
          return mac(tpm.secured(), loaded, algorithm, text);
        });
  return access_.use_key_long<SecretBuffer>(
      key, [algorithm, at_once, text = copy_of(input)](Tpm& tpm, const Authorized& loaded) {
        return sequence(tpm, loaded, algorithm, text, at_once);
      });
}

Result<SecretBuffer> TpmMacSigner::cbc_mac_of(const KeyRecord& key, ByteView input,
                                              std::size_t at_once) {
  if (input.empty() || input.size() % kBlock != 0)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a CBC-MAC of {} bytes, which are no whole blocks", input.size()));
  const BlockCipher cbc{BlockCipher::Direction::Encrypt, TPM2_ALG_CBC, {.answer = true}};
  auto text = TRY(transformed(access_, key, cbc, Bytes(kBlock), input, at_once));
  return SecretBuffer::copy_of(text.reveal().last(kBlock));
}

}  // namespace strongroom::tpm
