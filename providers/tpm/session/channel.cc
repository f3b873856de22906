#include "providers/tpm/session/channel.h"

#include <algorithm>

#include "base/log.h"
#include "providers/tpm/session/salt.h"

namespace strongroom::tpm {
namespace {

// TPM 2.0 r1.59 Part 1 §18.7: what the command is, on what it acts, and how.
Result<Digest> command_digest(const Primitives& primitives, const Command& command) {
  Writer code;
  code.put(command.code);
  Bytes names;
  for (const Entity& entity : command.entities)
    names.insert(names.end(), entity.name.begin(), entity.name.end());
  return primitives.sha256({code.view(), names, command.parameters.view()});
}

// Part 1 §18.8.
Result<Digest> answer_digest(const Primitives& primitives, const Command& command,
                             ByteView parameters) {
  Writer codes;
  codes.put(TPM2_RC_SUCCESS).put(command.code);
  return primitives.sha256({codes.view(), parameters});
}

std::unexpected<Error> unfit(const Command& command, std::size_t authorizations) {
  return fail(Status::PsaErrorInvalidArgument,
              fmt::format("{} with {} authorizations, the one at {} for protection", command.name,
                          authorizations, command.protector));
}

BYTE type_of(SessionKind kind) {
  return kind == SessionKind::Hmac ? TPM2_SE_HMAC : TPM2_SE_POLICY;
}

}  // namespace

Outcome<AnswerParts> Channel::send(const Command& command,
                                   std::span<const TPMS_AUTH_COMMAND> authorizations) {
  if (!command.parameters.is_sound())
    return std::unexpected(tpm_error(command.name, command.parameters.code()));
  std::vector<TPM2_HANDLE> handles(command.entities.size());
  std::ranges::transform(command.entities, handles.begin(), &Entity::handle);
  Writer bytes;
  TRY(write_command({command.name, command.code, handles, command.parameters.view()},
                    authorizations, bytes));
  auto answer = TRY(device_.transact(command.name, bytes.view(), command.patience));
  return read_answer(command.name, answer, command.answer_handle, authorizations.size());
}

Outcome<Answer> Channel::run(const Command& command) {
  auto parts = TRY(send(command, {}));
  return Answer{parts.handle, Reader(command.name, parts.parameters)};
}

Outcome<Answer> Channel::run(Command& command, std::span<const Authorization> authorizations) {
  if (authorizations.size() > kMostAuthorizations || command.protector >= authorizations.size())
    return unfit(command, authorizations.size());
  auto written = TRY(authorize(command, authorizations));
  auto parts = TRY(send(command, written));
  TRY(accept(command, authorizations, parts));
  if (command.protection.answer)
    TRY(authorizations[command.protector].session.decrypt(parts.parameters));
  return Answer{parts.handle, Reader(command.name, parts.parameters)};
}

Outcome<std::vector<TPMS_AUTH_COMMAND>> Channel::authorize(
    Command& command, std::span<const Authorization> authorizations) {
  const Authorization& protector = authorizations[command.protector];
  for (const Authorization& each : authorizations)
    TRY(each.session.begin(each.auth, &each == &protector ? command.protection : Protection()));
  if (command.protection.command) TRY(protector.session.encrypt(command.parameters.mutable_view()));
  auto digest = TRY(command_digest(primitives_, command));
  bool is_protected = command.protection.command || command.protection.answer;
  std::vector<TPMS_AUTH_COMMAND> written;
  for (const Authorization& each : authorizations) {
    // Part 1 §19.6.5: the first session covers the nonce of the one that encrypts.
    bool covers_protector = is_protected && written.empty() && command.protector != 0;
    auto authorization = TRY(each.session.authorize(
        digest, covers_protector ? protector.session.nonce_tpm() : ByteView()));
    written.push_back(authorization);
  }
  return written;
}

Outcome<> Channel::accept(const Command& command, std::span<const Authorization> authorizations,
                          const AnswerParts& parts) {
  auto digest = TRY(answer_digest(primitives_, command, parts.parameters));
  for (std::size_t i = 0; i < authorizations.size(); ++i) {
    auto accepted = authorizations[i].session.accept(parts.authorizations[i], digest);
    if (accepted) continue;
    accepted.error().add_context(command.name);
    return accepted;
  }
  return {};
}

Outcome<HmacSession> start_session(Channel& channel, const std::optional<SaltKey>& key,
                                   SessionKind kind) {
  TPM2B_ENCRYPTED_SECRET encrypted{};
  SecretBuffer salt;
  if (key) {
    auto made = TRY(make_salt(channel.primitives(), key->public_area, kForSession));
    encrypted = made.encrypted;
    salt = std::move(made.value);
  }
  auto nonce_caller = TRY(HmacSession::new_nonce());
  TPMT_SYM_DEF symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 8 * kAesKeySize;
  symmetric.mode.aes = TPM2_ALG_CFB;
  Command command{.name = "TPM2_StartAuthSession",
                  .code = TPM2_CC_StartAuthSession,
                  .entities = {{key ? key->handle : TPM2_RH_NULL, {}}, {TPM2_RH_NULL, {}}},
                  .answer_handle = AnswerHandle::One};
  command.parameters.put(&Tss2_MU_TPM2B_NONCE_Marshal, nonce_caller)
      .put(&Tss2_MU_TPM2B_ENCRYPTED_SECRET_Marshal, encrypted)
      .put(type_of(kind))
      .put(&Tss2_MU_TPMT_SYM_DEF_Marshal, symmetric)
      .put(UINT16{TPM2_ALG_SHA256});
  auto answer = TRY(channel.run(command));
  FlushedHandle session(channel, answer.handle);
  auto nonce_tpm = TRY(answer.parameters.take(&Tss2_MU_TPM2B_NONCE_Unmarshal));
  TRY(answer.parameters.end());
  auto secret =
      TRY(HmacSession::key_of(channel.primitives(), salt.reveal(), nonce_tpm, nonce_caller));
  session.abandon();
  return HmacSession(channel.primitives(), answer.handle, std::move(secret), nonce_tpm, kind);
}

Outcome<> flush(Channel& channel, TPM2_HANDLE handle) {
  Command command{.name = "TPM2_FlushContext", .code = TPM2_CC_FlushContext};
  command.parameters.put(handle);
  TRY(channel.run(command));
  return {};
}

FlushedHandle::~FlushedHandle() {
  if (channel_ == nullptr) return;
  if (auto flushed = flush(*channel_, handle_); !flushed)
    log::warning("tpm", "letting go of handle 0x{:x}: {}", handle_, flushed.error().message());
}

}  // namespace strongroom::tpm
