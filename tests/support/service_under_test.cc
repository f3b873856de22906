#include "tests/support/service_under_test.h"

#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace strongroom::testing {
namespace {

psa::KeyAttributes attributes_for(Opcode opcode) {
  using Kind = psa::KeyType::Kind;
  switch (opcode) {
    case Opcode::PsaAsymmetricEncrypt:
    case Opcode::PsaAsymmetricDecrypt: return key_of(Kind::RsaKeyPair, 2048, kOaepSha256);
    case Opcode::PsaAeadEncrypt:
    case Opcode::PsaAeadDecrypt:
    case Opcode::AeadSeal: return key_of(Kind::Aes, 128, kAesGcm);
    case Opcode::PsaCipherEncrypt:
    case Opcode::PsaCipherDecrypt: return key_of(Kind::Aes, 128, psa::Cipher::Ctr);
    case Opcode::PsaMacCompute:
    case Opcode::PsaMacVerify: return key_of(Kind::Hmac, 256, kHmacSha256);
    case Opcode::PsaRawKeyAgreement: return ecc_pair(kRawEcdh);
    case Opcode::DeriveKey:
      return key_of(Kind::Derive, 256,
                    psa::KeyDerivation{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256});
    case Opcode::WrapKey:
    case Opcode::UnwrapKey:
      return key_of(Kind::Aes, 256, psa::KeyWrap{psa::KeyWrap::Kind::AesKwp, std::nullopt});
    default: return ecc_pair();
  }
}

}  // namespace

ServiceUnderTest::ServiceUnderTest(ServiceOptions options)
    : caller{.peer = {.pid = ::getpid(), .uid = ::getuid(), .gid = ::getgid(), .groups = {}}},
      lanes_(options.lanes) {
  ask_as(::getuid());
  caller.peer.process = std::make_shared<const PeerProcess>(
      UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))));
  EXPECT_THAT(lanes_.start(), IsOk());
  EXPECT_THAT(device_keys_->start(), IsOk());
  reload(std::move(options));
}

void ServiceUnderTest::reload(ServiceOptions options) {
  std::vector<std::unique_ptr<Authenticator>> authenticators;
  authenticators.push_back(make_peer_credentials_authenticator());
  if (options.direct_authenticator) authenticators.push_back(make_direct_authenticator());

  if (options.new_provider) provider_ = std::make_shared<FakeProvider>();
  Services services{.store = store_,
                    .providers = {provider_},
                    .authenticators = {},
                    .allow_deprecated = options.allow_deprecated,
                    .rsa_pkcs1v15_decryption = options.rsa_pkcs1v15_decryption,
                    .response_limit = options.response_limit,
                    .version = {1, 2, 3},
                    .health = std::move(options.health),
                    .reloads = std::move(options.reloads),
                    .nonces = nonces_,
                    .operations_by_key = operations_by_key_,
                    .device_keys = device_keys_};
  if (options.device) services.providers.push_back(device_);
  for (auto& other : options.others)
    services.providers.push_back(std::move(other));
  for (const auto& authenticator : authenticators)
    services.authenticators.push_back(authenticator->description());

  auto generation = std::make_shared<const Services>(std::move(services));
  generation_ = generation;
  device_keys_->use(generation->providers);
  auto dispatcher = Dispatcher::create(std::move(generation), lanes_);
  EXPECT_THAT(dispatcher, IsOk());
  front_end_ = std::make_shared<const FrontEnd>(std::move(options.front_end),
                                                std::move(authenticators), *std::move(dispatcher));
}

void ServiceUnderTest::ask_as(uid_t uid) {
  caller.peer.uid = uid;
  caller.account = accounts_->account_of(Principal::user(uid));
}

KeyId ServiceUnderTest::id_of(std::string_view name) const {
  return {.application = {.authenticator = std::to_underlying(AuthType::UnixPeerCredentials),
                          .name = std::to_string(caller.peer.uid)},
          .provider = provider_->description().identity,
          .name = std::string(name)};
}

std::future<Response> ServiceUnderTest::begin(Request request, std::stop_token gone) const {
  std::promise<Response> promise;
  std::future<Response> answer = promise.get_future();
  Slice slice;
  front_end_->serve(std::move(request), caller, slice, std::move(gone),
                    [promise = std::move(promise)](Response response) mutable {
                      promise.set_value(std::move(response));
                    });
  return answer;
}

Response ServiceUnderTest::ask(Request request, std::stop_token gone) const {
  return begin(std::move(request), std::move(gone)).get();
}

Status ServiceUnderTest::status_of(Request request) const {
  return status_from(ask(std::move(request)).header.status).value();
}

Status ServiceUnderTest::status_of(Opcode opcode) const {
  return status_of(request_of(opcode, valid_body(opcode)));
}

void ServiceUnderTest::make_key_for(Opcode opcode, std::string_view name) {
  Request request = request_of(Opcode::PsaGenerateKey, generate_body(name, attributes_for(opcode)));
  ASSERT_EQ(status_of(std::move(request)), Status::Success);
}

}  // namespace strongroom::testing
