// Uses of symmetric keys, and what needs no key.
#include "client/requests/about_key.h"
#include "psa_aead_decrypt.pb.h"
#include "psa_aead_encrypt.pb.h"
#include "psa_cipher_decrypt.pb.h"
#include "psa_cipher_encrypt.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_hash_compare.pb.h"
#include "psa_hash_compute.pb.h"
#include "psa_mac_compute.pb.h"
#include "psa_mac_verify.pb.h"

namespace strongroom::requests {

using client::guarded;

Prepared<Bytes> aead_encrypt(Name key, const psa::Aead& algorithm, ByteView nonce,
                             ByteView additional_data, ByteView plaintext) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(use_of_key<psa_aead_encrypt::Operation>(key, algorithm));
    operation.set_nonce(field_of(nonce));
    operation.set_additional_data(field_of(additional_data));
    const SecretField secret(operation.mutable_plaintext(), plaintext);
    using Answer = psa_aead_encrypt::Result;
    return prepared<Bytes>(encoded(Opcode::PsaAeadEncrypt, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::ciphertext>);
  });
}

Prepared<SecretBytes> aead_decrypt(Name key, const psa::Aead& algorithm, ByteView nonce,
                                   ByteView additional_data, ByteView ciphertext) {
  return guarded([&]() -> Prepared<SecretBytes> {
    auto operation = TRY(use_of_key<psa_aead_decrypt::Operation>(key, algorithm));
    operation.set_nonce(field_of(nonce));
    operation.set_additional_data(field_of(additional_data));
    operation.set_ciphertext(field_of(ciphertext));
    using Answer = psa_aead_decrypt::Result;
    return prepared<SecretBytes>(encoded(Opcode::PsaAeadDecrypt, kUseOfKey, operation),
                                 decode_secret<Answer::kPlaintextFieldNumber>);
  });
}

Prepared<Bytes> cipher_encrypt(Name key, psa::Cipher algorithm, ByteView plaintext) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(use_of_key<psa_cipher_encrypt::Operation>(key, algorithm));
    const SecretField secret(operation.mutable_plaintext(), plaintext);
    using Answer = psa_cipher_encrypt::Result;
    return prepared<Bytes>(encoded(Opcode::PsaCipherEncrypt, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::ciphertext>);
  });
}

Prepared<SecretBytes> cipher_decrypt(Name key, psa::Cipher algorithm, ByteView ciphertext) {
  return guarded([&]() -> Prepared<SecretBytes> {
    auto operation = TRY(use_of_key<psa_cipher_decrypt::Operation>(key, algorithm));
    operation.set_ciphertext(field_of(ciphertext));
    using Answer = psa_cipher_decrypt::Result;
    return prepared<SecretBytes>(encoded(Opcode::PsaCipherDecrypt, kUseOfKey, operation),
                                 decode_secret<Answer::kPlaintextFieldNumber>);
  });
}

Prepared<Bytes> mac_compute(Name key, const psa::Mac& algorithm, ByteView input) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(use_of_key<psa_mac_compute::Operation>(key, algorithm));
    const SecretField secret(operation.mutable_input(), input);
    using Answer = psa_mac_compute::Result;
    return prepared<Bytes>(encoded(Opcode::PsaMacCompute, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::mac>);
  });
}

Prepared<> mac_verify(Name key, const psa::Mac& algorithm, ByteView input, ByteView mac) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(use_of_key<psa_mac_verify::Operation>(key, algorithm));
    const SecretField secret(operation.mutable_input(), input);
    operation.set_mac(field_of(mac));
    return prepared<void>(encoded(Opcode::PsaMacVerify, kUseOfKey, operation),
                          decode_nothing<psa_mac_verify::Result>);
  });
}

Prepared<Bytes> hash_compute(psa::Hash hash, ByteView input) {
  return guarded([&]() -> Prepared<Bytes> {
    psa_hash_compute::Operation operation;
    operation.set_alg(encode(hash));
    const SecretField secret(operation.mutable_input(), input);
    using Answer = psa_hash_compute::Result;
    return prepared<Bytes>(encoded(Opcode::PsaHashCompute, kKeyless, operation),
                           decode_bytes<Answer, &Answer::hash>);
  });
}

Prepared<> hash_compare(psa::Hash hash, ByteView input, ByteView digest) {
  return guarded([&]() -> Prepared<> {
    psa_hash_compare::Operation operation;
    operation.set_alg(encode(hash));
    const SecretField secret(operation.mutable_input(), input);
    operation.set_hash(field_of(digest));
    return prepared<void>(encoded(Opcode::PsaHashCompare, kKeyless, operation),
                          decode_nothing<psa_hash_compare::Result>);
  });
}

namespace {

ClientResult<SecretBytes> decode_random(const EncodedRequest& request, ByteView bytes) {
  using Answer = psa_generate_random::Result;
  return guarded([&]() -> ClientResult<SecretBytes> {
    SecretBytes random = TRY(secret_field(bytes, Answer::kRandomBytesFieldNumber));
    if (random.size() == request.expected_count) return random;
    return bad_answer(fmt::format("reading the answer: it has {} random bytes, not {}",
                                  random.size(), request.expected_count));
  });
}

}  // namespace

Prepared<SecretBytes> generate_random(std::uint64_t bytes) {
  return guarded([&]() -> Prepared<SecretBytes> {
    psa_generate_random::Operation operation;
    operation.set_size(bytes);
    EncodedRequest request = TRY(encoded(Opcode::PsaGenerateRandom, kKeyless, operation));
    request.expected_count = bytes;
    return prepared<SecretBytes>(std::move(request), decode_random);
  });
}

}  // namespace strongroom::requests
