// Operations in parts: who may go on with them, and what ends them.
#include "aead_seal.pb.h"
#include "tests/unit/dispatch/multipart_fixture.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::abort_of;
using testing::decryption;
using testing::encryption;
using testing::finish_of;
using testing::generate_body;
using testing::kAesGcm;
using testing::key_of;
using testing::Multipart;
using testing::request_of;
using testing::request_with;
using testing::result_in;
using testing::setup_of_hash;
using testing::update_of;
using testing::valid_body;
using testing::without_identity;

TEST_F(Multipart, AHashIsThatOfItsPartsInTheirOrder) {
  const std::uint64_t id = begun_hash();
  EXPECT_NE(id, 0U);
  EXPECT_EQ(status_of(update_of(id, 1, "abc")), Status::Success);
  EXPECT_EQ(status_of(update_of(id, 2, "")), Status::Success);
  EXPECT_EQ(status_of(update_of(id, 3, "def")), Status::Success);
  EXPECT_EQ(digest_of(id, 3), "ad" + std::string(30, 'h'));
  EXPECT_EQ(status_of(finish_of(id, 5)), Status::PsaErrorBadState);
}

TEST_F(Multipart, NeedsAConnectionThatIsKept) {
  Request last = setup_of_hash();
  last.header.flags = 0;
  EXPECT_EQ(status_of(last), Status::PsaErrorBadState);
  const std::uint64_t id = begun_hash();
  EXPECT_EQ(status_of(last), Status::PsaErrorBadState) << "on a connection that was kept so far";
  // The last request may be the end.
  Request end = finish_of(id, 1);
  ASSERT_EQ(end.header.flags, 0);
  EXPECT_EQ(status_of(end), Status::Success);

  service_.caller.session = nullptr;
  service_.caller.peer.process = nullptr;
  EXPECT_EQ(status_of(setup_of_hash()), Status::PsaErrorBadState);
}

TEST_F(Multipart, OtherConnectionsDoNotKnowIt) {
  const std::uint64_t id = begun_hash();
  auto session = std::exchange(service_.caller.session, nullptr);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(abort_of(id)), Status::Success);
  EXPECT_NE(begun_hash(), id);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
  service_.caller.session = session;
  EXPECT_EQ(status_of(update_of(id, 1)), Status::Success);
}

class MultipartBesideDirect : public Multipart {
 protected:
  MultipartBesideDirect() : Multipart({.direct_authenticator = true}) {}
  static Request as(std::string_view application, Request request) {
    request.header.auth_type = std::to_underlying(AuthType::Direct);
    request.auth = bytes_of(application);
    return request;
  }
};

TEST_F(MultipartBesideDirect, OtherApplicationsDoNotKnowIt) {
  const std::uint64_t id = begun(as("alice", setup_of_hash()));
  EXPECT_EQ(status_of(as("bob", update_of(id, 1))), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(as("bob", abort_of(id))), Status::Success);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(without_identity(update_of(id, 1))), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(as("alice", update_of(id, 1))), Status::Success);
}

class MultipartBesideADevice : public Multipart {
 protected:
  MultipartBesideADevice() : Multipart({.device = true}) {}
  static Request to_the_device(Request request) {
    request.header.provider = std::to_underlying(ProviderId::Tpm);
    return request;
  }
};

TEST_F(MultipartBesideADevice, OtherProvidersDoNotKnowIt) {
  const std::uint64_t id = begun_hash();
  EXPECT_EQ(status_of(to_the_device(update_of(id, 1))), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::Success);
}

TEST_F(MultipartBesideADevice, AStuckProviderHoldsUpNoOther) {
  const std::uint64_t stuck = begun(to_the_device(setup_of_hash()));
  const std::uint64_t id = begun_hash();
  service_.device().parts.close();
  auto part = service_.begin(to_the_device(update_of(stuck, 1)));
  service_.device().parts.await_entered(1);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::Success);
  service_.device().parts.open();
  EXPECT_EQ(part.get().header.status, std::to_underlying(Status::Success));
}

TEST_F(MultipartBesideADevice, AConnectionHasEightOpenWithEachProvider) {
  std::vector<std::uint64_t> open;
  for (std::size_t i = 0; i < OpenOperations::kMost; ++i)
    open.push_back(begun_hash());
  EXPECT_EQ(status_of(setup_of_hash()), Status::PsaErrorInsufficientMemory);
  EXPECT_EQ(status_of(to_the_device(setup_of_hash())), Status::Success);
  EXPECT_EQ(status_of(finish_of(open[3], 1)), Status::Success);
  EXPECT_EQ(status_of(setup_of_hash()), Status::Success);
  EXPECT_EQ(status_of(setup_of_hash()), Status::PsaErrorInsufficientMemory);
  for (std::size_t i : {0, 7})
    EXPECT_EQ(status_of(update_of(open[i], 1)), Status::Success);
}

TEST_F(Multipart, APartThatIsNotTheNextOneEndsIt) {
  for (std::uint64_t wrong : {0, 1, 3}) {
    const std::uint64_t id = begun_hash();
    ASSERT_EQ(status_of(update_of(id, 1)), Status::Success);
    EXPECT_EQ(status_of(update_of(id, wrong)), Status::PsaErrorBadState);
    EXPECT_EQ(status_of(update_of(id, 2)), Status::PsaErrorBadState);
  }
  const std::uint64_t id = begun_hash();
  EXPECT_EQ(status_of(finish_of(id, 2)), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(finish_of(id, 1)), Status::PsaErrorBadState);
}

TEST_F(Multipart, WhatIsNoPartEndsNothing) {
  const std::uint64_t id = begun_hash();
  EXPECT_EQ(status_of(update_of(id + 1, 1)), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(request_of(Opcode::MultipartUpdate, bytes_of("\xff"))),
            Status::DeserializingBodyFailed);
  EXPECT_EQ(status_of(abort_of(id + 1)), Status::Success);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::Success);
}

TEST_F(Multipart, IsForgottenWhenItIsAborted) {
  const std::uint64_t id = begun_hash();
  EXPECT_EQ(status_of(abort_of(id)), Status::Success);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(abort_of(id)), Status::Success);
}

TEST_F(Multipart, AMinuteWithoutAPartEndsIt) {
  const std::uint64_t id = begun_hash();
  service_.caller.session->expire(OpenOperations::Clock::now() + 59s);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::Success);
  service_.caller.session->expire(OpenOperations::Clock::now() + 60s);
  EXPECT_EQ(status_of(update_of(id, 2)), Status::PsaErrorBadState);
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 0U);
}

// The connection's loop sees to it: no request has to come for it.
TEST_F(Multipart, AMinuteWithoutAnythingEndsIt) {
  make_key();
  begun(request_with(Opcode::MultipartSetup, decryption()));
  service_.front_end().expire(service_.caller, OpenOperations::Clock::now() + 59s);
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 1U);
  service_.front_end().expire(service_.caller, OpenOperations::Clock::now() + 60s);
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 0U);
}

TEST_F(Multipart, ComparesADigestAtItsEnd) {
  const std::string digest(32, 'h');
  EXPECT_EQ(status_of(finish_of(begun_hash(), 1, digest)), Status::Success);
  EXPECT_EQ(status_of(finish_of(begun_hash(), 1, std::string(32, 'x'))),
            Status::PsaErrorInvalidSignature);
  EXPECT_EQ(status_of(finish_of(begun_hash(), 1, "h")), Status::PsaErrorInvalidArgument);
  EXPECT_EQ(status_of(finish_of(begun_hash(), 1, "")), Status::PsaErrorInvalidArgument);
  const auto result =
      result_in<::multipart_finish::Result>(service_.ask(finish_of(begun_hash(), 1, digest)));
  EXPECT_TRUE(result.digest().empty());
}

TEST_F(Multipart, EncryptsWithNoncesOfTheKeysSeries) {
  make_key();
  const auto sealed = result_in<::aead_seal::Result>(
      service_.ask(request_of(Opcode::AeadSeal, valid_body(Opcode::AeadSeal))));
  const auto begun = result_in<::multipart_setup::Result>(
      service_.ask(request_with(Opcode::MultipartSetup, encryption())));
  EXPECT_EQ(begun.nonce().substr(0, 8), sealed.nonce().substr(0, 8));
  EXPECT_NE(begun.nonce(), sealed.nonce());
  const std::uint64_t id = begun.operation_id();
  const auto part = result_in<::multipart_update::Result>(service_.ask(update_of(id, 1, "plain")));
  EXPECT_EQ(part.output(), "plain");
  EXPECT_EQ(result_in<::multipart_finish::Result>(service_.ask(finish_of(id, 2))).tag(), "tag");
}

TEST_F(Multipart, TellsNoNonceThatWasGiven) {
  make_key();
  const auto begun = result_in<::multipart_setup::Result>(
      service_.ask(request_with(Opcode::MultipartSetup, encryption("nonce"))));
  EXPECT_TRUE(begun.nonce().empty());
}

TEST_F(Multipart, AKeyThatWantsDrawnNoncesTakesNoOthers) {
  psa::KeyAttributes key = key_of(psa::KeyType::Kind::Aes, 128, kAesGcm);
  key.drawn_nonce_only = true;
  ASSERT_EQ(status_of(request_of(Opcode::PsaGenerateKey, generate_body("web", key))),
            Status::Success);
  EXPECT_EQ(status_of(request_with(Opcode::MultipartSetup, encryption("nonce"))),
            Status::PsaErrorNotPermitted);
  EXPECT_EQ(status_of(request_with(Opcode::MultipartSetup, encryption())), Status::Success);
  EXPECT_EQ(status_of(request_with(Opcode::MultipartSetup, decryption())), Status::Success);
}

TEST_F(Multipart, DecryptionEndsWithAVerdict) {
  make_key();
  const auto begin = [this] { return begun(request_with(Opcode::MultipartSetup, decryption())); };
  const std::uint64_t id = begin();
  const auto part = result_in<::multipart_update::Result>(service_.ask(update_of(id, 1, "cipher")));
  EXPECT_EQ(part.output(), "cipher");
  EXPECT_EQ(status_of(finish_of(id, 2, "tag")), Status::Success);
  EXPECT_EQ(status_of(finish_of(begin(), 1, "gat")), Status::PsaErrorInvalidSignature);
  EXPECT_EQ(status_of(finish_of(begin(), 1)), Status::PsaErrorInvalidSignature);
}

TEST_F(Multipart, EncryptionExpectsNoTag) {
  make_key();
  const std::uint64_t id = begun(request_with(Opcode::MultipartSetup, encryption()));
  EXPECT_EQ(status_of(finish_of(id, 1, "tag")), Status::PsaErrorInvalidArgument);
  EXPECT_EQ(status_of(finish_of(id, 1)), Status::PsaErrorBadState);
}

TEST_F(Multipart, TheEndOfItsKeyEndsIt) {
  make_key();
  const std::uint64_t id = begun(request_with(Opcode::MultipartSetup, encryption()));
  ASSERT_EQ(status_of(request_of(Opcode::PsaDestroyKey, valid_body(Opcode::PsaDestroyKey))),
            Status::Success);
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 0U) << "before anybody looks";
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
}

TEST_F(Multipart, OthersKeysEndLeavesIt) {
  make_key();
  const std::uint64_t id = begun(request_with(Opcode::MultipartSetup, encryption()));
  const std::uint64_t hash = begun_hash();
  service_.make_key_for(Opcode::PsaAeadEncrypt, "other");
  ASSERT_EQ(
      status_of(request_of(Opcode::PsaDestroyKey, valid_body(Opcode::PsaDestroyKey, "other"))),
      Status::Success);
  EXPECT_EQ(status_of(update_of(id, 1)), Status::Success);
  ASSERT_EQ(status_of(request_of(Opcode::PsaDestroyKey, valid_body(Opcode::PsaDestroyKey))),
            Status::Success);
  EXPECT_EQ(status_of(update_of(hash, 1)), Status::Success);
}

TEST_F(Multipart, TheEndOfItsKeyAfterAReloadEndsIt) {
  make_key();
  std::ignore = begun(request_with(Opcode::MultipartSetup, encryption()));
  service_.reload();
  ASSERT_EQ(status_of(request_of(Opcode::PsaDestroyKey, valid_body(Opcode::PsaDestroyKey))),
            Status::Success);
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 0U);
}

// A part of it may just be running.
TEST(OperationsOfAKey, EndWhenTheTurnComesBack) {
  OperationsByKey by_key;
  auto open = std::make_shared<OpenOperations>();
  auto turn = open->strand()->try_take();
  OpenOperation operation;
  operation.key = {.name = "web", .serial = 7, .note = by_key.note(7, open)};
  ASSERT_THAT(open->add(std::move(operation), OpenOperations::Clock::now()), testing::IsOk());
  by_key.end(7);
  EXPECT_EQ(open->size(), 1U);
  turn.reset();
  EXPECT_EQ(open->size(), 0U);
}

// Or whoever has many keys would fill the memory, on one connection.
TEST(OperationsOfAKey, AreRememberedWhileTheyAreOpen) {
  OperationsByKey by_key;
  auto open = std::make_shared<OpenOperations>();
  const OpenOperation::Note kept = by_key.note(7, open);
  for (std::uint64_t key = 100; key < 10'000; ++key)
    std::ignore = by_key.note(key, open);
  EXPECT_LE(by_key.size(), 1024U);
  for (int i = 0; i < 10'000; ++i)
    std::ignore = by_key.note(7, open);
  EXPECT_LE(by_key.size(), 1024U);
  EXPECT_GE(by_key.size(), 1U);
}

TEST_F(Multipart, AnotherKeyOfTheNameIsNotItsKey) {
  make_key();
  const std::uint64_t id = begun(request_with(Opcode::MultipartSetup, encryption()));
  ASSERT_EQ(status_of(request_of(Opcode::PsaDestroyKey, valid_body(Opcode::PsaDestroyKey))),
            Status::Success);
  make_key();
  EXPECT_EQ(status_of(finish_of(id, 1)), Status::PsaErrorBadState);
}

// Then planning happens twice.
TEST_F(Multipart, APartWhoseKeyHasToBeReadRunsOnce) {
  make_key();
  service_.store().forget_cached(service_.id_of("web"));
  const std::uint64_t id = begun(request_with(Opcode::MultipartSetup, encryption()));
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 1U);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    service_.store().forget_cached(service_.id_of("web"));
    EXPECT_EQ(status_of(update_of(id, number)), Status::Success);
  }
  EXPECT_EQ(status_of(finish_of(id, 4)), Status::Success);
}

TEST_F(Multipart, GoesOnAfterAReloadThatLeavesItsProvider) {
  const std::uint64_t id = begun_hash();
  service_.reload();
  EXPECT_EQ(status_of(update_of(id, 1)), Status::Success);
}

TEST_F(Multipart, AReloadThatReplacesItsProviderEndsIt) {
  const std::uint64_t id = begun_hash();
  service_.reload({.new_provider = true});
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
  EXPECT_EQ(service_.caller.session->operations(1)->size(), 0U);
}

TEST_F(Multipart, SetupFailsInTheOrderOfTheContract) {
  const auto setup = [this](const ::multipart_setup::Operation& message) {
    Request request = request_with(Opcode::MultipartSetup, message);
    request.header.flags = 0;
    return status_of(std::move(request));
  };
  EXPECT_EQ(setup({}), Status::InvalidEncoding);
  ::multipart_setup::Operation nameless = encryption();
  nameless.mutable_aead_encrypt()->clear_alg();
  EXPECT_EQ(setup(nameless), Status::InvalidEncoding);
  ::multipart_setup::Operation hash;
  hash.mutable_hash();
  EXPECT_EQ(setup(hash), Status::InvalidEncoding);
  EXPECT_EQ(status_of(without_identity(request_with(Opcode::MultipartSetup, encryption()))),
            Status::NotAuthenticated);
  EXPECT_EQ(setup(encryption()), Status::PsaErrorDoesNotExist);
  psa::KeyAttributes key = key_of(psa::KeyType::Kind::Aes, 128, kAesGcm);
  key.usage = {.decrypt = true};
  ASSERT_EQ(status_of(request_of(Opcode::PsaGenerateKey, generate_body("web", key))),
            Status::Success);
  EXPECT_EQ(setup(encryption()), Status::PsaErrorNotPermitted);
  EXPECT_EQ(setup(decryption()), Status::PsaErrorBadState);
}

TEST_F(Multipart, HashesNeedNoIdentity) {
  const std::uint64_t id = begun(without_identity(setup_of_hash()));
  EXPECT_EQ(status_of(update_of(id, 1)), Status::PsaErrorBadState);
  EXPECT_EQ(status_of(without_identity(update_of(id, 1))), Status::Success);
  EXPECT_EQ(status_of(without_identity(finish_of(id, 2))), Status::Success);
}

}  // namespace
}  // namespace strongroom
