// Policy sessions, and several authorizations of one command, against a real TPM and against the
// TSS's own session layer.
#include <algorithm>
#include <array>

#include "providers/tpm/objects/policies.h"
#include "tests/support/tpm/esys.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::Esys;
using testing::FailsWith;
using testing::IsOk;
using Session = testing::Esys::Session;

constexpr auto kTampered = Status::PsaErrorCorruptionDetected;

// A policy session, ended with its object.
struct Policy {
  HmacSession session;
  FlushedHandle owned;
};

class PolicySessionTest : public ChannelFixture {
 protected:
  Policy started(const std::optional<SaltKey>& salt, SessionKind kind = SessionKind::Policy) {
    auto begun = start_session(*channel, salt, kind);
    EXPECT_THAT(begun, IsOk());
    FlushedHandle owned(*channel, begun->handle());
    return {*std::move(begun), std::move(owned)};
  }
  Policy salted(SessionKind kind = SessionKind::Policy) {
    return started(SaltKey{root.handle, root_area}, kind);
  }
  Outcome<> prove_owner(const Policy& policy) {
    const Entity owner{TPM2_RH_OWNER, name_of(TPM2_RH_OWNER)};
    return policy_secret(secured(), {owner, {}}, policy.session);
  }
  Outcome<> policy_auth_value(const Policy& policy) {
    Command command{.name = "TPM2_PolicyAuthValue",
                    .code = TPM2_CC_PolicyAuthValue,
                    .entities = {entity_of(policy.session)}};
    TRY(channel->run(command));
    return {};
  }
  TPM2B_DIGEST digest_of(const Policy& policy) {
    Command command{.name = "TPM2_PolicyGetDigest",
                    .code = TPM2_CC_PolicyGetDigest,
                    .entities = {entity_of(policy.session)}};
    auto answer = channel->run(command);
    EXPECT_THAT(answer, IsOk());
    return *answer->parameters.take(&Tss2_MU_TPM2B_DIGEST_Unmarshal);
  }
  // One that only a policy authorizes.
  KeyBlob blob_under(const TPM2B_DIGEST& policy) {
    TPMT_PUBLIC area = *generated_key(kEcPair, 256);
    area.objectAttributes &= ~TPMA_OBJECT_USERWITHAUTH;
    area.authPolicy = policy;
    auto blob = create(secured(), root, area, auth);
    EXPECT_THAT(blob, IsOk());
    return *blob;
  }
  KeyBlob blob_of_the_owner() {
    auto trial = salted();
    EXPECT_THAT(prove_owner(trial), IsOk());
    return blob_under(digest_of(trial));
  }
  Outcome<SecretBuffer> agreed(std::span<const Authorization> by, const Entity& key,
                               std::size_t protector) {
    Command command{.name = "TPM2_ECDH_ZGen",
                    .code = TPM2_CC_ECDH_ZGen,
                    .entities = {key},
                    .protection = {.command = true, .answer = true},
                    .protector = protector};
    TPM2B_ECC_POINT peer{.size = 0, .point = root_area.unique.ecc};
    command.parameters.put(&Tss2_MU_TPM2B_ECC_POINT_Marshal, peer);
    auto answer = TRY(channel->run(command, by));
    auto z = TRY(answer.parameters.take(&Tss2_MU_TPM2B_ECC_POINT_Unmarshal));
    return TRY(
        SecretBuffer::copy_of(std::as_bytes(std::span(z.point.x.buffer).first(z.point.x.size))));
  }
  Outcome<SecretBuffer> agreed_by(Policy& policy, const Entity& key) {
    const std::array by = {Authorization{policy.session, auth}};
    return agreed(by, key, 0);
  }
};

// Who sits on the way could satisfy the policy of a session of its own as it likes.
TEST_F(PolicySessionTest, AHandleThatSomebodyElseHasPutInIsNotBelieved) {
  make_root(RootType::EccP256);
  {
    auto ours = salted();
    EXPECT_THAT(policy_digest(*channel, ours.session), IsOk());
  }
  auto planted = started(std::nullopt);
  constexpr std::size_t kHeaderSize = 10;
  faults.on_answer = [&](std::uint32_t code, Bytes& answer) {
    if (code != TPM2_CC_StartAuthSession) return;
    Writer handle;
    handle.put(planted.session.handle());
    std::ranges::copy(handle.view(), answer.begin() + kHeaderSize);
  };
  auto begun = start_session(*channel, SaltKey{root.handle, root_area}, SessionKind::Policy);
  ASSERT_THAT(begun, IsOk());
  EXPECT_EQ(begun->handle(), planted.session.handle());
  EXPECT_FALSE(policy_digest(*channel, *begun));
}

TEST_F(PolicySessionTest, ASaltedOneAuthorizesAndEncryptsBothWaysItself) {
  make_root(RootType::EccP256);
  auto key = loaded(blob_of_the_owner());
  auto policy = salted();
  ASSERT_THAT(prove_owner(policy), IsOk());
  auto ours = agreed_by(policy, key.entity);
  ASSERT_THAT(ours, IsOk());
  const KeyBlob blob = key.blob;
  const TPMS_ECC_POINT peer = root_area.unique.ecc;
  key = {};
  policy.owned = {};
  TearDown();
  Esys esys(tpm().tcti());
  ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
  ESYS_TR theirs = esys.load(parent, blob, auth);
  for (Session kind : {Session::Hmac, Session::HmacWithEncryption}) {
    ESYS_TR with = esys.start_policy_secret(parent, ESYS_TR_RH_OWNER, kind);
    EXPECT_EQ(esys.ecdh_z(theirs, with, std::as_bytes(std::span(peer.x.buffer).first(peer.x.size)),
                          std::as_bytes(std::span(peer.y.buffer).first(peer.y.size))),
              copy_of(ours->reveal()));
    esys.flush(with);
  }
  esys.flush(theirs);
  esys.flush(parent);
}

TEST_F(PolicySessionTest, AnUnsaltedOneAuthorizesToo) {
  make_root(RootType::EccP256);
  auto key = loaded(blob_of_the_owner());
  auto policy = started(std::nullopt);
  ASSERT_THAT(prove_owner(policy), IsOk());
  EXPECT_THAT(agreed_by(policy, key.entity), IsOk());
}

TEST_F(PolicySessionTest, WhatIsNotProvenIsNotAllowed) {
  make_root(RootType::EccP256);
  auto key = loaded(blob_of_the_owner());
  auto policy = salted();
  auto refused = agreed_by(policy, key.entity);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), TPM2_RC_POLICY_FAIL);
  ASSERT_THAT(prove_owner(policy), IsOk());
  EXPECT_THAT(agreed_by(policy, key.entity), IsOk()) << "the session goes on";
}

TEST_F(PolicySessionTest, EachUseMustBeProvenAnew) {
  make_root(RootType::EccP256);
  auto key = loaded(blob_of_the_owner());
  auto policy = salted();
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(prove_owner(policy), IsOk());
    EXPECT_THAT(agreed_by(policy, key.entity), IsOk());
  }
  EXPECT_FALSE(agreed_by(policy, key.entity));
}

TEST_F(PolicySessionTest, AnAuthValueCanBePartOfThePolicy) {
  make_root(RootType::EccP256);
  auto trial = salted();
  ASSERT_THAT(policy_auth_value(trial), IsOk());
  auto key = loaded(blob_under(digest_of(trial)));
  trial.owned = {};
  auto policy = salted(SessionKind::PolicyWithAuthValue);
  ASSERT_THAT(policy_auth_value(policy), IsOk());
  EXPECT_THAT(agreed_by(policy, key.entity), IsOk());
  ASSERT_THAT(policy_auth_value(policy), IsOk());
  const Bytes wrong(32, std::byte{1});
  const std::array by = {Authorization{policy.session, wrong}};
  EXPECT_FALSE(agreed(by, key.entity, 0));
}

TEST_F(PolicySessionTest, AnotherSessionThanTheFirstCanEncrypt) {
  make_root(RootType::EccP256);
  auto with_auth = new_key(kEcPair, 256);
  auto with_policy = loaded(blob_of_the_owner());
  auto unsalted = started(std::nullopt, SessionKind::Hmac);
  const std::array by_auth = {Authorization{unsalted.session, auth}, Authorization{*session}};
  const std::array unprotected = {Authorization{*session, auth}};
  auto expected = agreed(unprotected, with_auth.entity, 0);
  for (int i = 0; i < 2; ++i) {
    auto z = agreed(by_auth, with_auth.entity, 1);
    ASSERT_THAT(z, IsOk());
    EXPECT_EQ(copy_of(z->reveal()), copy_of(expected->reveal()));
  }
  unsalted.owned = {};
  auto policy = started(std::nullopt);
  ASSERT_THAT(prove_owner(policy), IsOk());
  const std::array by_policy = {Authorization{policy.session, auth}, Authorization{*session}};
  EXPECT_THAT(agreed(by_policy, with_policy.entity, 1), IsOk());
}

TEST_F(PolicySessionTest, MoreSessionsThanACommandTakesAreRefused) {
  make_root(RootType::EccP256);
  Command command{.name = "TPM2_GetRandom", .code = TPM2_CC_GetRandom};
  command.parameters.put(UINT16{8});
  const std::array four = {Authorization{*session}, Authorization{*session},
                           Authorization{*session}, Authorization{*session}};
  EXPECT_THAT(channel->run(command, four), FailsWith(Status::PsaErrorInvalidArgument));
  EXPECT_THAT(channel->run(command, std::span<const Authorization>()),
              FailsWith(Status::PsaErrorInvalidArgument));
  command.protector = 1;
  EXPECT_THAT(channel->run(command, *session, {}), FailsWith(Status::PsaErrorInvalidArgument));
}

// With an endorsement key: its policy authorizes it, its auth value the other key.
class CredentialTest : public PolicySessionTest {
 protected:
  static constexpr std::size_t kSecretSize = 20;

  void make_all() {
    make_root(RootType::EccP256);
    key.emplace(new_key(kEcPair, 256));
    const Entity hierarchy{TPM2_RH_ENDORSEMENT, name_of(TPM2_RH_ENDORSEMENT)};
    auto made = create_primary(secured(), {hierarchy, {}}, endorsement_key());
    ASSERT_THAT(made, IsOk());
    endorsement = Entity{made->handle, *name_of(*primitives, made->public_area)};
    endorsement_owned = FlushedHandle(*channel, made->handle);
    policy.emplace(salted());
    ASSERT_THAT(policy_secret(secured(), {hierarchy, {}}, policy->session), IsOk());
  }
  void TearDown() override {
    key.reset();
    policy.reset();
    endorsement_owned = {};
    PolicySessionTest::TearDown();
  }
  Outcome<SecretBuffer> activated(const Credential& credential) {
    return activate_credential(secured(), {key->entity, auth}, {endorsement, policy->session},
                               credential);
  }
  // By another TPM's help, which has nothing of this one but a public key.
  Credential credential_for(ByteView name) {
    testing::SwTpm elsewhere;
    Command command{
        .name = "TPM2_ReadPublic", .code = TPM2_CC_ReadPublic, .entities = {endorsement}};
    auto answer = channel->run(command);
    auto area = answer->parameters.take(&Tss2_MU_TPM2B_PUBLIC_Unmarshal);
    Esys esys(elsewhere.tcti());
    ESYS_TR known = esys.load_external(area->publicArea);
    auto credential = esys.make_credential(known, name, secret);
    esys.flush(known);
    return credential;
  }

  std::optional<LoadedKey> key;
  Entity endorsement{};
  FlushedHandle endorsement_owned;
  std::optional<Policy> policy;
  const Bytes secret = Bytes(kSecretSize, std::byte{0xc3});
};

TEST_F(CredentialTest, OneCommandTakesAnAuthValueAndAPolicy) {
  make_all();
  auto enclosed = activated(credential_for(key->entity.name));
  ASSERT_THAT(enclosed, IsOk());
  EXPECT_EQ(copy_of(enclosed->reveal()), secret);
}

TEST_F(CredentialTest, EsysActivatesTheSame) {
  make_all();
  auto credential = credential_for(key->entity.name);
  const KeyBlob blob = key->blob;
  TearDown();
  Esys esys(tpm().tcti());
  ESYS_TR parent = esys.create_primary(storage_root(RootType::EccP256));
  ESYS_TR theirs = esys.load(parent, blob, auth);
  ESYS_TR endorsement_of_esys = esys.create_primary(endorsement_key(), ESYS_TR_RH_ENDORSEMENT);
  for (Session kind : {Session::Password, Session::Hmac, Session::HmacWithEncryption}) {
    ESYS_TR with = esys.start(parent, kind);
    ESYS_TR policy_of_esys =
        esys.start_policy_secret(parent, ESYS_TR_RH_ENDORSEMENT, Session::Hmac);
    EXPECT_EQ(
        esys.activate_credential(theirs, with, endorsement_of_esys, policy_of_esys, credential),
        secret);
    esys.flush(policy_of_esys);
    if (with != ESYS_TR_PASSWORD) esys.flush(with);
  }
  esys.flush(theirs);
  esys.flush(parent);
  esys.flush(endorsement_of_esys);
}

TEST_F(CredentialTest, OneForAnotherKeyIsRefused) {
  make_all();
  EXPECT_FALSE(activated(credential_for(root.name)));
}

TEST_F(CredentialTest, EveryBitOfAnAnswerWithTwoAuthorizationsCounts) {
  make_all();
  auto credential = credential_for(key->entity.name);
  const Entity hierarchy{TPM2_RH_ENDORSEMENT, name_of(TPM2_RH_ENDORSEMENT)};
  std::size_t size = 0;
  faults.on_answer = [&](auto, Bytes& answer) { size = answer.size(); };
  ASSERT_THAT(activated(credential), IsOk());
  constexpr std::size_t kHeader = 10;
  for (std::size_t at = kHeader; at < size; ++at) {
    faults.on_answer = {};
    policy.reset();
    start_salted();
    policy.emplace(salted());
    ASSERT_THAT(policy_secret(secured(), {hierarchy, {}}, policy->session), IsOk());
    faults.on_answer = [&](std::uint32_t code, Bytes& answer) {
      if (code == TPM2_CC_ActivateCredential) answer[at] ^= std::byte{1} << (at % 8);
    };
    auto enclosed = activated(credential);
    ASSERT_FALSE(enclosed) << at;
    Status status = enclosed.error().status();
    EXPECT_TRUE(status == kTampered || status == Status::PsaErrorCommunicationFailure) << at;
  }
  faults.on_answer = {};
}

TEST_F(CredentialTest, WhatIsEnclosedCrossesEncrypted) {
  make_all();
  auto credential = credential_for(key->entity.name);
  Bytes received;
  faults.on_answer = [&](auto, Bytes& answer) { received = answer; };
  ASSERT_THAT(activated(credential), IsOk());
  EXPECT_TRUE(std::ranges::search(received, ByteView(secret).first(8)).empty());
  faults.on_answer = {};  // what is flushed at the end would be received, too
}

}  // namespace
}  // namespace strongroom::tpm
