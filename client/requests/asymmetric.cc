// Uses of key pairs and public keys.
#include "client/requests/about_key.h"
#include "psa_asymmetric_decrypt.pb.h"
#include "psa_asymmetric_encrypt.pb.h"
#include "psa_raw_key_agreement.pb.h"
#include "psa_sign_hash.pb.h"
#include "psa_sign_message.pb.h"
#include "psa_verify_hash.pb.h"
#include "psa_verify_message.pb.h"

namespace strongroom::requests {

using client::guarded;

Prepared<Bytes> sign_hash(Name key, const psa::AsymmetricSignature& algorithm, ByteView hash) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(use_of_key<psa_sign_hash::Operation>(key, algorithm));
    operation.set_hash(field_of(hash));
    using Answer = psa_sign_hash::Result;
    return prepared<Bytes>(encoded(Opcode::PsaSignHash, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::signature>);
  });
}

Prepared<> verify_hash(Name key, const psa::AsymmetricSignature& algorithm, ByteView hash,
                       ByteView signature) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(use_of_key<psa_verify_hash::Operation>(key, algorithm));
    operation.set_hash(field_of(hash));
    operation.set_signature(field_of(signature));
    return prepared<void>(encoded(Opcode::PsaVerifyHash, kUseOfKey, operation),
                          decode_nothing<psa_verify_hash::Result>);
  });
}

Prepared<Bytes> sign_message(Name key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(use_of_key<psa_sign_message::Operation>(key, algorithm));
    const SecretField secret(operation.mutable_message(), message);
    using Answer = psa_sign_message::Result;
    return prepared<Bytes>(encoded(Opcode::PsaSignMessage, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::signature>);
  });
}

Prepared<> verify_message(Name key, const psa::AsymmetricSignature& algorithm, ByteView message,
                          ByteView signature) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(use_of_key<psa_verify_message::Operation>(key, algorithm));
    const SecretField secret(operation.mutable_message(), message);
    operation.set_signature(field_of(signature));
    return prepared<void>(encoded(Opcode::PsaVerifyMessage, kUseOfKey, operation),
                          decode_nothing<psa_verify_message::Result>);
  });
}

Prepared<Bytes> asymmetric_encrypt(Name key, const psa::AsymmetricEncryption& algorithm,
                                   ByteView plaintext, ByteView label) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(use_of_key<psa_asymmetric_encrypt::Operation>(key, algorithm));
    operation.set_salt(field_of(label));
    const SecretField secret(operation.mutable_plaintext(), plaintext);
    using Answer = psa_asymmetric_encrypt::Result;
    return prepared<Bytes>(encoded(Opcode::PsaAsymmetricEncrypt, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::ciphertext>);
  });
}

Prepared<SecretBytes> asymmetric_decrypt(Name key, const psa::AsymmetricEncryption& algorithm,
                                         ByteView ciphertext, ByteView label) {
  return guarded([&]() -> Prepared<SecretBytes> {
    auto operation = TRY(use_of_key<psa_asymmetric_decrypt::Operation>(key, algorithm));
    operation.set_ciphertext(field_of(ciphertext));
    operation.set_salt(field_of(label));
    using Answer = psa_asymmetric_decrypt::Result;
    return prepared<SecretBytes>(encoded(Opcode::PsaAsymmetricDecrypt, kUseOfKey, operation),
                                 decode_secret<Answer::kPlaintextFieldNumber>);
  });
}

Prepared<SecretBytes> raw_key_agreement(Name private_key, psa::RawKeyAgreement algorithm,
                                        ByteView peer_key) {
  return guarded([&]() -> Prepared<SecretBytes> {
    psa_raw_key_agreement::Operation operation;
    auto checked_name = TRY(key_name(private_key));
    operation.set_private_key_name(std::move(checked_name));
    operation.set_alg(encode(algorithm));
    operation.set_peer_key(field_of(peer_key));
    using Answer = psa_raw_key_agreement::Result;
    return prepared<SecretBytes>(encoded(Opcode::PsaRawKeyAgreement, kUseOfKey, operation),
                                 decode_secret<Answer::kSharedSecretFieldNumber>);
  });
}

}  // namespace strongroom::requests
