#include "strongroom/key_attestation.h"

#include "attest_key.pb.h"
#include "certify_key.pb.h"
#include "client/requests/about_key.h"
#include "prepare_key_attestation.pb.h"
#include "quote.pb.h"

namespace strongroom::requests {

using client::guarded;

namespace {

ClientResult<AttestationIdentity> decode_identity(const EncodedRequest& /*request*/,
                                                  ByteView bytes) {
  using Answer = ::prepare_key_attestation::Result;
  return reading<Answer>(bytes, [](const Answer& message) -> ClientResult<AttestationIdentity> {
    const auto& output = message.output().activate_credential();
    return AttestationIdentity{.name = bytes_of(output.name()),
                               .public_area = bytes_of(output.public_()),
                               .endorsement_key = bytes_of(output.attesting_key_pub())};
  });
}

// Three messages within each other, the first field of each.
ClientResult<SecretBytes> decode_credential(const EncodedRequest& /*request*/, ByteView bytes) {
  return guarded([&]() -> ClientResult<SecretBytes> {
    auto output = TRY(secret_field(bytes, 1));
    auto mechanism = TRY(secret_field(output, 1));
    return secret_field(mechanism, 1);
  });
}

template <typename Answer>
TpmStatement statement_in(const Answer& message) {
  return {.attest = bytes_of(message.attest()),
          .signature = bytes_of(message.signature()),
          .attestation_key = bytes_of(message.attestation_key())};
}

ClientResult<KeyCertificate> decode_certificate(const EncodedRequest& /*request*/, ByteView bytes) {
  using Answer = ::certify_key::Result;
  return reading<Answer>(bytes, [](const Answer& message) -> ClientResult<KeyCertificate> {
    return KeyCertificate{.statement = statement_in(message),
                          .public_area = bytes_of(message.public_())};
  });
}

ClientResult<RegisterQuote> decode_quote(const EncodedRequest& request, ByteView bytes) {
  using Answer = ::quote::Result;
  return reading<Answer>(bytes, [&](const Answer& message) -> ClientResult<RegisterQuote> {
    RegisterQuote quote{.statement = statement_in(message), .values = {}};
    for (const std::string& value : message.values())
      quote.values.push_back(bytes_of(value));
    if (quote.values.size() == request.expected_count) return quote;
    return bad_answer(fmt::format("reading the answer: it has {} registers, not {}",
                                  quote.values.size(), request.expected_count));
  });
}

Prepared<AttestationIdentity> preparation(const ::prepare_key_attestation::Operation& operation) {
  return prepared<AttestationIdentity>(encoded(Opcode::PrepareKeyAttestation, kUseOfKey, operation),
                                       decode_identity);
}

Prepared<SecretBytes> activation(::attest_key::Operation& operation, ByteView credential,
                                 ByteView secret) {
  auto& parameters = *operation.mutable_parameters()->mutable_activate_credential();
  parameters.set_credential_blob(field_of(credential));
  parameters.set_secret(field_of(secret));
  return prepared<SecretBytes>(encoded(Opcode::AttestKey, kUseOfKey, operation), decode_credential);
}

}  // namespace

Prepared<AttestationIdentity> prepare_key_attestation(Name key) {
  return guarded([&]() -> Prepared<AttestationIdentity> {
    auto name = TRY(key_name(key));
    ::prepare_key_attestation::Operation operation;
    operation.mutable_parameters()->mutable_activate_credential()->set_attested_key_name(
        std::move(name));
    return preparation(operation);
  });
}

Prepared<AttestationIdentity> prepare_attestation_key() {
  return guarded([&]() -> Prepared<AttestationIdentity> {
    ::prepare_key_attestation::Operation operation;
    operation.mutable_parameters()->mutable_activate_credential()->set_attestation_key(true);
    return preparation(operation);
  });
}

Prepared<SecretBytes> attest_key(Name key, ByteView credential, ByteView secret) {
  return guarded([&]() -> Prepared<SecretBytes> {
    auto name = TRY(key_name(key));
    ::attest_key::Operation operation;
    operation.set_attested_key_name(std::move(name));
    return activation(operation, credential, secret);
  });
}

Prepared<SecretBytes> attest_attestation_key(ByteView credential, ByteView secret) {
  return guarded([&]() -> Prepared<SecretBytes> {
    ::attest_key::Operation operation;
    operation.set_attestation_key(true);
    return activation(operation, credential, secret);
  });
}

Prepared<KeyCertificate> certify_key(Name key, ByteView qualifying_data) {
  return guarded([&]() -> Prepared<KeyCertificate> {
    auto operation = TRY(about_key<::certify_key::Operation>(key));
    operation.set_qualifying_data(field_of(qualifying_data));
    return prepared<KeyCertificate>(encoded(Opcode::CertifyKey, kUseOfKey, operation),
                                    decode_certificate);
  });
}

Prepared<RegisterQuote> quote(std::span<const RegisterSelection> selections,
                              ByteView qualifying_data) {
  return guarded([&]() -> Prepared<RegisterQuote> {
    ::quote::Operation operation;
    std::uint64_t count = 0;
    for (const RegisterSelection& selection : selections) {
      auto& bank = *operation.add_banks();
      bank.set_hash(encode(selection.bank));
      bank.mutable_registers()->Add(selection.registers.begin(), selection.registers.end());
      count += selection.registers.size();
    }
    operation.set_qualifying_data(field_of(qualifying_data));
    EncodedRequest request = TRY(encoded(Opcode::Quote, kUseOfKey, operation));
    request.expected_count = count;
    return prepared<RegisterQuote>(std::move(request), decode_quote);
  });
}

}  // namespace strongroom::requests
