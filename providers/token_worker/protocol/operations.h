// What the service asks of a worker: one message for an operation, one for its answer. This table
// is all that the two have in common.
#pragma once

#include <cstdint>
#include <tuple>

#include "providers/token_worker/protocol/values.h"

namespace strongroom::token_worker {

// The kind of a message from the service: a request, …
enum class Operation : std::uint16_t {
  Start = 1,  // the first; protocol/start.h
  Identity,
  IdsInToken,
  Supports,
  Generate,
  Import,
  Export,
  Destroy,
  SignHash,
  VerifyHash,
  SignMessage,
  VerifyMessage,
  AsymmetricEncrypt,
  AsymmetricDecrypt,
  AeadEncrypt,
  AeadDecrypt,
  CipherEncrypt,
  CipherDecrypt,
  ComputeMac,
  VerifyMac,
  Agree,
  Random,
  LookFor,
  // … or what a worker has asked for while it serves one.
  Pin = 64,
  NoPin,
  Noted,
};

// The kind of a message from a worker.
enum class Reply : std::uint16_t {
  Done = 128,
  Failed,  // an Error
  // In between, before a login: the PIN is wanted, and then it is wiped. Answered by Pin or NoPin.
  PinWanted,
  // It was refused. Answered by Noted, when that will not be forgotten.
  PinRefused,
};

// Arguments as the worker reads them (the service writes what is put the same), and the answer.
template <typename Answer, typename... Arguments>
struct Signature {
  using AnswerType = Answer;
  using ArgumentTypes = std::tuple<Arguments...>;
};

template <Operation>
struct SignatureOf;

template <>
struct SignatureOf<Operation::Identity> : Signature<pkcs11::TokenIdentity> {};
template <>
struct SignatureOf<Operation::IdsInToken> : Signature<std::vector<pkcs11::ObjectId>> {};
template <>
struct SignatureOf<Operation::Supports> : Signature<void, Capability, psa::KeyAttributes> {};
// The material that the key is to have.
template <>
struct SignatureOf<Operation::Generate> : Signature<NewKey, SecretBuffer, psa::KeyAttributes> {};
template <>
struct SignatureOf<Operation::Import>
    : Signature<NewKey, SecretBuffer, psa::KeyAttributes, ByteView> {};
template <>
struct SignatureOf<Operation::Export> : Signature<SecretBuffer, KeyRecord> {};
template <>
struct SignatureOf<Operation::Destroy> : Signature<void, KeyRecord> {};
template <>
struct SignatureOf<Operation::SignHash>
    : Signature<Bytes, KeyRecord, psa::AsymmetricSignature, ByteView> {};
template <>
struct SignatureOf<Operation::VerifyHash>
    : Signature<void, KeyRecord, psa::AsymmetricSignature, ByteView, ByteView> {};
template <>
struct SignatureOf<Operation::SignMessage>
    : Signature<Bytes, KeyRecord, psa::AsymmetricSignature, ByteView> {};
template <>
struct SignatureOf<Operation::VerifyMessage>
    : Signature<void, KeyRecord, psa::AsymmetricSignature, ByteView, ByteView> {};
template <>
struct SignatureOf<Operation::AsymmetricEncrypt>
    : Signature<Bytes, KeyRecord, psa::AsymmetricEncryption, ByteView, ByteView> {};
template <>
struct SignatureOf<Operation::AsymmetricDecrypt>
    : Signature<SecretBuffer, KeyRecord, psa::AsymmetricEncryption, ByteView, ByteView> {};
template <>
struct SignatureOf<Operation::AeadEncrypt>
    : Signature<Bytes, KeyRecord, psa::Aead, AeadInput, ByteView> {};
template <>
struct SignatureOf<Operation::AeadDecrypt>
    : Signature<SecretBuffer, KeyRecord, psa::Aead, AeadInput, ByteView> {};
template <>
struct SignatureOf<Operation::CipherEncrypt> : Signature<Bytes, KeyRecord, psa::Cipher, ByteView> {
};
template <>
struct SignatureOf<Operation::CipherDecrypt>
    : Signature<SecretBuffer, KeyRecord, psa::Cipher, ByteView> {};
template <>
struct SignatureOf<Operation::ComputeMac> : Signature<Bytes, KeyRecord, psa::Mac, ByteView> {};
template <>
struct SignatureOf<Operation::VerifyMac>
    : Signature<void, KeyRecord, psa::Mac, ByteView, ByteView> {};
template <>
struct SignatureOf<Operation::Agree>
    : Signature<SecretBuffer, KeyRecord, psa::RawKeyAgreement, ByteView> {};
template <>
struct SignatureOf<Operation::Random> : Signature<SecretBuffer, std::uint64_t> {};
template <>
struct SignatureOf<Operation::LookFor> : Signature<void, KeyRecord> {};

}  // namespace strongroom::token_worker
