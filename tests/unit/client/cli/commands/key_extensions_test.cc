// Keys from keys, and keys of Edwards curves, against a service that can do everything.
#include "derive_key.pb.h"
#include "psa_generate_key.pb.h"
#include "psa_sign_message.pb.h"
#include "psa_verify_message.pb.h"
#include "tests/unit/client/cli/command_fixture.h"
#include "tests/unit/client/cli/test_keys.h"
#include "unwrap_key.pb.h"
#include "wrap_key.pb.h"

namespace strongroom::cli::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr psa::KeyType kAes = {psa::KeyType::Kind::Aes, std::nullopt};
constexpr psa::KeyType kDerive = {psa::KeyType::Kind::Derive, std::nullopt};
constexpr psa::KeyType kEcc = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};
constexpr psa::KeyType kEdwards = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::TwistedEdwards};
constexpr psa::KeyWrap kAesKwp{psa::KeyWrap::Kind::AesKwp, std::nullopt};
constexpr psa::KeyDerivation kHkdf{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256};

class KeyExtensions : public CommandTest {
 protected:
  KeyExtensions() {
    auto add = [&](const char* name, const psa::KeyType& type, std::uint32_t bits,
                   const psa::Algorithm& algorithm, psa::UsageFlags usage = {}) {
      keys_[name] = {.type = type, .bits = bits, .usage = usage, .algorithm = algorithm};
    };
    add("kek", kAes, 256, kAesKwp);
    add("data", kAes, 256, psa::Aead{psa::Aead::Kind::Gcm, std::nullopt});
    add("secret", kDerive, 256, kHkdf);
    add("pair", kEcc, 256, psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, kHkdf});
    add("raw", kEcc, 256, psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, std::nullopt});
    add("edwards", kEdwards, 255,
        psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::PureEddsa, std::nullopt},
        {.sign_message = true, .verify_message = true, .sign_hash = true});
    for (Opcode opcode :
         {Opcode::DeriveKey, Opcode::UnwrapKey, Opcode::PsaGenerateKey, Opcode::PsaVerifyMessage})
      answers_[opcode] = [](const Request& request) { return success(request); };
    answers_[Opcode::WrapKey] = [](const Request& request) {
      wrap_key::Result result;
      result.set_wrapped_key("wrapped");
      return success_with(request, result);
    };
    answers_[Opcode::PsaSignMessage] = [](const Request& request) {
      psa_sign_message::Result result;
      result.set_signature("signature");
      return success_with(request, result);
    };
  }

  template <typename Operation>
  Operation last() const {
    return body_of<Operation>(requests().back());
  }
};

TEST_F(KeyExtensions, KeysAreWrappedByThePolicyOfTheOther) {
  EXPECT_EQ(run({"key", "wrap", "data", "--with", "kek"}), ExitCode::Ok) << err_;
  EXPECT_EQ(out_, "wrapped");
  auto sent = last<wrap_key::Operation>();
  EXPECT_EQ(sent.key_name(), "data");
  EXPECT_EQ(sent.wrapping_key_name(), "kek");
  EXPECT_EQ(*decode(sent.alg()), kAesKwp);
  EXPECT_EQ(run({"key", "wrap", "data", "--with", "kek", "--out-format", "hex"}), ExitCode::Ok);
  EXPECT_EQ(out_, to_hex(view_of("wrapped")) + "\n");
  std::string file = directory_ / "wrapped";
  EXPECT_EQ(run({"key", "wrap", "data", file, "--with", "kek"}), ExitCode::Ok);
  EXPECT_EQ(read_file(file), "wrapped");
}

TEST_F(KeyExtensions, KeyThatDoesNotWrapIsNotAskedTo) {
  EXPECT_EQ(run({"key", "wrap", "kek", "--with", "data"}), ExitCode::NotPermitted);
  EXPECT_THAT(err_, AllOf(HasSubstr("wrapping key 'kek' with key 'data'"),
                          HasSubstr("aes-gcm alone"), HasSubstr("--algorithm aes-kwp")));
  EXPECT_EQ(run({"key", "wrap", "data"}), ExitCode::Usage);
  EXPECT_EQ(run({"key", "wrap", "data", "--with", "kex"}), ExitCode::DoesNotExist);
  EXPECT_THAT(err_, HasSubstr("did you mean 'kek'?"));
}

TEST_F(KeyExtensions, RefusedWrappingSaysWhatIsNeeded) {
  answers_[Opcode::WrapKey] = [](const Request& request) {
    return refusal(request, Status::PsaErrorNotPermitted);
  };
  EXPECT_EQ(run({"key", "wrap", "data", "--with", "kek"}), ExitCode::NotPermitted);
  EXPECT_THAT(err_, HasSubstr("needs the export usage"));
}

TEST_F(KeyExtensions, UnwrappedKeysGetAttributesAsGeneratedOnes) {
  EXPECT_EQ(run({"key", "unwrap", "new", "--with", "kek", "--type", "aes-256", "--usage",
                 "encrypt,export", "--drawn-nonce-only", "--in-format", "hex"},
                "0011"),
            ExitCode::Ok)
      << err_;
  auto sent = last<unwrap_key::Operation>();
  EXPECT_EQ(sent.key_name(), "new");
  EXPECT_EQ(sent.unwrapping_key_name(), "kek");
  EXPECT_EQ(sent.wrapped_key(), std::string("\0\x11", 2));
  psa::KeyAttributes attributes = *decode(sent.attributes());
  EXPECT_EQ(attributes.bits, 256U);
  EXPECT_EQ(attributes.usage, (psa::UsageFlags{.may_export = true, .encrypt = true}));
  EXPECT_TRUE(attributes.drawn_nonce_only);
  EXPECT_EQ(run({"key", "unwrap", "new", "--with", "kek"}, "x"), ExitCode::Usage);
  EXPECT_THAT(err_, HasSubstr("--type is missing"));
}

TEST_F(KeyExtensions, AlteredWrappedKeysExitWithBadTag) {
  answers_[Opcode::UnwrapKey] = [](const Request& request) {
    return refusal(request, Status::PsaErrorInvalidSignature);
  };
  EXPECT_EQ(run({"key", "unwrap", "new", "--with", "kek", "--type", "aes-128"}, "x"),
            ExitCode::BadSignature);
  EXPECT_THAT(err_, HasSubstr("wrapped with another key"));
}

TEST_F(KeyExtensions, DerivationTakesHexAndFiles) {
  std::string info = write_file("info", "what for");
  EXPECT_EQ(run({"key", "derive", "new", "--from", "secret", "--salt", "0011", "--info",
                 "file:" + info, "--type", "aes-128"}),
            ExitCode::Ok)
      << err_;
  auto sent = last<derive_key::Operation>();
  EXPECT_EQ(sent.key_name(), "secret");
  EXPECT_EQ(sent.new_key_name(), "new");
  EXPECT_EQ(*decode(sent.alg()), psa::Algorithm(kHkdf));
  EXPECT_EQ(sent.salt(), std::string("\0\x11", 2));
  EXPECT_EQ(sent.info(), "what for");
  EXPECT_THAT(sent.peer_key(), IsEmpty());
  EXPECT_EQ(decode(sent.attributes())->bits, 128U);
  EXPECT_EQ(
      run({"key", "derive", "new", "--from", "secret", "--salt", "salt", "--type", "aes-128"}),
      ExitCode::Usage);
  EXPECT_THAT(err_, HasSubstr("--salt is not hexadecimal"));
}

TEST_F(KeyExtensions, DerivationFromAnAgreementNeedsThePeer) {
  strongroom::testing::Key peer = strongroom::testing::generate_ecc("prime256v1");
  std::string file =
      write_file("peer.der", std::string(text_of(strongroom::testing::public_info(peer))));
  const std::vector<std::string> derive = {"key",  "derive", "new",    "--from",
                                           "pair", "--type", "aes-128"};
  EXPECT_EQ(run(derive), ExitCode::Usage);
  EXPECT_THAT(err_, HasSubstr("--peer is missing for ecdh-hkdf-sha256"));
  std::vector<std::string> with_peer = derive;
  with_peer.insert(with_peer.end(), {"--peer", file});
  EXPECT_EQ(run(with_peer), ExitCode::Ok) << err_;
  EXPECT_EQ(bytes_of(last<derive_key::Operation>().peer_key()),
            strongroom::testing::exported_point(peer));
  with_peer[4] = "secret";
  EXPECT_EQ(run(with_peer), ExitCode::Usage);
}

TEST_F(KeyExtensions, KeysThatDeriveNothingAreNotPermitted) {
  for (const char* name : {"raw", "data"}) {
    EXPECT_EQ(run({"key", "derive", "new", "--from", name, "--type", "aes-128"}),
              ExitCode::NotPermitted)
        << name;
  }
  EXPECT_EQ(run({"derive", "pair"}), ExitCode::NotPermitted);
  EXPECT_THAT(err_, HasSubstr("key derive"));
}

TEST_F(KeyExtensions, EddsaSignsTheMessageItselfWhateverTheFlags) {
  EXPECT_EQ(run({"sign", "edwards"}, "message"), ExitCode::Ok) << err_;
  EXPECT_EQ(out_, "signature");
  auto sent = last<psa_sign_message::Operation>();
  EXPECT_EQ(sent.message(), "message");
  EXPECT_TRUE(sent.alg().has_pure_eddsa());
  std::string signature = write_file("signature", "signature");
  EXPECT_EQ(run({"verify", "edwards", "--signature", signature}, "message"), ExitCode::Ok) << err_;
  EXPECT_EQ(last<psa_verify_message::Operation>().signature(), "signature");
  for (const char* option : {"--digest", "--hash=sha256"})
    EXPECT_EQ(run({"sign", "edwards", option}, "message"), ExitCode::Usage) << option;
}

TEST_F(KeyExtensions, EddsaVerifiesWithoutAService) {
  strongroom::testing::Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  Bytes signature(64);
  std::size_t size = signature.size();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ASSERT_EQ(EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key.get()), 1);
  ASSERT_EQ(EVP_DigestSign(context, octets(MutableByteView(signature)), &size,
                           octets(view_of("message")), 7),
            1);
  EVP_MD_CTX_free(context);
  std::string public_key =
      write_file("public", std::string(text_of(strongroom::testing::public_info(key))));
  std::string file = write_file("signature", std::string(text_of(signature)));
  const std::vector<std::string> verify = {"verify", "--public-key", public_key, "--signature",
                                           file};
  EXPECT_EQ(run_as_is(verify, "message"), ExitCode::Ok) << err_;
  EXPECT_EQ(run_as_is(verify, "massage"), ExitCode::BadSignature);
}

TEST_F(KeyExtensions, RefusedGenerationNamesTheSettingForExport) {
  answers_[Opcode::PsaGenerateKey] = [](const Request& request) {
    return refusal(request, Status::PsaErrorNotPermitted);
  };
  EXPECT_EQ(run({"key", "generate", "k", "--type", "ecc-p256", "--usage", "sign,export"}),
            ExitCode::NotPermitted);
  EXPECT_THAT(err_, HasSubstr("'allow_export'"));
}

TEST_F(KeyExtensions, GeneratedKeysMayTakeDrawnNoncesAlone) {
  EXPECT_EQ(run({"key", "generate", "new", "--type", "aes-256", "--drawn-nonce-only"}),
            ExitCode::Ok);
  EXPECT_TRUE(decode(last<psa_generate_key::Operation>().attributes())->drawn_nonce_only);
  EXPECT_EQ(run({"key", "generate", "new", "--type", "ecc-p256", "--drawn-nonce-only"}),
            ExitCode::Usage);
  keys_["data"].drawn_nonce_only = true;
  EXPECT_EQ(run({"key", "list", "--json"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr(R"("drawn_nonce_only": true)"));
  answers_[Opcode::KeyInfo] = [](const Request& request) {
    return refusal(request, Status::OpcodeDoesNotExist);
  };
  EXPECT_EQ(run({"key", "show", "data"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("the service draws them"));
}

}  // namespace
}  // namespace strongroom::cli::testing
