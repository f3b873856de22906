// Operations over data that comes in parts. All requests claim the caller's identity, also those of
// hashes, which need none: an operation is continued by whoever began it.
#include "strongroom/multipart.h"

#include <utility>

#include "client/requests/about_key.h"
#include "multipart_abort.pb.h"
#include "multipart_finish.pb.h"
#include "multipart_setup.pb.h"
#include "multipart_update.pb.h"

namespace strongroom::requests {

using client::guarded;

namespace {

using SetupAnswer = ::multipart_setup::Result;
using UpdateAnswer = ::multipart_update::Result;
using FinishAnswer = ::multipart_finish::Result;

ClientResult<OperationId> id_in(const SetupAnswer& message) {
  if (message.operation_id() != 0) return OperationId{message.operation_id()};
  return bad_answer("reading the answer: the operation has no identity");
}

ClientResult<OperationId> decode_id(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<SetupAnswer>(bytes, [](const SetupAnswer& message) { return id_in(message); });
}

ClientResult<BegunEncryption> decode_begun(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<SetupAnswer>(
      bytes, [](const SetupAnswer& message) -> ClientResult<BegunEncryption> {
        const OperationId id = TRY(id_in(message));
        return BegunEncryption{.id = id, .nonce = bytes_of(message.nonce())};
      });
}

ClientResult<EndOfEncryption> decode_end(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<FinishAnswer>(bytes,
                               [](const FinishAnswer& message) -> ClientResult<EndOfEncryption> {
                                 return EndOfEncryption{.ciphertext = bytes_of(message.output()),
                                                        .tag = bytes_of(message.tag())};
                               });
}

// A request that begins an operation may be sent again: what nobody has heard of ends by itself.
constexpr Kind kBeginning = kUseOfKey;

template <typename Text>
ClientResult<Text> text_with(Name key, const psa::Aead& algorithm, ByteView nonce,
                             ByteView additional_data) {
  auto text = TRY(use_of_key<Text>(key, algorithm));
  text.set_nonce(field_of(nonce));
  text.set_additional_data(field_of(additional_data));
  return text;
}

::multipart_finish::Operation end_of(OperationId id, std::uint64_t part_number) {
  ::multipart_finish::Operation operation;
  operation.set_operation_id(std::to_underlying(id));
  operation.set_part_number(part_number);
  return operation;
}

}  // namespace

Prepared<OperationId> begin_hash(psa::Hash hash) {
  return guarded([&] {
    ::multipart_setup::Operation operation;
    operation.mutable_hash()->set_alg(encode(hash));
    return prepared<OperationId>(encoded(Opcode::MultipartSetup, kBeginning, operation), decode_id);
  });
}

Prepared<BegunEncryption> begin_encryption(Name key, const psa::Aead& algorithm, ByteView nonce,
                                           ByteView additional_data) {
  return guarded([&]() -> Prepared<BegunEncryption> {
    using Text = ::multipart_setup::AeadEncrypt;
    ::multipart_setup::Operation operation;
    Text text = TRY(text_with<Text>(key, algorithm, nonce, additional_data));
    *operation.mutable_aead_encrypt() = std::move(text);
    return prepared<BegunEncryption>(encoded(Opcode::MultipartSetup, kBeginning, operation),
                                     decode_begun);
  });
}

Prepared<OperationId> begin_decryption(Name key, const psa::Aead& algorithm, ByteView nonce,
                                       ByteView additional_data) {
  return guarded([&]() -> Prepared<OperationId> {
    using Text = ::multipart_setup::AeadDecrypt;
    ::multipart_setup::Operation operation;
    Text text = TRY(text_with<Text>(key, algorithm, nonce, additional_data));
    *operation.mutable_aead_decrypt() = std::move(text);
    return prepared<OperationId>(encoded(Opcode::MultipartSetup, kBeginning, operation), decode_id);
  });
}

Prepared<SecretBytes> update_operation(OperationId id, std::uint64_t part_number, ByteView data) {
  return guarded([&] {
    ::multipart_update::Operation operation;
    operation.set_operation_id(std::to_underlying(id));
    operation.set_part_number(part_number);
    const SecretField secret(operation.mutable_data(), data);
    return prepared<SecretBytes>(encoded(Opcode::MultipartUpdate, kPart, operation),
                                 decode_secret<UpdateAnswer::kOutputFieldNumber>);
  });
}

Prepared<Bytes> finish_hash(OperationId id, std::uint64_t part_number) {
  return guarded([&] {
    return prepared<Bytes>(encoded(Opcode::MultipartFinish, kPart, end_of(id, part_number)),
                           decode_bytes<FinishAnswer, &FinishAnswer::digest>);
  });
}

Prepared<> compare_hash(OperationId id, std::uint64_t part_number, ByteView digest) {
  return guarded([&] {
    ::multipart_finish::Operation operation = end_of(id, part_number);
    operation.set_expected(field_of(digest));
    return prepared<void>(encoded(Opcode::MultipartFinish, kPart, operation),
                          decode_nothing<FinishAnswer>);
  });
}

Prepared<EndOfEncryption> finish_encryption(OperationId id, std::uint64_t part_number) {
  return guarded([&] {
    return prepared<EndOfEncryption>(
        encoded(Opcode::MultipartFinish, kPart, end_of(id, part_number)), decode_end);
  });
}

Prepared<SecretBytes> finish_decryption(OperationId id, std::uint64_t part_number, ByteView tag) {
  return guarded([&] {
    ::multipart_finish::Operation operation = end_of(id, part_number);
    operation.set_expected(field_of(tag));
    return prepared<SecretBytes>(encoded(Opcode::MultipartFinish, kPart, operation),
                                 decode_secret<FinishAnswer::kOutputFieldNumber>);
  });
}

Prepared<> abort_operation(OperationId id) {
  return guarded([&] {
    ::multipart_abort::Operation operation;
    operation.set_operation_id(std::to_underlying(id));
    return prepared<void>(encoded(Opcode::MultipartAbort, kPart, operation),
                          decode_nothing<::multipart_abort::Result>);
  });
}

}  // namespace strongroom::requests
