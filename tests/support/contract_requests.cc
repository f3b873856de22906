#include "tests/support/contract_requests.h"

#include <unistd.h>
#include <utility>

#include "aead_seal.pb.h"
#include "attest_key.pb.h"
#include "can_do_crypto.pb.h"
#include "certify_key.pb.h"
#include "control_provider.pb.h"
#include "delete_client.pb.h"
#include "derive_key.pb.h"
#include "key_info.pb.h"
#include "list_opcodes.pb.h"
#include "multipart_abort.pb.h"
#include "multipart_finish.pb.h"
#include "multipart_setup.pb.h"
#include "multipart_update.pb.h"
#include "prepare_key_attestation.pb.h"
#include "psa_aead_decrypt.pb.h"
#include "psa_aead_encrypt.pb.h"
#include "psa_asymmetric_decrypt.pb.h"
#include "psa_asymmetric_encrypt.pb.h"
#include "psa_cipher_decrypt.pb.h"
#include "psa_cipher_encrypt.pb.h"
#include "psa_destroy_key.pb.h"
#include "psa_export_key.pb.h"
#include "psa_export_public_key.pb.h"
#include "psa_generate_key.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_hash_compare.pb.h"
#include "psa_hash_compute.pb.h"
#include "psa_import_key.pb.h"
#include "psa_mac_compute.pb.h"
#include "psa_mac_verify.pb.h"
#include "psa_raw_key_agreement.pb.h"
#include "psa_sign_hash.pb.h"
#include "psa_sign_message.pb.h"
#include "psa_verify_hash.pb.h"
#include "psa_verify_message.pb.h"
#include "quote.pb.h"
#include "service/dispatch/handlers/message.h"
#include "sign_batch.pb.h"
#include "unwrap_key.pb.h"
#include "wrap_key.pb.h"

namespace strongroom::testing {
namespace {

Bytes body_of(const google::protobuf::MessageLite& message) {
  return *serialized(message);
}

template <typename Message>
Bytes named(std::string_view name) {
  Message message;
  message.set_key_name(std::string(name));
  return body_of(message);
}

// The messages whose fields are key_name, alg and others; `fill` sets the others.
template <typename Message, typename Algorithm, typename Fill>
Bytes used(std::string_view name, const Algorithm& algorithm, Fill fill) {
  Message message;
  message.set_key_name(std::string(name));
  *message.mutable_alg() = encode(algorithm);
  fill(message);
  return body_of(message);
}

const std::string kDigest(32, 'd');

Bytes signature_body(Opcode opcode, std::string_view name) {
  switch (opcode) {
    case Opcode::PsaSignHash:
      return used<psa_sign_hash::Operation>(name, kEcdsaSha256,
                                            [](auto& message) { message.set_hash(kDigest); });
    case Opcode::PsaVerifyHash:
      return used<psa_verify_hash::Operation>(name, kEcdsaSha256, [](auto& message) {
        message.set_hash(kDigest);
        message.set_signature("signed:" + kDigest);
      });
    case Opcode::PsaSignMessage:
      return used<psa_sign_message::Operation>(
          name, kEcdsaSha256, [](auto& message) { message.set_message("message"); });
    default:
      return used<psa_verify_message::Operation>(name, kEcdsaSha256, [](auto& message) {
        message.set_message("message");
        message.set_signature("signed:message");
      });
  }
}

Bytes cipher_body(Opcode opcode, std::string_view name) {
  switch (opcode) {
    case Opcode::PsaAsymmetricEncrypt:
      return used<psa_asymmetric_encrypt::Operation>(
          name, kOaepSha256, [](auto& message) { message.set_plaintext("plain"); });
    case Opcode::PsaAsymmetricDecrypt:
      return used<psa_asymmetric_decrypt::Operation>(
          name, kOaepSha256, [](auto& message) { message.set_ciphertext("sealed:plain"); });
    case Opcode::PsaAeadEncrypt:
      return used<psa_aead_encrypt::Operation>(name, kAesGcm, [](auto& message) {
        message.set_nonce("nonce");
        message.set_plaintext("plain");
      });
    case Opcode::PsaAeadDecrypt:
      return used<psa_aead_decrypt::Operation>(name, kAesGcm, [](auto& message) {
        message.set_nonce("nonce");
        message.set_ciphertext("sealed:plain");
      });
    case Opcode::PsaCipherEncrypt: {
      psa_cipher_encrypt::Operation message;
      message.set_key_name(std::string(name));
      message.set_alg(encode(psa::Cipher::Ctr));
      message.set_plaintext("plain");
      return body_of(message);
    }
    default: {
      psa_cipher_decrypt::Operation message;
      message.set_key_name(std::string(name));
      message.set_alg(encode(psa::Cipher::Ctr));
      message.set_ciphertext("sealed:plain");
      return body_of(message);
    }
  }
}

Bytes mac_body(Opcode opcode, std::string_view name) {
  if (opcode == Opcode::PsaMacCompute)
    return used<psa_mac_compute::Operation>(name, kHmacSha256,
                                            [](auto& message) { message.set_input("input"); });
  return used<psa_mac_verify::Operation>(name, kHmacSha256, [](auto& message) {
    message.set_input("input");
    message.set_mac("mac:input");
  });
}

Bytes keyless_body(Opcode opcode) {
  if (opcode == Opcode::PsaGenerateRandom) {
    psa_generate_random::Operation message;
    message.set_size(16);
    return body_of(message);
  }
  if (opcode == Opcode::PsaHashCompute) {
    psa_hash_compute::Operation message;
    message.set_alg(encode(psa::Hash::Sha256));
    return body_of(message);
  }
  psa_hash_compare::Operation message;
  message.set_alg(encode(psa::Hash::Sha256));
  message.set_hash(std::string(32, 'h'));
  return body_of(message);
}

Bytes attestation_body(Opcode opcode, std::string_view name) {
  if (opcode == Opcode::PrepareKeyAttestation) {
    prepare_key_attestation::Operation message;
    message.mutable_parameters()->mutable_activate_credential()->set_attested_key_name(
        std::string(name));
    return body_of(message);
  }
  if (opcode == Opcode::CertifyKey) return named<certify_key::Operation>(name);
  if (opcode == Opcode::Quote) {
    ::quote::Operation message;
    auto& bank = *message.add_banks();
    bank.set_hash(encode(psa::Hash::Sha256));
    bank.add_registers(7);
    return body_of(message);
  }
  attest_key::Operation message;
  message.set_attested_key_name(std::string(name));
  message.mutable_parameters()->mutable_activate_credential()->set_credential_blob("blob");
  return body_of(message);
}

Bytes agreement_body(std::string_view name) {
  psa_raw_key_agreement::Operation message;
  message.set_alg(encode(psa::RawKeyAgreement::Ecdh));
  message.set_private_key_name(std::string(name));
  message.set_peer_key("peer");
  return body_of(message);
}

const psa::KeyDerivation kHkdfSha256{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256};
const psa::KeyWrap kAesKwp{psa::KeyWrap::Kind::AesKwp, std::nullopt};

// A key that is to be has another name than the one that is there.
Bytes derivation_body(std::string_view name) {
  return used<derive_key::Operation>(name, psa::Algorithm(kHkdfSha256), [](auto& message) {
    message.set_new_key_name("made of it");
    *message.mutable_attributes() = encode(key_of(psa::KeyType::Kind::Aes, 128, kAesGcm));
  });
}

// A key may wrap itself.
Bytes wrapping_body(Opcode opcode, std::string_view name) {
  if (opcode == Opcode::WrapKey)
    return used<wrap_key::Operation>(
        name, kAesKwp, [&](auto& message) { message.set_wrapping_key_name(std::string(name)); });
  return used<unwrap_key::Operation>("made of it", kAesKwp, [&](auto& message) {
    message.set_unwrapping_key_name(std::string(name));
    *message.mutable_attributes() = encode(key_of(psa::KeyType::Kind::Aes, 128, kAesGcm));
    message.set_wrapped_key("sealed:plain");
  });
}

Bytes batch_body(std::string_view name) {
  return used<sign_batch::Operation>(name, kEcdsaSha256, [](auto& message) {
    message.add_hashes(kDigest);
    message.add_hashes(kDigest);
  });
}

Bytes sealing_body(std::string_view name) {
  return used<aead_seal::Operation>(name, kAesGcm,
                                    [](auto& message) { message.set_plaintext("plain"); });
}

template <typename Message>
Bytes part_body() {
  Message message;
  message.set_operation_id(1);
  message.set_part_number(1);
  return body_of(message);
}

Bytes multipart_body(Opcode opcode) {
  if (opcode == Opcode::MultipartUpdate) return part_body<multipart_update::Operation>();
  if (opcode == Opcode::MultipartFinish) return part_body<multipart_finish::Operation>();
  if (opcode == Opcode::MultipartSetup) {
    multipart_setup::Operation message;
    message.mutable_hash()->set_alg(encode(psa::Hash::Sha256));
    return body_of(message);
  }
  multipart_abort::Operation message;
  message.set_operation_id(1);
  return body_of(message);
}

Bytes capability_body() {
  can_do_crypto::Operation message;
  message.set_check_type(can_do_crypto::USE);
  *message.mutable_attributes() = encode(ecc_pair());
  return body_of(message);
}

Bytes client_body(std::string_view name) {
  delete_client::Operation message;
  message.set_client(std::string(name));
  return body_of(message);
}

Bytes control_body(std::string_view provider) {
  control_provider::Operation message;
  message.set_provider(std::string(provider));
  message.set_action(control_provider::UNLOCK);
  return body_of(message);
}

}  // namespace

Bytes generate_body(std::string_view name, const psa::KeyAttributes& attributes) {
  psa_generate_key::Operation message;
  message.set_key_name(std::string(name));
  *message.mutable_attributes() = encode(attributes);
  return body_of(message);
}

Bytes import_body(std::string_view name, const psa::KeyAttributes& attributes, ByteView data) {
  psa_import_key::Operation message;
  message.set_key_name(std::string(name));
  *message.mutable_attributes() = encode(attributes);
  message.set_data(field_of(data));
  return body_of(message);
}

Bytes valid_body(Opcode opcode, std::string_view name) {
  switch (opcode) {
    case Opcode::Ping:
    case Opcode::ListProviders:
    case Opcode::ListOpcodes:
    case Opcode::ListAuthenticators:
    case Opcode::ListKeys:
    case Opcode::ListClients:
    case Opcode::Status:
    case Opcode::Reload:
    case Opcode::StoreCheck: return {};
    case Opcode::ControlProvider: return control_body("fake");
    case Opcode::KeyInfo: return named<key_info::Operation>(name);
    case Opcode::DeleteClient: return client_body("nobody");
    case Opcode::PsaGenerateKey: return generate_body(name, ecc_pair());
    case Opcode::PsaImportKey: return import_body(name, ecc_pair(), view_of("data"));
    case Opcode::PsaExportKey: return named<psa_export_key::Operation>(name);
    case Opcode::PsaExportPublicKey: return named<psa_export_public_key::Operation>(name);
    case Opcode::PsaDestroyKey: return named<psa_destroy_key::Operation>(name);
    case Opcode::CanDoCrypto: return capability_body();
    case Opcode::PsaSignHash:
    case Opcode::PsaVerifyHash:
    case Opcode::PsaSignMessage:
    case Opcode::PsaVerifyMessage: return signature_body(opcode, name);
    case Opcode::PsaAsymmetricEncrypt:
    case Opcode::PsaAsymmetricDecrypt:
    case Opcode::PsaAeadEncrypt:
    case Opcode::PsaAeadDecrypt:
    case Opcode::PsaCipherEncrypt:
    case Opcode::PsaCipherDecrypt: return cipher_body(opcode, name);
    case Opcode::PsaMacCompute:
    case Opcode::PsaMacVerify: return mac_body(opcode, name);
    case Opcode::PsaHashCompute:
    case Opcode::PsaHashCompare:
    case Opcode::PsaGenerateRandom: return keyless_body(opcode);
    case Opcode::PsaRawKeyAgreement: return agreement_body(name);
    case Opcode::PrepareKeyAttestation:
    case Opcode::AttestKey:
    case Opcode::CertifyKey:
    case Opcode::Quote: return attestation_body(opcode, name);
    case Opcode::DeriveKey: return derivation_body(name);
    case Opcode::WrapKey:
    case Opcode::UnwrapKey: return wrapping_body(opcode, name);
    case Opcode::SignBatch: return batch_body(name);
    case Opcode::AeadSeal: return sealing_body(name);
    case Opcode::MultipartSetup:
    case Opcode::MultipartUpdate:
    case Opcode::MultipartFinish:
    case Opcode::MultipartAbort: return multipart_body(opcode);
  }
  return {};
}

Bytes uid_auth(uid_t uid) {
  Bytes auth(4);
  for (std::size_t i = 0; i < auth.size(); ++i)
    auth[i] = static_cast<std::byte>(uid >> (8 * i));
  return auth;
}

Request request_of(Opcode opcode, Bytes body) {
  const Operation* operation = find_operation(std::to_underlying(opcode));
  bool is_core = operation == nullptr || operation->place == Place::Core;
  Request request{.header = {}, .body = std::move(body), .auth = uid_auth(::getuid())};
  request.header.provider = std::to_underlying(is_core ? ProviderId::Core : ProviderId::Software);
  request.header.auth_type = std::to_underlying(AuthType::UnixPeerCredentials);
  request.header.opcode = std::to_underlying(opcode);
  if (opcode == Opcode::MultipartSetup) request.header.flags = kFlagKeep;
  request.header.body_size = static_cast<std::uint32_t>(request.body.size());
  request.header.auth_size = static_cast<std::uint16_t>(request.auth.size());
  return request;
}

}  // namespace strongroom::testing
