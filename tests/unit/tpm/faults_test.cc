// Each operation of the provider, with each command that it sends going wrong in each way: what is
// told is true, and the next time all is well.
#include <algorithm>

#include <fmt/format.h>

#include "providers/tpm/tpm_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/stored_key.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {
namespace {

using testing::IsOk;
using testing::kEcdsaSha256;
using testing::kHmacSha256;
using testing::kOaepSha256;
using testing::kRawEcdh;
using testing::stored;
using Kind = psa::KeyType::Kind;

std::unexpected<Error> wrong(const char* what) {
  return fail(Status::PsaErrorGenericError, what);
}

class FaultsTest : public testing::WithSwTpm {
 protected:
  struct Operation {
    std::string name;
    std::function<Result<>(TpmProvider&)> run;
  };

  void SetUp() override {
    testing::WithSwTpm::SetUp();
    if (IsSkipped()) return;
    auto made = provider();
    ecc = new_key(*made, testing::ecc_pair());
    agreeing = new_key(*made, testing::ecc_pair(kRawEcdh));
    rsa = new_key(*made, testing::key_of(Kind::RsaKeyPair, 2048, kOaepSha256));
    hmac = new_key(*made, testing::key_of(Kind::Hmac, 256, kHmacSha256));
    aes = new_key(*made, testing::key_of(Kind::Aes, 256, psa::Cipher::Cfb));
  }
  static KeyRecordPtr new_key(TpmProvider& provider, const psa::KeyAttributes& attributes) {
    auto key = provider.keys()->generate(attributes, {});
    EXPECT_THAT(key, IsOk());
    return stored(*std::move(key), 1);
  }
  // Warm, but without a key loaded.
  std::unique_ptr<TpmProvider> provider() {
    TpmProvider::Settings settings;
    settings.upkeep = Upkeep::Kind::None;
    settings.tcti = tpm().tcti();
    settings.opener = faults.around([] { return open_tcti(tpm().tcti()); });
    auto made = *TpmProvider::create("tpm", std::move(settings));
    EXPECT_THAT(made->supports(Capability::Generate, testing::ecc_pair()), IsOk());
    return made;
  }

  Result<> sign(TpmProvider& provider) const {
    auto signature = TRY(provider.signer()->sign_hash(*ecc, kEcdsaSha256, digest));
    return provider.signer()->verify_hash(*ecc, kEcdsaSha256, digest, signature);
  }
  Result<> agree(TpmProvider& provider) const {
    auto once = TRY(provider.key_agreer()->agree(*agreeing, kRawEcdh.raw, ecc->public_key));
    auto other = TRY(provider.key_agreer()->agree(*ecc, kRawEcdh.raw, agreeing->public_key));
    return once == other ? Result<>() : wrong("another secret");
  }
  Result<> decrypt(TpmProvider& provider) const {
    auto sealed = TRY(provider.encrypter()->encrypt(*rsa, kOaepSha256, digest, {}));
    auto opened = TRY(provider.encrypter()->decrypt(*rsa, kOaepSha256, sealed, {}));
    return std::ranges::equal(opened.reveal(), digest) ? Result<>() : wrong("another plaintext");
  }
  Result<> mac(TpmProvider& provider, std::size_t size) const {
    const Bytes input(size);
    auto mac = TRY(provider.mac()->compute(*hmac, kHmacSha256, input));
    return provider.mac()->verify(*hmac, kHmacSha256, input, mac);
  }
  Result<> cipher(TpmProvider& provider) const {
    const Bytes text(1500, std::byte{0x42});
    auto sealed = TRY(provider.cipher()->encrypt(*aes, psa::Cipher::Cfb, text));
    auto opened = TRY(provider.cipher()->decrypt(*aes, psa::Cipher::Cfb, sealed));
    return std::ranges::equal(opened.reveal(), text) ? Result<>() : wrong("another text");
  }
  static Result<> generate(TpmProvider& provider) {
    auto key = TRY(provider.keys()->generate(testing::ecc_pair(), {}));
    return key.public_key.size() == 65 ? Result<>() : wrong("no point");
  }
  static Result<> import(TpmProvider& provider) {
    TRY(provider.keys()->import(testing::ecc_pair(), Bytes(32, std::byte{0x11})));
    return {};
  }
  static Result<> draw(TpmProvider& provider) {
    auto drawn = TRY(provider.random()->generate(40));
    return drawn.size() == 40 ? Result<>() : wrong("another length");
  }
  std::vector<Operation> operations() {
    return {{"sign", [this](auto& made) { return sign(made); }},
            {"agree", [this](auto& made) { return agree(made); }},
            {"decrypt", [this](auto& made) { return decrypt(made); }},
            {"mac", [this](auto& made) { return mac(made, 10); }},
            {"sequence", [this](auto& made) { return mac(made, 1100); }},
            {"cipher", [this](auto& made) { return cipher(made); }},
            {"generate", [](auto& made) { return generate(made); }},
            {"import", [](auto& made) { return import(made); }},
            {"random", [](auto& made) { return draw(made); }}};
  }
  // How many commands an operation sends, and so how many can go wrong.
  std::size_t commands_of(const Operation& operation) {
    auto made = provider();
    faults.forget_sent();
    EXPECT_THAT(operation.run(*made), IsOk()) << operation.name;
    return faults.sent().size();
  }
  // Answers the command of that number from now on with `code`.
  void refuse(std::size_t number, TSS2_RC code) {
    faults.on_command = [number, code, seen = std::size_t{0}](auto, auto) mutable {
      return seen++ == number ? code : TSS2_RC{0};
    };
  }
  using Alteration = std::function<void(Bytes& answer, const Bytes& before)>;
  void alter(std::size_t number, Alteration how) {
    faults.on_answer = [number, how = std::move(how), seen = std::size_t{0}, before = Bytes()](
                           auto, Bytes& answer) mutable {
      Bytes original = answer;
      if (seen++ == number) how(answer, before);
      before = std::move(original);
    };
  }
  void stop_faults() {
    faults.on_command = {};
    faults.on_answer = {};
  }

  testing::Faults faults;
  KeyRecordPtr ecc;
  KeyRecordPtr agreeing;
  KeyRecordPtr rsa;
  KeyRecordPtr hmac;
  KeyRecordPtr aes;
  const Bytes digest = Bytes(32, std::byte{0x5d});
};

void set_size(Bytes& answer) {
  for (std::size_t i = 0; i < 4 && answer.size() >= 6; ++i)
    answer[2 + i] = static_cast<std::byte>(answer.size() >> (24 - 8 * i));
}

TEST_F(FaultsTest, ABusyTpmAndALossAreMadeGoodWhereverTheyAreTold) {
  for (const Operation& operation : operations()) {
    const std::size_t commands = commands_of(operation);
    for (std::size_t number = 0; number < commands; ++number)
      for (TSS2_RC code :
           {TPM2_RC_RETRY, TPM2_RC_YIELDED, TPM2_RC_TESTING, TPM2_RC_NV_RATE, TPM2_RC_REFERENCE_H0,
            TPM2_RC_REFERENCE_S0, TPM2_RC_OBJECT_MEMORY, TPM2_RC_HANDLE + TPM2_RC_H + TPM2_RC_1,
            TPM2_RC_CONTEXT_GAP, TPM2_RC_AUTH_FAIL + TPM2_RC_S + TPM2_RC_1}) {
        auto made = provider();
        refuse(number, code);
        EXPECT_THAT(operation.run(*made), IsOk())
            << fmt::format("{}, command {}, code 0x{:x}", operation.name, number, code);
        made.reset();
        stop_faults();
      }
  }
}

TEST_F(FaultsTest, WhatIsRefusedIsToldAndTheNextTimeItWorks) {
  for (const Operation& operation : operations()) {
    const std::size_t commands = commands_of(operation);
    for (std::size_t number = 0; number < commands; ++number)
      for (TSS2_RC code : {TPM2_RC_LOCKOUT, TPM2_RC_FAILURE, TPM2_RC_MEMORY, TPM2_RC_CANCELED,
                           TPM2_RC_POLICY_FAIL}) {
        auto made = provider();
        refuse(number, code);
        auto refused = operation.run(*made);
        SCOPED_TRACE(fmt::format("{}, command {}, code 0x{:x}", operation.name, number, code));
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().status(), Status::PsaErrorGenericError);
        EXPECT_THAT(operation.run(*made), IsOk());
        made.reset();
        stop_faults();
      }
  }
}

TEST_F(FaultsTest, NoAlteredAnswerIsTakenAndTheNextTimeItWorks) {
  const std::vector<Alteration> alterations = {
      [](Bytes& answer, auto&) { answer.clear(); },
      [](Bytes& answer, auto&) { answer.resize(10), set_size(answer); },
      [](Bytes& answer, auto&) { answer.pop_back(), set_size(answer); },
      [](Bytes& answer, auto&) { answer.push_back(std::byte{0}), set_size(answer); },
      [](Bytes& answer, auto&) { answer.resize(4000), set_size(answer); },
      [](Bytes& answer, auto&) { answer[answer.size() / 2] ^= std::byte{0x10}; },
      [](Bytes& answer, auto&) { answer.back() ^= std::byte{0x80}; },
      [](Bytes& answer, const Bytes& before) { answer = before; },
  };
  for (const Operation& operation : operations()) {
    const std::size_t commands = commands_of(operation);
    for (std::size_t number = 0; number < commands; ++number)
      for (std::size_t kind = 0; kind < alterations.size(); ++kind) {
        auto made = provider();
        alter(number, alterations[kind]);
        auto altered = operation.run(*made);
        SCOPED_TRACE(fmt::format("{}, command {}, kind {}", operation.name, number, kind));
        // What may go wrong without harm is letting go, and keeping for later.
        if (!altered) {
          EXPECT_NE(altered.error().status(), Status::PsaErrorGenericError);
        }
        EXPECT_THAT(operation.run(*made), IsOk());
        made.reset();
        stop_faults();
      }
  }
}

// While the TPM is made ready anew.
TEST_F(FaultsTest, WhatGoesWrongInARecoveryDoesNotPreventTheNext) {
  constexpr std::size_t kMostOfARecovery = 14;
  for (std::size_t number = 1; number < kMostOfARecovery; ++number)
    for (TSS2_RC code : {TPM2_RC_FAILURE, TPM2_RC_SESSION_MEMORY, TPM2_RC_INITIALIZE}) {
      auto made = provider();
      ASSERT_THAT(sign(*made), IsOk());
      faults.on_command = [number, code, seen = std::size_t{0}](auto, auto) mutable {
        const std::size_t now = seen++;
        return now == 0 ? TPM2_RC_REFERENCE_S0 : now == number ? code : TSS2_RC{0};
      };
      std::ignore = sign(*made);
      stop_faults();
      EXPECT_THAT(sign(*made), IsOk()) << fmt::format("command {}, code 0x{:x}", number, code);
    }
}

}  // namespace
}  // namespace strongroom::tpm
