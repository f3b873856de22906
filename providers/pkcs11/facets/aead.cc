#include "providers/pkcs11/facets/aead.h"

#include "providers/pkcs11/mechanisms/decryption_failure.h"
#include "providers/software/capabilities.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::size_t kLongestNonce = 128;

// Nonce and additional data are the caller's; PKCS#11 v2.40 §2.12.3.
CK_GCM_PARAMS parameters_of(const psa::Aead& algorithm, const AeadInput& input) {
  CK_GCM_PARAMS parameters{};
  parameters.pIv = const_cast<unsigned char*>(octets(input.nonce));
  parameters.ulIvLen = static_cast<CK_ULONG>(input.nonce.size());
  parameters.ulIvBits = parameters.ulIvLen * 8;
  if (!input.additional_data.empty())
    parameters.pAAD = const_cast<unsigned char*>(octets(input.additional_data));
  parameters.ulAADLen = static_cast<CK_ULONG>(input.additional_data.size());
  parameters.ulTagBits = CK_ULONG{algorithm.tag_size()} * 8;
  return parameters;
}

}  // namespace

Result<Bytes> TokenAead::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                 const AeadInput& input, ByteView plaintext) {
  TRY(check(key, algorithm, input));
  const std::size_t size = plaintext.size() + algorithm.tag_size();
  auto ciphertext = TRY(access_.use_key<Bytes>(key, [&](Session& session, const KeyObject& object) {
    CK_GCM_PARAMS parameters = parameters_of(algorithm, input);
    return pkcs11::encrypt(session, object, mechanism_with(CKM_AES_GCM, parameters), plaintext,
                           size);
  }));
  if (ciphertext.size() == size) return ciphertext;
  return std::unexpected(malformed_answer("C_Encrypt", "a text of another length"));
}

Result<SecretBuffer> TokenAead::decrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                        const AeadInput& input, ByteView ciphertext) {
  TRY(check(key, algorithm, input));
  if (ciphertext.size() < algorithm.tag_size())
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a ciphertext of {} bytes has no tag", ciphertext.size()));
  auto plaintext =
      TRY(access_.use_key<SecretBuffer>(key, [&](Session& session, const KeyObject& object) {
        CK_GCM_PARAMS parameters = parameters_of(algorithm, input);
        return with_failure_told(
            session,
            pkcs11::decrypt(session, object, mechanism_with(CKM_AES_GCM, parameters), ciphertext,
                            ciphertext.size()),
            Status::PsaErrorInvalidSignature);
      }));
  if (plaintext.size() == ciphertext.size() - algorithm.tag_size()) return plaintext;
  return std::unexpected(malformed_answer("C_Decrypt", "a text of another length"));
}

Result<> TokenAead::check(const KeyRecord& key, const psa::Aead& algorithm,
                          const AeadInput& input) {
  TRY(access_.capabilities().check_aead(key.attributes.type, key.attributes.bits, algorithm));
  if (!software::is_tag_size(algorithm.kind, algorithm.tag_size()))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' has no such tag", to_string(algorithm)));
  if (!input.nonce.empty() && input.nonce.size() <= kLongestNonce) return {};
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("a nonce of {} bytes, not 1 to {}", input.nonce.size(), kLongestNonce));
}

}  // namespace strongroom::pkcs11
