// What handlers decide themselves: the order of their checks, names, policy, lengths, and which
// keys belong to whom. Cryptography is the providers' conformance suite.
#include <unistd.h>

#include "can_do_crypto.pb.h"
#include "delete_client.pb.h"
#include "list_clients.pb.h"
#include "list_keys.pb.h"
#include "ping.pb.h"
#include "psa_asymmetric_decrypt.pb.h"
#include "psa_asymmetric_encrypt.pb.h"
#include "psa_destroy_key.pb.h"
#include "psa_export_key.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_hash_compare.pb.h"
#include "psa_sign_hash.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using ::testing::ElementsAre;
using testing::generate_body;
using testing::import_body;
using testing::key_of;
using testing::request_of;
using testing::result_in;
using testing::ServiceOptions;
using testing::ServiceUnderTest;
using testing::uid_auth;
using testing::valid_body;

Status generate(const ServiceUnderTest& service, std::string_view name,
                const psa::KeyAttributes& attributes) {
  return service.status_of(request_of(Opcode::PsaGenerateKey, generate_body(name, attributes)));
}

template <typename Message>
Request request_with(Opcode opcode, const Message& message) {
  return request_of(opcode, *serialized(message));
}

ServiceOptions administered() {
  return {.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}};
}

TEST(Ping, TellsTheProtocolsVersion) {
  ServiceUnderTest service;
  auto result = result_in<ping::Result>(service.ask(request_of(Opcode::Ping, {})));
  EXPECT_EQ(result.wire_protocol_version_maj(), 1U);
  EXPECT_EQ(result.wire_protocol_version_min(), 0U);
}

TEST(Ping, SkipsFieldsItDoesNotKnow) {
  ServiceUnderTest service;
  EXPECT_EQ(service.status_of(request_of(Opcode::Ping, bytes_of("\x9a\x06\x01x"))),
            Status::Success);
}

TEST(Ping, KeepsNoUnknownFieldsOfALongBody) {
  Bytes body;
  for (int i = 0; i < 4096; ++i)
    body.insert(body.end(), {std::byte{0x7b}, std::byte{0x7c}});
  ping::Operation request;
  EXPECT_THAT(parse(body, request), testing::IsOk());
  EXPECT_TRUE(request.GetReflection()->GetUnknownFields(request).empty());
}

TEST(Keys, OfAnotherApplicationLookAbsentToEveryOperation) {
  for (const Operation& operation : operations()) {
    if (operation.needs != Needs::Authentication || operation.place != Place::Crypto) continue;
    if (operation.opcode == Opcode::PsaGenerateKey || operation.opcode == Opcode::PsaImportKey ||
        operation.opcode == Opcode::CanDoCrypto || operation.opcode == Opcode::Quote)
      continue;
    ServiceUnderTest service;
    service.make_key_for(operation.opcode);
    service.caller.peer.uid += 1;
    Request request = request_of(operation.opcode, valid_body(operation.opcode));
    request.auth = uid_auth(service.caller.peer.uid);
    EXPECT_EQ(service.status_of(std::move(request)), Status::PsaErrorDoesNotExist)
        << operation.name;
  }
}

TEST(Keys, TheSameNameOfAnotherAuthenticatorIsAnotherKey) {
  ServiceUnderTest service({.front_end = {}, .direct_authenticator = true});
  ASSERT_EQ(generate(service, "web", ecc_pair()), Status::Success);
  Request request = request_of(Opcode::PsaSignHash, valid_body(Opcode::PsaSignHash));
  request.header.auth_type = std::to_underlying(AuthType::Direct);
  request.auth = bytes_of(std::to_string(::getuid()));
  EXPECT_EQ(service.status_of(std::move(request)), Status::PsaErrorDoesNotExist);
}

TEST(KeyNames, EmptyLongAndNulOnesAreInvalid) {
  ServiceUnderTest service;
  for (const std::string& name : {std::string(), std::string(1025, 'n'), std::string("a\0b", 3)}) {
    EXPECT_EQ(generate(service, name, ecc_pair()), Status::PsaErrorInvalidArgument);
    EXPECT_EQ(
        service.status_of(request_of(Opcode::PsaSignHash, valid_body(Opcode::PsaSignHash, name))),
        Status::PsaErrorInvalidArgument);
  }
  for (const std::string& name :
       {std::string(1024, 'n'), std::string("/keys/rsa/1"), std::string("PKCS #11 :: 鍵")})
    EXPECT_EQ(generate(service, name, ecc_pair()), Status::Success) << name;
}

TEST(KeyNames, ThatAreNotUtf8DoNotParse) {
  ServiceUnderTest service;
  EXPECT_EQ(service.status_of(
                request_of(Opcode::PsaSignHash, valid_body(Opcode::PsaSignHash, "\xff\xfe"))),
            Status::DeserializingBodyFailed);
}

// protobuf writes a line about each by itself: no client may fill the log that way.
TEST(KeyNames, ThatAreNotUtf8AreNotLoggedByTheParser) {
  Bytes body = valid_body(Opcode::PsaDestroyKey, "name");
  body.back() = std::byte{0xff};
  psa_destroy_key::Operation request;
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(parse(body, request), testing::FailsWith(Status::DeserializingBodyFailed));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(GenerateKey, GeneratingTwiceUnderOneNameFailsBeforeAnythingIsMade) {
  ServiceUnderTest service;
  ASSERT_EQ(generate(service, "web", ecc_pair()), Status::Success);
  EXPECT_EQ(generate(service, "web", ecc_pair()), Status::PsaErrorAlreadyExists);
  EXPECT_EQ(service.provider().generated, 1);
}

TEST(GenerateKey, AFailedOneLeavesTheNameFree) {
  ServiceUnderTest service;
  EXPECT_EQ(generate(service, "web",
                     key_of(psa::KeyType::Kind::RsaPublicKey, 2048, testing::kOaepSha256)),
            Status::PsaErrorInvalidArgument);
  EXPECT_EQ(generate(service, "web", ecc_pair()), Status::Success);
}

TEST(GenerateKey, KeysWithoutAnyUsageAreMade) {
  ServiceUnderTest service;
  EXPECT_EQ(generate(service, "web", ecc_pair(psa::NoAlgorithm(), {})), Status::Success);
}

TEST(GenerateKey, DeprecatedPrimitivesAreRefusedFirstUnlessAllowed) {
  psa::AsymmetricSignature md5{.kind = psa::AsymmetricSignature::Kind::Ecdsa,
                               .hash = psa::Hash::Md5};
  ServiceUnderTest strict;
  EXPECT_EQ(generate(strict, "", ecc_pair(md5)), Status::DeprecatedPrimitive);
  EXPECT_EQ(strict.status_of(request_of(Opcode::PsaImportKey,
                                        import_body("old", ecc_pair(md5), view_of("data")))),
            Status::Success);
  ServiceUnderTest lenient({.front_end = {}, .allow_deprecated = true});
  EXPECT_EQ(generate(lenient, "web", ecc_pair(md5)), Status::Success);
}

TEST(ImportKey, DeprecatedPrimitivesDoNotFillTheLog) {
  ServiceUnderTest service;
  psa::AsymmetricSignature md5{.kind = psa::AsymmetricSignature::Kind::Ecdsa,
                               .hash = psa::Hash::Md5};
  ::testing::internal::CaptureStderr();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i)
    service.status_of(
        request_of(Opcode::PsaImportKey, import_body("old", ecc_pair(md5), view_of("data"))));
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
  const std::string log = ::testing::internal::GetCapturedStderr();
  std::ptrdiff_t lines = 0;
  for (std::size_t at = log.find("deprecated"); at != log.npos; at = log.find("deprecated", at + 1))
    ++lines;
  EXPECT_LE(lines, seconds.count() + 1);
}

TEST(ImportKey, ListsTheRealSizeWhenNoneWasGiven) {
  ServiceUnderTest service;
  psa::KeyAttributes attributes = key_of(psa::KeyType::Kind::Aes, 0, testing::kAesGcm);
  ASSERT_EQ(service.status_of(
                request_of(Opcode::PsaImportKey, import_body("aes", attributes, Bytes(32)))),
            Status::Success);
  auto result = result_in<list_keys::Result>(service.ask(request_of(Opcode::ListKeys, {})));
  EXPECT_EQ(result.keys(0).attributes().key_bits(), 256U);
}

TEST(ExportKey, NeedsTheFlagUnlessTheKeyIsPublic) {
  ServiceUnderTest service;
  psa::UsageFlags usage{.sign_hash = true};
  ASSERT_EQ(generate(service, "web", ecc_pair(testing::kEcdsaSha256, usage)), Status::Success);
  EXPECT_EQ(service.status_of(Opcode::PsaExportKey), Status::PsaErrorNotPermitted);
  EXPECT_EQ(service.status_of(Opcode::PsaExportPublicKey), Status::Success);

  psa::KeyAttributes attributes =
      key_of(psa::KeyType::Kind::RsaPublicKey, 2048, testing::kOaepSha256);
  attributes.usage = {.encrypt = true};
  ASSERT_EQ(service.status_of(request_of(Opcode::PsaImportKey,
                                         import_body("peer", attributes, view_of("public")))),
            Status::Success);
  auto result = result_in<psa_export_key::Result>(
      service.ask(request_of(Opcode::PsaExportKey, valid_body(Opcode::PsaExportKey, "peer"))));
  EXPECT_EQ(result.data(), "public");
}

TEST(ExportPublicKey, OfASymmetricKeyIsInvalid) {
  ServiceUnderTest service;
  ASSERT_EQ(generate(service, "web", key_of(psa::KeyType::Kind::Aes, 128, testing::kAesGcm)),
            Status::Success);
  EXPECT_EQ(service.status_of(Opcode::PsaExportPublicKey), Status::PsaErrorInvalidArgument);
}

TEST(DestroyKey, FreesTheNameAndTellsTheProvider) {
  ServiceUnderTest service;
  ASSERT_EQ(generate(service, "web", ecc_pair()), Status::Success);
  EXPECT_EQ(service.status_of(Opcode::PsaDestroyKey), Status::Success);
  EXPECT_EQ(service.provider().ended, 1);
  EXPECT_EQ(service.status_of(Opcode::PsaDestroyKey), Status::PsaErrorDoesNotExist);
  EXPECT_EQ(generate(service, "web", ecc_pair()), Status::Success);
}

// Lookup, flag, policy, then lengths: each row violates one thing and everything after it.
TEST(SignHash, FailsInTheOrderOfTheContract) {
  ServiceUnderTest service;
  psa_sign_hash::Operation request;
  request.set_key_name("web");
  psa::AsymmetricSignature other = testing::kEcdsaSha256;
  other.hash = psa::Hash::Sha384;
  *request.mutable_alg() = encode(other);
  request.set_hash("short");
  auto status = [&] { return service.status_of(request_with(Opcode::PsaSignHash, request)); };

  EXPECT_EQ(status(), Status::PsaErrorDoesNotExist);
  ASSERT_EQ(generate(service, "web", ecc_pair()), Status::Success);
  EXPECT_EQ(status(), Status::PsaErrorNotPermitted);
  *request.mutable_alg() = encode(testing::kEcdsaSha256);
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
  request.set_hash(std::string(32, 'h'));
  EXPECT_EQ(status(), Status::Success);
}

TEST(AsymmetricEncrypt, RefusesEmptyPlaintextAndSaltWithoutOaep) {
  ServiceUnderTest service;
  psa::AsymmetricEncryption v15{.kind = psa::AsymmetricEncryption::Kind::RsaPkcs1v15, .hash = {}};
  ASSERT_EQ(generate(service, "web", key_of(psa::KeyType::Kind::RsaKeyPair, 2048, v15)),
            Status::Success);
  psa_asymmetric_encrypt::Operation request;
  request.set_key_name("web");
  *request.mutable_alg() = encode(v15);
  auto status = [&] {
    return service.status_of(request_with(Opcode::PsaAsymmetricEncrypt, request));
  };
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
  request.set_plaintext("plain");
  EXPECT_EQ(status(), Status::Success);
  request.set_salt("salt");
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
}

TEST(HashCompare, TellsAnotherDigestFromAnotherLength) {
  ServiceUnderTest service;
  psa_hash_compare::Operation request;
  request.set_alg(encode(psa::Hash::Sha256));
  auto status = [&] { return service.status_of(request_with(Opcode::PsaHashCompare, request)); };
  request.set_hash(std::string(31, 'h'));
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
  request.set_hash(std::string(31, 'h') + "H");
  EXPECT_EQ(status(), Status::PsaErrorInvalidSignature);
}

TEST(GenerateRandom, GivesExactlyTheSizeUpToTheLimit) {
  ServiceUnderTest service;
  psa_generate_random::Operation request;
  for (std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1024 * 1024}}) {
    request.set_size(size);
    auto result = result_in<psa_generate_random::Result>(
        service.ask(request_with(Opcode::PsaGenerateRandom, request)));
    EXPECT_EQ(result.random_bytes().size(), size);
  }
  for (std::uint64_t size : {std::uint64_t{1024 * 1024 + 1}, ~std::uint64_t{0}}) {
    request.set_size(size);
    EXPECT_EQ(service.status_of(request_with(Opcode::PsaGenerateRandom, request)),
              Status::ResponseTooLarge);
  }
}

Status capability(const ServiceUnderTest& service, can_do_crypto::CheckType check,
                  const psa::KeyAttributes& attributes) {
  can_do_crypto::Operation request;
  request.set_check_type(check);
  *request.mutable_attributes() = encode(attributes);
  return service.status_of(request_with(Opcode::CanDoCrypto, request));
}

TEST(CanDoCrypto, AsksTheProvider) {
  ServiceUnderTest service;
  psa::KeyAttributes des = key_of(psa::KeyType::Kind::Des, 64, psa::NoAlgorithm());
  for (auto check : {can_do_crypto::USE, can_do_crypto::GENERATE, can_do_crypto::IMPORT}) {
    EXPECT_EQ(capability(service, check, ecc_pair()), Status::Success);
    EXPECT_EQ(capability(service, check, des), Status::PsaErrorNotSupported);
  }
  EXPECT_EQ(capability(service, can_do_crypto::DERIVE, ecc_pair()), Status::PsaErrorNotSupported);
  for (int check : {0, 5, -1})
    EXPECT_EQ(capability(service, static_cast<can_do_crypto::CheckType>(check), ecc_pair()),
              Status::InvalidEncoding);
}

TEST(CanDoCrypto, SaysThatDeprecatedKeysAreNotGeneratedUnlessTheyAre) {
  psa::KeyAttributes rsa = key_of(psa::KeyType::Kind::RsaKeyPair, 1024, testing::kOaepSha256);
  ServiceUnderTest strict;
  EXPECT_EQ(capability(strict, can_do_crypto::GENERATE, rsa), Status::PsaErrorNotSupported);
  EXPECT_EQ(capability(strict, can_do_crypto::IMPORT, rsa), Status::Success);
  EXPECT_EQ(capability(strict, can_do_crypto::USE, rsa), Status::Success);
  ServiceUnderTest lenient({.front_end = {}, .allow_deprecated = true});
  EXPECT_EQ(capability(lenient, can_do_crypto::GENERATE, rsa), Status::Success);
}

TEST(AsymmetricDecrypt, WithPkcs1PaddingCanBeSwitchedOff) {
  constexpr psa::AsymmetricEncryption kPkcs1{psa::AsymmetricEncryption::Kind::RsaPkcs1v15, {}};
  psa::KeyAttributes key = key_of(psa::KeyType::Kind::RsaKeyPair, 2048, kPkcs1);
  auto decrypt = [&](const ServiceUnderTest& service) {
    psa_asymmetric_decrypt::Operation request;
    request.set_key_name("key");
    *request.mutable_alg() = encode(kPkcs1);
    request.set_ciphertext("sealed:text");
    return service.status_of(request_with(Opcode::PsaAsymmetricDecrypt, request));
  };
  psa::KeyAttributes decrypts = key;
  decrypts.usage = {.decrypt = true};
  for (bool is_on : {true, false}) {
    ServiceUnderTest service({.front_end = {}, .rsa_pkcs1v15_decryption = is_on});
    ASSERT_EQ(generate(service, "key", key), Status::Success);
    EXPECT_EQ(decrypt(service), is_on ? Status::Success : Status::PsaErrorNotPermitted);
    EXPECT_EQ(capability(service, can_do_crypto::USE, decrypts),
              is_on ? Status::Success : Status::PsaErrorNotSupported);
    EXPECT_EQ(capability(service, can_do_crypto::USE, key), Status::Success);
  }
}

TEST(Administration, ClientsAreListedSortedAndOnce) {
  ServiceUnderTest service(administered());
  service.caller.admin_socket = true;
  ASSERT_EQ(generate(service, "a", ecc_pair()), Status::Success);
  ASSERT_EQ(generate(service, "b", ecc_pair()), Status::Success);
  auto result = result_in<list_clients::Result>(service.ask(request_of(Opcode::ListClients, {})));
  EXPECT_THAT(result.clients(), ElementsAre(std::to_string(::getuid())));
}

TEST(Administration, DeletingAClientDestroysItsKeysAlone) {
  ServiceUnderTest service(administered());
  service.caller.admin_socket = true;
  ASSERT_EQ(generate(service, "a", ecc_pair()), Status::Success);
  ASSERT_EQ(generate(service, "b", ecc_pair()), Status::Success);
  delete_client::Operation request;
  request.set_client("nobody");
  EXPECT_EQ(service.status_of(request_with(Opcode::DeleteClient, request)), Status::Success);
  EXPECT_EQ(service.provider().ended, 0);
  request.set_client(std::to_string(::getuid()));
  EXPECT_EQ(service.status_of(request_with(Opcode::DeleteClient, request)), Status::Success);
  EXPECT_EQ(service.provider().ended, 2);
  EXPECT_EQ(result_in<list_keys::Result>(service.ask(request_of(Opcode::ListKeys, {}))).keys_size(),
            0);
}

}  // namespace
}  // namespace strongroom
