#include "providers/pkcs11/facets/aead.h"

#include "providers/pkcs11/mechanisms/decryption_failure.h"
#include "providers/software/capabilities.h"
#include "providers/software/symmetric/aead.h"

namespace strongroom::pkcs11 {
namespace {

// A mechanism, and the parameter that it points to.
struct Parameters {
  CK_GCM_PARAMS gcm{};
  CcmParameters ccm{};
  CK_MECHANISM mechanism{};
};

unsigned char* unwritten(ByteView bytes) {
  return bytes.empty() ? nullptr : const_cast<unsigned char*>(octets(bytes));
}

// Nonce and additional data are the caller's; PKCS#11 v2.40 §2.12.3 and §2.12.4. `size` is the
// plaintext's.
void set_parameters(Parameters& parameters, const psa::Aead& algorithm, const AeadInput& input,
                    std::size_t size) {
  const auto nonce_size = static_cast<CK_ULONG>(input.nonce.size());
  const auto data_size = static_cast<CK_ULONG>(input.additional_data.size());
  unsigned char* nonce = unwritten(input.nonce);
  unsigned char* data = unwritten(input.additional_data);
  if (algorithm.kind == psa::Aead::Kind::Ccm) {
    parameters.ccm = {static_cast<CK_ULONG>(size), nonce, nonce_size, data, data_size,
                      algorithm.tag_size()};
    parameters.mechanism = mechanism_with(CKM_AES_CCM, parameters.ccm);
  } else {
    parameters.gcm = {nonce, nonce_size, nonce_size * 8,
                      data,  data_size,  CK_ULONG{algorithm.tag_size()} * 8};
    parameters.mechanism = mechanism_with(CKM_AES_GCM, parameters.gcm);
  }
}

}  // namespace

Result<Bytes> TokenAead::encrypt(const KeyRecord& key, const psa::Aead& algorithm,
                                 const AeadInput& input, ByteView plaintext) {
  TRY(check(key, algorithm, input));
  TRY(software::check_aead_text(algorithm.kind, input.nonce, plaintext.size()));
  const std::size_t size = plaintext.size() + algorithm.tag_size();
  auto ciphertext = TRY(access_.use_key<Bytes>(key, [&](Session& session, const KeyObject& object) {
    Parameters parameters;
    set_parameters(parameters, algorithm, input, plaintext.size());
    return pkcs11::encrypt(session, object, parameters.mechanism, plaintext, size);
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
  const std::size_t size = ciphertext.size() - algorithm.tag_size();
  TRY(software::check_aead_text(algorithm.kind, input.nonce, size));
  auto plaintext =
      TRY(access_.use_key<SecretBuffer>(key, [&](Session& session, const KeyObject& object) {
        Parameters parameters;
        set_parameters(parameters, algorithm, input, size);
        return with_failure_told(
            session,
            pkcs11::decrypt(session, object, parameters.mechanism, ciphertext, ciphertext.size()),
            Status::PsaErrorInvalidSignature);
      }));
  if (plaintext.size() == size) return plaintext;
  return std::unexpected(malformed_answer("C_Decrypt", "a text of another length"));
}

Result<> TokenAead::check(const KeyRecord& key, const psa::Aead& algorithm,
                          const AeadInput& input) {
  TRY(access_.capabilities().check_aead(key.attributes.type, key.attributes.bits, algorithm));
  if (!software::is_tag_size(algorithm.kind, algorithm.tag_size()))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' has no such tag", to_string(algorithm)));
  return software::check_aead_nonce(algorithm.kind, input.nonce);
}

}  // namespace strongroom::pkcs11
