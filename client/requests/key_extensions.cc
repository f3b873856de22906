// What Strongroom does with keys beyond Parsec's contracts.
#include <deque>
#include <span>
#include <vector>

#include "aead_seal.pb.h"
#include "client/requests/about_key.h"
#include "derive_key.pb.h"
#include "sign_batch.pb.h"
#include "unwrap_key.pb.h"
#include "wrap_key.pb.h"

namespace strongroom::requests {

using client::guarded;

namespace {

ClientResult<SealedText> decode_sealed(const EncodedRequest& /*request*/, ByteView bytes) {
  using Answer = ::aead_seal::Result;
  return reading<Answer>(bytes, [](const Answer& message) -> ClientResult<SealedText> {
    return SealedText{.nonce = bytes_of(message.nonce()),
                      .ciphertext = bytes_of(message.ciphertext())};
  });
}

ClientResult<std::vector<Bytes>> decode_signatures(const EncodedRequest& request, ByteView bytes) {
  using Answer = ::sign_batch::Result;
  return reading<Answer>(bytes, [&](const Answer& message) -> ClientResult<std::vector<Bytes>> {
    std::vector<Bytes> signatures;
    for (const std::string& signature : message.signatures())
      signatures.push_back(bytes_of(signature));
    if (signatures.size() == request.expected_count) return signatures;
    return bad_answer(fmt::format("reading the answer: it has {} signatures, not {}",
                                  signatures.size(), request.expected_count));
  });
}

}  // namespace

Prepared<> derive_key(Name secret, const psa::Algorithm& algorithm,
                      const DerivationParameters& parameters, Name new_key,
                      const psa::KeyAttributes& attributes) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(use_of_key<::derive_key::Operation>(secret, algorithm));
    auto name = TRY(key_name(new_key));
    operation.set_new_key_name(std::move(name));
    *operation.mutable_attributes() = encode(attributes);
    operation.set_peer_key(field_of(parameters.peer_key));
    operation.set_salt(field_of(parameters.salt));
    operation.set_info(field_of(parameters.info));
    operation.set_label(field_of(parameters.label));
    operation.set_seed(field_of(parameters.seed));
    return prepared<void>(encoded(Opcode::DeriveKey, kChangeOfKeys, operation),
                          decode_nothing<::derive_key::Result>);
  });
}

Prepared<Bytes> wrap_key(Name key, Name wrapping_key, const psa::KeyWrap& algorithm) {
  return guarded([&]() -> Prepared<Bytes> {
    auto operation = TRY(use_of_key<::wrap_key::Operation>(key, algorithm));
    auto wrapping = TRY(key_name(wrapping_key));
    operation.set_wrapping_key_name(std::move(wrapping));
    using Answer = ::wrap_key::Result;
    return prepared<Bytes>(encoded(Opcode::WrapKey, kUseOfKey, operation),
                           decode_bytes<Answer, &Answer::wrapped_key>);
  });
}

Prepared<> unwrap_key(Name new_key, const psa::KeyAttributes& attributes, Name unwrapping_key,
                      const psa::KeyWrap& algorithm, ByteView wrapped_key) {
  return guarded([&]() -> Prepared<> {
    auto operation = TRY(requests::new_key<::unwrap_key::Operation>(new_key, attributes));
    auto unwrapping = TRY(key_name(unwrapping_key));
    operation.set_unwrapping_key_name(std::move(unwrapping));
    *operation.mutable_alg() = encode(algorithm);
    operation.set_wrapped_key(field_of(wrapped_key));
    return prepared<void>(encoded(Opcode::UnwrapKey, kChangeOfKeys, operation),
                          decode_nothing<::unwrap_key::Result>);
  });
}

Prepared<std::vector<Bytes>> sign_hashes(Name key, const psa::AsymmetricSignature& algorithm,
                                         std::span<const Bytes> hashes) {
  return guarded([&]() -> Prepared<std::vector<Bytes>> {
    auto operation = TRY(use_of_key<::sign_batch::Operation>(key, algorithm));
    for (const Bytes& hash : hashes)
      operation.add_hashes(field_of(hash));
    EncodedRequest request = TRY(encoded(Opcode::SignBatch, kUseOfKey, operation));
    request.expected_count = hashes.size();
    return prepared<std::vector<Bytes>>(std::move(request), decode_signatures);
  });
}

Prepared<std::vector<Bytes>> sign_messages(Name key, const psa::AsymmetricSignature& algorithm,
                                           std::span<const Bytes> messages) {
  return guarded([&]() -> Prepared<std::vector<Bytes>> {
    auto operation = TRY(use_of_key<::sign_batch::Operation>(key, algorithm));
    std::deque<SecretField> secrets;
    for (const Bytes& message : messages)
      secrets.emplace_back(operation.add_messages(), message);
    EncodedRequest request = TRY(encoded(Opcode::SignBatch, kUseOfKey, operation));
    request.expected_count = messages.size();
    return prepared<std::vector<Bytes>>(std::move(request), decode_signatures);
  });
}

Prepared<SealedText> aead_seal(Name key, const psa::Aead& algorithm, ByteView additional_data,
                               ByteView plaintext) {
  return guarded([&]() -> Prepared<SealedText> {
    auto operation = TRY(use_of_key<::aead_seal::Operation>(key, algorithm));
    operation.set_additional_data(field_of(additional_data));
    const SecretField secret(operation.mutable_plaintext(), plaintext);
    return prepared<SealedText>(encoded(Opcode::AeadSeal, kUseOfKey, operation), decode_sealed);
  });
}

}  // namespace strongroom::requests
