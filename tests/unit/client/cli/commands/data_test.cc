// Commands that use a key on data, against a service that can do everything.
#include <sys/stat.h>

#include "aead_seal.pb.h"
#include "psa_aead_decrypt.pb.h"
#include "psa_aead_encrypt.pb.h"
#include "psa_asymmetric_decrypt.pb.h"
#include "psa_asymmetric_encrypt.pb.h"
#include "psa_cipher_decrypt.pb.h"
#include "psa_cipher_encrypt.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_hash_compute.pb.h"
#include "psa_mac_compute.pb.h"
#include "psa_mac_verify.pb.h"
#include "psa_raw_key_agreement.pb.h"
#include "tests/unit/client/cli/command_fixture.h"

namespace strongroom::cli::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr psa::KeyType kAes = {psa::KeyType::Kind::Aes, std::nullopt};
constexpr psa::KeyType kRsa = {psa::KeyType::Kind::RsaKeyPair, std::nullopt};
constexpr psa::KeyType kEcc = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};

psa::KeyAttributes key(const psa::KeyType& type, std::uint32_t bits,
                       const psa::Algorithm& algorithm) {
  return {.type = type, .bits = bits, .usage = {}, .algorithm = algorithm};
}

class DataCommands : public CommandTest {
 protected:
  DataCommands() {
    using Oaep = psa::AsymmetricEncryption;
    keys_["cipher"] = key(kAes, 256, psa::Cipher::CbcPkcs7);
    keys_["mac"] = key(kAes, 256, psa::Mac{psa::Mac::Kind::Cmac, std::nullopt, std::nullopt});
    keys_["aead"] = key(kAes, 256, psa::Aead{psa::Aead::Kind::Gcm, std::nullopt});
    keys_["oaep"] = key(kRsa, 2048, Oaep{Oaep::Kind::RsaOaep, psa::Hash::Sha256});
    keys_["v1.5"] = key(kRsa, 2048, Oaep{Oaep::Kind::RsaPkcs1v15, std::nullopt});
    keys_["ecdh"] = key(kEcc, 256, psa::KeyAgreement{psa::RawKeyAgreement::Ecdh, std::nullopt});
  }

  // Has the operation answered with one field of its result, from one of the request.
  template <typename Operation, typename Result, typename Fill>
  void answer_with(Opcode opcode, Fill fill) {
    answers_[opcode] = [fill](const Request& request) {
      Result result;
      fill(body_of<Operation>(request), result);
      return success_with(request, result);
    };
  }

  template <typename Operation>
  Operation last() const {
    return body_of<Operation>(requests().back());
  }
};

TEST_F(DataCommands, CipherKeyEncryptsAndDecrypts) {
  answer_with<psa_cipher_encrypt::Operation, psa_cipher_encrypt::Result>(
      Opcode::PsaCipherEncrypt, [](const auto& operation, auto& result) {
        result.set_ciphertext("iv" + operation.plaintext());
      });
  answer_with<psa_cipher_decrypt::Operation, psa_cipher_decrypt::Result>(
      Opcode::PsaCipherDecrypt, [](const auto& operation, auto& result) {
        result.set_plaintext(operation.ciphertext().substr(2));
      });
  EXPECT_EQ(run({"encrypt", "cipher"}, "plain"), ExitCode::Ok) << err_;
  EXPECT_EQ(out_, "ivplain");
  EXPECT_EQ(run({"decrypt", "cipher"}, out_), ExitCode::Ok);
  EXPECT_EQ(out_, "plain");
  EXPECT_EQ(last<psa_cipher_decrypt::Operation>().alg(), encode(psa::Cipher::CbcPkcs7));
}

TEST_F(DataCommands, WhatTheProviderLacksIsNotSupported) {
  EXPECT_EQ(run({"encrypt", "cipher"}, "plain"), ExitCode::NotSupported);
  EXPECT_THAT(err_, AllOf(HasSubstr("encrypting with key 'cipher': the provider does not support"),
                          HasSubstr("--provider")));
  EXPECT_EQ(run({"mac", "mac"}, "plain"), ExitCode::NotSupported);
}

TEST_F(DataCommands, OaepAloneTakesALabel) {
  answer_with<psa_asymmetric_encrypt::Operation, psa_asymmetric_encrypt::Result>(
      Opcode::PsaAsymmetricEncrypt, [](const auto& operation, auto& result) {
        result.set_ciphertext(operation.salt() + "|" + operation.plaintext());
      });
  EXPECT_EQ(run({"encrypt", "oaep", "--label", "mine", "--out-format", "hex"}, "plain"),
            ExitCode::Ok);
  EXPECT_EQ(out_, to_hex(view_of("mine|plain")) + "\n");
  EXPECT_EQ(last<psa_asymmetric_encrypt::Operation>().alg().rsa_oaep().hash_alg(),
            encode(psa::Hash::Sha256));
  EXPECT_EQ(run({"encrypt", "v1.5", "--label", "mine"}, "plain"), ExitCode::Usage);
  EXPECT_EQ(run({"encrypt", "cipher", "--label", "mine"}, "plain"), ExitCode::Usage);
}

TEST_F(DataCommands, DecryptedTextGoesToAPrivateFile) {
  answer_with<psa_asymmetric_decrypt::Operation, psa_asymmetric_decrypt::Result>(
      Opcode::PsaAsymmetricDecrypt,
      [](const auto&, auto& result) { result.set_plaintext("plain"); });
  std::string file = directory_ / "plain";
  EXPECT_EQ(run({"decrypt", "v1.5", "--output", file, "--in-format", "hex"}, "0011"), ExitCode::Ok);
  EXPECT_EQ(read_file(file), "plain");
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(last<psa_asymmetric_decrypt::Operation>().ciphertext(), std::string("\0\x11", 2));
}

// Of a service that draws no nonces.
class AeadCommands : public DataCommands {
 protected:
  AeadCommands() {
    answers_[Opcode::AeadSeal] = [](const Request& request) {
      return refusal(request, Status::OpcodeDoesNotExist);
    };
    answer_with<psa_aead_encrypt::Operation, psa_aead_encrypt::Result>(
        Opcode::PsaAeadEncrypt, [](const auto& operation, auto& result) {
          result.set_ciphertext(operation.plaintext() + "+" + operation.additional_data());
        });
    answer_with<psa_aead_decrypt::Operation, psa_aead_decrypt::Result>(
        Opcode::PsaAeadDecrypt, [](const auto& operation, auto& result) {
          result.set_plaintext(operation.nonce() + "|" + operation.ciphertext());
        });
  }
};

TEST_F(AeadCommands, DrawnNonceStandsInFrontAndIsTakenFromThere) {
  std::string aad = write_file("aad", "bound");
  EXPECT_EQ(run({"aead", "seal", "aead", "--aad", aad}, "plain"), ExitCode::Ok);
  EXPECT_EQ(out_.size(), 12 + std::string_view("plain+bound").size());
  EXPECT_THAT(out_, EndsWith("plain+bound"));
  std::string nonce = out_.substr(0, 12);
  EXPECT_EQ(last<psa_aead_encrypt::Operation>().nonce(), nonce);
  EXPECT_EQ(run({"aead", "open", "aead"}, out_), ExitCode::Ok);
  EXPECT_EQ(out_, nonce + "|plain+bound");
}

TEST_F(AeadCommands, NoncesAreDrawnAnew) {
  EXPECT_EQ(run({"aead", "seal", "aead"}, "plain"), ExitCode::Ok);
  std::string first = out_;
  EXPECT_EQ(run({"aead", "seal", "aead"}, "plain"), ExitCode::Ok);
  EXPECT_NE(out_, first);
}

TEST_F(AeadCommands, ServiceThatCanDrawsTheNonceInTheSameForm) {
  answer_with<aead_seal::Operation, aead_seal::Result>(
      Opcode::AeadSeal, [](const auto& operation, auto& result) {
        result.set_nonce("twelve bytes");
        result.set_ciphertext(operation.plaintext() + "+" + operation.additional_data());
      });
  std::string aad = write_file("aad", "bound");
  EXPECT_EQ(run({"aead", "seal", "aead", "--aad", aad}, "plain"), ExitCode::Ok);
  EXPECT_EQ(out_, "twelve bytesplain+bound");
  EXPECT_EQ(run({"aead", "open", "aead"}, out_), ExitCode::Ok);
  EXPECT_EQ(out_, "twelve bytes|plain+bound");
}

TEST_F(AeadCommands, WhatTheServiceRefusesToSealIsNotSealedAnotherWay) {
  answers_[Opcode::AeadSeal] = [](const Request& request) {
    return refusal(request, Status::PsaErrorNotPermitted);
  };
  EXPECT_EQ(run({"aead", "seal", "aead"}, "plain"), ExitCode::NotPermitted);
  EXPECT_EQ(requests().back().header.opcode, std::to_underlying(Opcode::AeadSeal));
}

TEST_F(AeadCommands, GivenNonceIsNotInTheOutput) {
  EXPECT_EQ(run({"aead", "seal", "aead", "--nonce", "6e6f6e6365"}, "plain"), ExitCode::Ok);
  EXPECT_EQ(out_, "plain+");
  EXPECT_EQ(run({"aead", "open", "aead", "--nonce", "6e6f6e6365"}, out_), ExitCode::Ok);
  EXPECT_EQ(out_, "nonce|plain+");
}

TEST_F(AeadCommands, WhatCannotBeIsRefusedBeforeItIsSent) {
  EXPECT_EQ(run({"aead", "seal", "aead", "--nonce", "xyz"}, "plain"), ExitCode::Usage);
  EXPECT_EQ(run({"aead", "seal", "aead", "--nonce", ""}, "plain"), ExitCode::Usage);
  EXPECT_EQ(run({"aead", "open", "aead"}, "short"), ExitCode::InvalidData);
  EXPECT_EQ(run({"aead", "seal", "aead", "--aad", "-"}, "plain"), ExitCode::Usage);
  EXPECT_EQ(run({"aead", "seal", "cipher"}, "plain"), ExitCode::NotPermitted);
  EXPECT_EQ(run({"encrypt", "aead"}, "plain"), ExitCode::NotPermitted);
  EXPECT_THAT(err_, HasSubstr("strongroom aead"));
}

TEST_F(AeadCommands, AlteredDataExitsWithBadTag) {
  answers_[Opcode::PsaAeadDecrypt] = [](const Request& request) {
    return refusal(request, Status::PsaErrorInvalidSignature);
  };
  EXPECT_EQ(run({"aead", "open", "aead"}, std::string(40, 'x')), ExitCode::BadSignature);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("altered"));
}

TEST_F(DataCommands, FormatThatACommandLacksIsRefusedBeforeAnythingIsSent) {
  for (const std::vector<std::string>& tokens : std::vector<std::vector<std::string>>{
           {"encrypt", "oaep", "--out-format", "pem"},
           {"decrypt", "oaep", "--in-format", "der"},
           {"derive", "ecdh", "--out-format", "der"},
           {"derive", "ecdh", "--in-format", "openssh"},
           {"mac", "mac", "--out-format", "pem"},
           {"hash", "--out-format", "pem"},
           {"random", "8", "--out-format", "pem"},
           {"sign", "ecdh", "--out-format", "pem"},
           {"verify", "ecdh", "--signature", "-", "--in-format", "pem"},
           {"csr", "ecdh", "--out-format", "raw"},
           {"self-sign", "ecdh", "--out-format", "hex"},
           {"key", "export", "ecdh", "--out-format", "openssh"},
           {"key", "export-public", "ecdh", "--out-format", "xml"},
           {"key", "list", "--sort", "size"}}) {
    EXPECT_EQ(run(tokens, "plain"), ExitCode::Usage) << tokens[0];
    EXPECT_THAT(err_, AllOf(HasSubstr("is no value of --"), HasSubstr("it is one of ")));
  }
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(DataCommands, OutputGoesToTheFileOfTheOptionOrTheArgument) {
  answer_with<psa_generate_random::Operation, psa_generate_random::Result>(
      Opcode::PsaGenerateRandom,
      [](const auto&, auto& result) { result.set_random_bytes("drawn"); });
  std::string file = directory_ / "drawn";
  EXPECT_EQ(run({"random", "5", "--output", file}), ExitCode::Ok);
  EXPECT_EQ(read_file(file), "drawn");
  EXPECT_THAT(out_, IsEmpty());
  std::string other = directory_ / "other";
  EXPECT_EQ(run({"random", "5", other}), ExitCode::Ok);
  EXPECT_EQ(read_file(other), "drawn");
  std::size_t sent = requests().size();
  for (const std::vector<std::string>& tokens : std::vector<std::vector<std::string>>{
           {"random", "5", other, "--output", file},
           {"csr", "ecdh", other, "--subject", "/CN=a", "--output", file},
           {"self-sign", "ecdh", other, "--subject", "/CN=a", "--output", file},
           {"key", "export", "ecdh", other, "--output", file},
           {"key", "export-public", "ecdh", other, "--output", file}}) {
    EXPECT_EQ(run(tokens), ExitCode::Usage);
    EXPECT_THAT(err_, HasSubstr("and --output both say where to write"));
  }
  EXPECT_EQ(requests().size(), sent);
}

TEST_F(DataCommands, RequestThatIsTooLargeIsAdvisedByWhatItWasFor) {
  keys_["letters"] = {.type = kEcc,
                      .bits = 256,
                      .usage = {.sign_message = true},
                      .algorithm = psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::Ecdsa,
                                                            psa::Hash::Sha256}};
  for (Opcode opcode : {Opcode::PsaHashCompute, Opcode::PsaSignMessage, Opcode::PsaCipherEncrypt})
    answers_[opcode] = [](const Request& request) {
      return refusal(request, Status::BodySizeExceedsLimit);
    };
  EXPECT_EQ(run({"hash", "--service"}, "abc"), ExitCode::InvalidData);
  EXPECT_THAT(err_, HasSubstr("without --service a file of any size is hashed here"));
  EXPECT_EQ(run({"sign", "letters"}, "abc"), ExitCode::InvalidData);
  EXPECT_THAT(err_, HasSubstr("the key is for messages alone"));
  EXPECT_EQ(run({"encrypt", "cipher"}, "abc"), ExitCode::InvalidData);
  EXPECT_THAT(err_, HasSubstr("a key of its own"));
}

TEST_F(DataCommands, MacIsComputedAndChecked) {
  answer_with<psa_mac_compute::Operation, psa_mac_compute::Result>(
      Opcode::PsaMacCompute,
      [](const auto& operation, auto& result) { result.set_mac("mac:" + operation.input()); });
  answers_[Opcode::PsaMacVerify] = [](const Request& request) {
    bool is_right = body_of<psa_mac_verify::Operation>(request).mac() == "mac:text";
    return is_right ? success(request) : refusal(request, Status::PsaErrorInvalidSignature);
  };
  EXPECT_EQ(run({"mac", "mac"}, "text"), ExitCode::Ok);
  EXPECT_EQ(out_, to_hex(view_of("mac:text")) + "\n");
  std::string mac = out_;
  EXPECT_EQ(run({"mac", "mac", "--verify", mac}, "text"), ExitCode::Ok);
  EXPECT_EQ(out_, "Verified OK\n");
  EXPECT_EQ(run({"mac", "mac", "--verify", "00"}, "text"), ExitCode::BadSignature);
  EXPECT_EQ(run({"mac", "mac", "--verify", "no hex"}, "text"), ExitCode::Usage);
  EXPECT_EQ(run({"mac", "mac", "--out-format", "raw"}, "text"), ExitCode::Ok);
  EXPECT_EQ(out_, "mac:text");
}

TEST_F(DataCommands, HashIsComputedHereUnlessTheServiceIsToDoIt) {
  EXPECT_EQ(run({"hash"}, "abc"), ExitCode::Ok);
  EXPECT_THAT(out_, StartsWith("ba7816bf8f01cfea"));
  EXPECT_THAT(requests(), IsEmpty());
  EXPECT_EQ(run({"hash", "--hash", "sha512", write_file("abc", "abc")}), ExitCode::Ok);
  EXPECT_THAT(out_, StartsWith("ddaf35a193617aba"));
  answer_with<psa_hash_compute::Operation, psa_hash_compute::Result>(
      Opcode::PsaHashCompute,
      [](const auto& operation, auto& result) { result.set_hash(operation.input()); });
  EXPECT_EQ(run({"hash", "--service"}, "abc"), ExitCode::Ok);
  EXPECT_EQ(out_, "616263\n");
}

// `openssl ecparam -name prime256v1 -genkey | openssl pkey -pubout`, once.
constexpr std::string_view kPeerPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
    "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
    "-----END PUBLIC KEY-----\n";
// The generator of P-256 (SEC 2, 2.4.2), which that key is.
constexpr std::string_view kPoint =
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f"
    "9e162bce33576b315ececbb6406837bf51f5";

TEST_F(DataCommands, SecretIsAgreedOnWithAKeyInAnyForm) {
  answer_with<psa_raw_key_agreement::Operation, psa_raw_key_agreement::Result>(
      Opcode::PsaRawKeyAgreement, [](const auto& operation, auto& result) {
        result.set_shared_secret("shared with " + to_hex(view_of(operation.peer_key())));
      });
  EXPECT_EQ(run({"derive", "ecdh"}, kPeerPem), ExitCode::Ok);
  EXPECT_EQ(out_, "shared with " + std::string(kPoint));
  EXPECT_EQ(run({"derive", "ecdh", "--in-format", "hex"}, kPoint), ExitCode::Ok);
  EXPECT_EQ(out_, "shared with " + std::string(kPoint));
  EXPECT_EQ(run({"derive", "ecdh", "--in-format", "der"}, "garbage"), ExitCode::InvalidData);
  EXPECT_EQ(run({"derive", "ecdh"}, "-----BEGIN garbage"), ExitCode::InvalidData);
  EXPECT_EQ(run({"derive", "aead"}, kPeerPem), ExitCode::NotPermitted);
}

TEST_F(DataCommands, AgreedSecretIsKeptFromTheTerminalInAnyForm) {
  answer_with<psa_raw_key_agreement::Operation, psa_raw_key_agreement::Result>(
      Opcode::PsaRawKeyAgreement,
      [](const auto&, auto& result) { result.set_shared_secret("hush"); });
  is_at_a_terminal_ = true;
  for (const char* format : {"raw", "hex", "base64"}) {
    EXPECT_EQ(run({"derive", "ecdh", "--out-format", format}, kPeerPem), ExitCode::Usage);
    EXPECT_THAT(out_, IsEmpty());
  }
  EXPECT_EQ(run({"derive", "ecdh", "--force"}, kPeerPem), ExitCode::Ok);
  EXPECT_EQ(out_, "hush");
  std::string file = directory_ / "secret";
  EXPECT_EQ(run({"derive", "ecdh", "--output", file}, kPeerPem), ExitCode::Ok);
  EXPECT_EQ(read_file(file), "hush");
}

}  // namespace
}  // namespace strongroom::cli::testing
