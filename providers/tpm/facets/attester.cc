#include "providers/tpm/facets/attester.h"

#include <algorithm>
#include <optional>

#include "providers/tpm/objects/names.h"
#include "providers/tpm/objects/policies.h"
#include "providers/tpm/objects/public_keys.h"

namespace strongroom::tpm {
namespace {

// How often registers may change between reading and quoting; a kernel that measures what runs
// changes one all the time.
constexpr int kMostAttempts = 5;

// What is stored of an application's key; nothing is of the attestation key.
using Stored = std::optional<SecretBuffer>;

Result<Stored> material_of(const KeyRecord* key) {
  if (key == nullptr) return Stored();
  if (key->attributes.type.is_public_key())
    return fail(Status::PsaErrorNotSupported, "a public key is no key of the TPM");
  auto copy = TRY(SecretBuffer::copy_of(key->material.reveal()));
  return Stored(std::move(copy));
}

// The key to be attested: one of an application's, or the provider's own.
struct Attested {
  Entity entity;
  SecretBuffer auth;
};

Outcome<KeyMaterial> read_material(Tpm& tpm, const SecretBuffer& stored) {
  return from_stored(tpm.channel().primitives(), stored);
}

Outcome<PrimaryKey> known_key(Tpm& tpm, const Stored& stored) {
  if (!stored) {
    TRY(tpm.endorsement().attestation_key(tpm.secured(), tpm.keys()));
    return tpm.endorsement().attestation();
  }
  auto material = TRY(read_material(tpm, *stored));
  return PrimaryKey{material.blob.public_area.publicArea, material.name};
}

Outcome<Attested> loaded_key(Tpm& tpm, const Stored& stored) {
  Attested attested;
  if (!stored) {
    attested.entity = TRY(tpm.endorsement().attestation_key(tpm.secured(), tpm.keys()));
    attested.auth = TRY(SecretBuffer::copy_of(tpm.endorsement().attestation_auth()));
    return attested;
  }
  auto material = TRY(read_material(tpm, *stored));
  attested.entity = TRY(tpm.use(material));
  attested.auth = std::move(material.auth);
  return attested;
}

Outcome<Bytes> marshalled(const TPMT_PUBLIC& area) {
  Writer writer;
  writer.put(&Tss2_MU_TPMT_PUBLIC_Marshal, area);
  if (!writer.is_sound())
    return std::unexpected(tpm_error("Tss2_MU_TPMT_PUBLIC_Marshal", writer.code()));
  return copy_of(writer.view());
}

Outcome<Attester::Preparation> prepared(Tpm& tpm, const Stored& stored) {
  auto key = TRY(known_key(tpm, stored));
  TRY(tpm.endorsement().endorsement_key(tpm.secured(), tpm.keys()));
  Attester::Preparation preparation;
  preparation.name = key.name;
  preparation.public_area = TRY(marshalled(key.public_area));
  preparation.attesting_key = TRY(public_key_of(tpm.endorsement().endorsement().public_area));
  return preparation;
}

// A session of its own, salted like the one that is always there: a command wants another for each
// authorization.
struct OwnSession {
  HmacSession session;
  FlushedHandle owned;
};

Outcome<OwnSession> another_session(Tpm& tpm, SessionKind kind) {
  auto root = TRY(tpm.root());
  auto started = TRY(start_session(tpm.channel(), SaltKey{root.handle, tpm.root_area()}, kind));
  FlushedHandle owned(tpm.channel(), started.handle());
  return OwnSession{std::move(started), std::move(owned)};
}

Outcome<SecretBuffer> activated(Tpm& tpm, const Stored& stored, const Credential& credential) {
  auto policy = TRY(another_session(tpm, SessionKind::Policy));
  // Before the hierarchy's password allows it anything, it has to be the session that we began.
  std::ignore = TRY(policy_digest(tpm.channel(), policy.session));
  TRY(tpm.endorsement().satisfy(tpm.secured(), policy.session));
  auto endorsement = TRY(tpm.endorsement().endorsement_key(tpm.secured(), tpm.keys()));
  auto key = TRY(loaded_key(tpm, stored));
  return activate_credential(tpm.secured(), {key.entity, key.auth.reveal()},
                             {endorsement, policy.session}, credential);
}

Outcome<Attester::Statement> statement(Tpm& tpm, const SignedStatement& made) {
  Attester::Statement statement;
  const ByteView attest = std::as_bytes(std::span(made.attest.attestationData));
  statement.attest = copy_of(attest.first(made.attest.size));
  Writer signature;
  signature.put(&Tss2_MU_TPMT_SIGNATURE_Marshal, made.signature);
  if (!signature.is_sound())
    return std::unexpected(tpm_error("Tss2_MU_TPMT_SIGNATURE_Marshal", signature.code()));
  statement.signature = copy_of(signature.view());
  statement.attestation_key = TRY(marshalled(tpm.endorsement().attestation().public_area));
  return statement;
}

Outcome<Attester::Certificate> certified(Tpm& tpm, const Stored& stored, ByteView qualifying_data) {
  auto apart = TRY(another_session(tpm, SessionKind::Hmac));
  auto by = TRY(tpm.endorsement().attestation_key(tpm.secured(), tpm.keys()));
  auto material = TRY(read_material(tpm, *stored));
  auto key = TRY(tpm.use(material));
  auto made =
      TRY(certify(tpm.secured(), {key, material.auth.reveal()},
                  {by, apart.session, tpm.endorsement().attestation_auth()}, qualifying_data));
  Attester::Certificate certificate;
  certificate.statement = TRY(statement(tpm, made));
  certificate.public_area = TRY(marshalled(material.blob.public_area.publicArea));
  return certificate;
}

// Whether the statement is about these values.
Outcome<bool> is_of(const Primitives& primitives, const SignedStatement& made,
                    const std::vector<TPM2B_DIGEST>& values) {
  TPM2B_ATTEST copy = made.attest;
  Reader reader("TPM2_Quote",
                std::as_writable_bytes(std::span(copy.attestationData)).first(copy.size));
  auto attest = TRY(reader.take(&Tss2_MU_TPMS_ATTEST_Unmarshal));
  Writer joined;
  for (const TPM2B_DIGEST& value : values)
    joined.put(std::as_bytes(std::span(value.buffer).first(value.size)));
  if (!joined.is_sound() || attest.type != TPM2_ST_ATTEST_QUOTE)
    return std::unexpected(malformed_answer("TPM2_Quote", "another statement"));
  auto digest = TRY(primitives.sha256({joined.view()}));
  const TPM2B_DIGEST& stated = attest.attested.quote.pcrDigest;
  return std::ranges::equal(std::as_bytes(std::span(stated.buffer).first(stated.size)), digest);
}

Outcome<Attester::Quote> quoted(Tpm& tpm, const TPML_PCR_SELECTION& selection,
                                ByteView qualifying_data) {
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    auto by = TRY(tpm.endorsement().attestation_key(tpm.secured(), tpm.keys()));
    auto values = TRY(read_pcrs(tpm.channel(), selection));
    auto made = TRY(quote(tpm.secured(), {by, tpm.endorsement().attestation_auth()}, selection,
                          qualifying_data));
    auto is_current = TRY(is_of(tpm.channel().primitives(), made, values));
    if (!is_current) continue;
    Attester::Quote quote;
    quote.statement = TRY(statement(tpm, made));
    for (const TPM2B_DIGEST& value : values)
      quote.values.push_back(copy_of(std::as_bytes(std::span(value.buffer).first(value.size))));
    return quote;
  }
  return fail(Status::PsaErrorHardwareFailure,
              fmt::format("registers changed {} times while they were quoted", kMostAttempts));
}

Result<TPML_PCR_SELECTION> selection_of(const Capabilities& has,
                                        std::span<const PcrSelection> selections) {
  TPML_PCR_SELECTION list{};
  if (selections.empty() || selections.size() > std::size(list.pcrSelections))
    return fail(Status::PsaErrorInvalidArgument, fmt::format("{} banks", selections.size()));
  for (const PcrSelection& selection : selections) {
    TPMS_PCR_SELECTION& bank = list.pcrSelections[list.count++];
    bank.hash = has.hash(selection.bank);
    if (bank.hash == TPM2_ALG_NULL)
      return fail(Status::PsaErrorNotSupported, "a bank of a hash that the TPM does not have");
    bank.sizeofSelect = 3;  // of 24 registers: PC Client Platform TPM Profile 1.05 §4.6
    for (std::uint32_t pcr : selection.registers) {
      if (pcr >= 8U * bank.sizeofSelect)
        return fail(Status::PsaErrorNotSupported, fmt::format("register {}", pcr));
      bank.pcrSelect[pcr / 8] |= static_cast<BYTE>(1U << (pcr % 8));
    }
  }
  return list;
}

}  // namespace

Result<Attester::Preparation> TpmAttester::prepare(const KeyRecord* key) {
  auto stored = TRY(material_of(key));
  return access_.generate<Preparation>(
      [stored = std::move(stored)](Tpm& tpm) { return prepared(tpm, stored); });
}

Result<SecretBuffer> TpmAttester::activate_credential(const KeyRecord* key,
                                                      ByteView credential_blob, ByteView secret) {
  auto stored = TRY(material_of(key));
  Credential credential;
  const bool is_sized = credential_blob.size() <= sizeof(credential.blob.credential) &&
                        secret.size() <= sizeof(credential.secret.secret);
  if (!is_sized) return fail(Status::PsaErrorInvalidArgument, "a credential too long for a TPM");
  credential.blob.size = static_cast<UINT16>(credential_blob.size());
  std::ranges::copy(credential_blob,
                    std::as_writable_bytes(std::span(credential.blob.credential)).begin());
  credential.secret.size = static_cast<UINT16>(secret.size());
  std::ranges::copy(secret, std::as_writable_bytes(std::span(credential.secret.secret)).begin());
  return access_.generate<SecretBuffer>([stored = std::move(stored), credential](Tpm& tpm) {
    return activated(tpm, stored, credential);
  });
}

Result<Attester::Certificate> TpmAttester::certify(const KeyRecord& key, ByteView qualifying_data) {
  auto stored = TRY(material_of(&key));
  return access_.generate<Certificate>(
      [stored = std::move(stored), data = copy_of(qualifying_data)](Tpm& tpm) {
        return certified(tpm, stored, data);
      });
}

Result<Attester::Quote> TpmAttester::quote(std::span<const PcrSelection> selections,
                                           ByteView qualifying_data) {
  auto has = TRY(access_.capabilities());
  auto selection = TRY(selection_of(*has, selections));
  return access_.generate<Quote>([selection, data = copy_of(qualifying_data)](Tpm& tpm) {
    return quoted(tpm, selection, data);
  });
}

}  // namespace strongroom::tpm
