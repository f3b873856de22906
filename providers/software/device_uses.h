// Which uses of a key that is in a device its provider serves.
#pragma once

#include <string_view>

#include "providers/software/capabilities.h"

namespace strongroom::software {

// "the TPM does not offer algorithm 'hmac-sha256' with a key 'aes-128'".
inline std::unexpected<Error> not_offered_by(std::string_view device, const psa::KeyType& type,
                                             std::uint32_t bits, const psa::Algorithm& algorithm) {
  return fail(Status::PsaErrorNotSupported,
              fmt::format("{} does not offer algorithm '{}' with a key '{}'", device,
                          to_string(algorithm), to_string(type, bits)));
}

// For std::visit() of an algorithm: does some flag that is set name an operation with it? `Has` has
// check_signature() and so on, which say by PsaErrorNotSupported what the device does not; without
// check_aead() there is no AEAD.
template <typename Has>
struct DeviceUses {
  Has& has;
  const psa::KeyAttributes& attributes;
  std::string_view device;

  Result<> operator()(const psa::AsymmetricSignature& signature) const {
    TRY(has.check_signature(attributes.type, attributes.bits, signature));
    const psa::UsageFlags& usage = attributes.usage;
    const bool hashes = signature.signs_hashes();
    const bool messages = signature.signs_messages();
    const bool signs = (hashes && usage.sign_hash) || (messages && usage.sign_message);
    const bool verifies = (hashes && usage.verify_hash) || (messages && usage.verify_message);
    return useful((is_pair() && signs) || verifies);
  }
  Result<> operator()(const psa::AsymmetricEncryption& encryption) const {
    TRY(has.check_encryption(attributes.type, attributes.bits, encryption));
    return useful(attributes.usage.encrypt || (is_pair() && attributes.usage.decrypt));
  }
  Result<> operator()(const psa::KeyAgreement& agreement) const {
    if (agreement.derivation) return not_offered(agreement);
    TRY(has.check_agreement(attributes.type, attributes.bits, agreement.raw));
    return useful(is_pair() && attributes.usage.derive);
  }
  Result<> operator()(const psa::Cipher& cipher) const {
    TRY(has.check_cipher(attributes.type, attributes.bits, cipher));
    return useful(attributes.usage.encrypt || attributes.usage.decrypt);
  }
  Result<> operator()(const psa::Aead& aead) const {
    if constexpr (requires { has.check_aead(attributes.type, attributes.bits, aead); }) {
      TRY(has.check_aead(attributes.type, attributes.bits, aead));
      if (is_tag_size(aead.kind, aead.tag_size()))
        return useful(attributes.usage.encrypt || attributes.usage.decrypt);
    }
    return not_offered(aead);
  }
  Result<> operator()(const psa::Mac& mac) const {
    TRY(has.check_mac(attributes.type, attributes.bits, mac));
    if (!is_mac_size(mac, attributes.type.kind)) return not_offered(mac);
    return useful(attributes.usage.sign_message || attributes.usage.verify_message);
  }
  template <typename Other>
  Result<> operator()(const Other& other) const {
    return not_offered(other);
  }

 private:
  bool is_pair() const { return attributes.type.is_key_pair(); }
  Result<> not_offered(const psa::Algorithm& algorithm) const {
    return not_offered_by(device, attributes.type, attributes.bits, algorithm);
  }
  static Result<> useful(bool is_useful) {
    if (is_useful) return {};
    return fail(Status::PsaErrorNotSupported, "the usage flags allow nothing with this algorithm");
  }
};

}  // namespace strongroom::software
