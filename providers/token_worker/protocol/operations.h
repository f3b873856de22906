// What the service asks of a worker: one message for an operation, one for its answer. This table
// is all that the two have in common.
#pragma once

#include <cstdint>
#include <tuple>
#include <type_traits>

#include "providers/token_worker/protocol/values.h"

namespace strongroom::token_worker {

// The kind of a message from the service: a request, …
enum class Operation : std::uint16_t {
  Start = 1,  // the first; protocol/start.h
  Identity,
  Materials,
  Supports,
  Generate,
  Import,
  Export,
  Destroy,
  SignHash,
  SignMessage,
  AsymmetricDecrypt,
  AeadEncrypt,
  AeadDecrypt,
  CipherEncrypt,
  CipherDecrypt,
  ComputeMac,
  Agree,
  Random,
  LookFor,
  Describe,
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
  // The token failed, and may have counted a wrong one; the same.
  PinUnclear,
};

// Arguments as the worker reads them (the service writes what is put the same), and the answer.
template <typename Answer, typename... Arguments>
struct Signature {
  using AnswerType = Answer;
  using ArgumentTypes = std::tuple<Arguments...>;
};

template <Operation operation>
using On = std::integral_constant<Operation, operation>;

Signature<pkcs11::TokenIdentity> signature_of(On<Operation::Identity>);
Signature<std::vector<SecretBuffer>> signature_of(On<Operation::Materials>);
Signature<void, Capability, psa::KeyAttributes> signature_of(On<Operation::Supports>);
// The material that the key is to have.
Signature<NewKey, SecretBuffer, psa::KeyAttributes> signature_of(On<Operation::Generate>);
Signature<NewKey, SecretBuffer, psa::KeyAttributes, ByteView> signature_of(On<Operation::Import>);
Signature<SecretBuffer, KeyRecord> signature_of(On<Operation::Export>);
Signature<void, KeyRecord> signature_of(On<Operation::Destroy>);
Signature<Bytes, KeyRecord, psa::AsymmetricSignature, ByteView> signature_of(
    On<Operation::SignHash>);
Signature<Bytes, KeyRecord, psa::AsymmetricSignature, ByteView> signature_of(
    On<Operation::SignMessage>);
Signature<SecretBuffer, KeyRecord, psa::AsymmetricEncryption, ByteView, ByteView> signature_of(
    On<Operation::AsymmetricDecrypt>);
Signature<Bytes, KeyRecord, psa::Aead, AeadInput, ByteView> signature_of(
    On<Operation::AeadEncrypt>);
Signature<SecretBuffer, KeyRecord, psa::Aead, AeadInput, ByteView> signature_of(
    On<Operation::AeadDecrypt>);
Signature<Bytes, KeyRecord, psa::Cipher, ByteView> signature_of(On<Operation::CipherEncrypt>);
Signature<SecretBuffer, KeyRecord, psa::Cipher, ByteView> signature_of(
    On<Operation::CipherDecrypt>);
Signature<Bytes, KeyRecord, psa::Mac, ByteView> signature_of(On<Operation::ComputeMac>);
Signature<SecretBuffer, KeyRecord, psa::RawKeyAgreement, ByteView> signature_of(
    On<Operation::Agree>);
Signature<SecretBuffer, std::uint64_t> signature_of(On<Operation::Random>);
Signature<void, KeyRecord> signature_of(On<Operation::LookFor>);
Signature<std::string, SecretBuffer> signature_of(On<Operation::Describe>);

template <Operation operation>
using SignatureOf = decltype(signature_of(On<operation>()));

}  // namespace strongroom::token_worker
