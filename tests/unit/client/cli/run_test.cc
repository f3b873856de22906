#include "client/cli/run.h"

#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include <gmock/gmock.h>

#include "client/cli/format/signature.h"
#include "list_keys.pb.h"
#include "list_providers.pb.h"
#include "ping.pb.h"
#include "protocol/psa_codec.h"
#include "psa_export_public_key.pb.h"
#include "psa_generate_key.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_sign_hash.pb.h"
#include "psa_verify_hash.pb.h"
#include "tests/unit/client/cli/test_keys.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::refusal;
using ::testing::StartsWith;
using testing::success;
using testing::success_with;
using Signature = psa::AsymmetricSignature;

constexpr psa::UsageFlags kSigns = {
    .sign_message = true, .verify_message = true, .sign_hash = true, .verify_hash = true};

psa::KeyAttributes ecdsa_attributes(std::optional<psa::Hash> hash) {
  return {.type = {psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1},
          .bits = 256,
          .usage = kSigns,
          .algorithm = Signature{Signature::Kind::Ecdsa, hash}};
}

constexpr psa::KeyAttributes kAesAttributes = {
    .type = {psa::KeyType::Kind::Aes, std::nullopt},
    .bits = 256,
    .usage = {.encrypt = true},
    .algorithm = psa::Aead{psa::Aead::Kind::Gcm, std::nullopt},
};

template <typename Message>
Message parsed(const Request& request) {
  Message message;
  message.ParseFromArray(request.body.data(), static_cast<int>(request.body.size()));
  return message;
}

// A provider 3 with the keys "web", "open" (any hash), "data" (AES) and "both", which provider 1
// has, too. Its one ECC key is real.
class FakeKeys {
 public:
  Bytes answer(const Request& request) const {
    switch (static_cast<Opcode>(request.header.opcode)) {
      case Opcode::Ping: {
        ping::Result result;
        result.set_wire_protocol_version_maj(1);
        return success_with(request, result);
      }
      case Opcode::ListProviders: return list_providers(request);
      case Opcode::ListKeys: return list_keys(request);
      case Opcode::PsaSignHash: return sign(request);
      case Opcode::PsaVerifyHash: return verify(request);
      case Opcode::PsaExportPublicKey: {
        psa_export_public_key::Result result;
        result.set_data(std::string(text_of(testing::exported_point(key))));
        return success_with(request, result);
      }
      case Opcode::PsaExportKey: return refusal(request, Status::PsaErrorNotPermitted);
      case Opcode::PsaGenerateKey: return generate(request);
      case Opcode::PsaDestroyKey: return success(request);
      case Opcode::PsaGenerateRandom: {
        psa_generate_random::Result result;
        result.set_random_bytes(
            std::string(parsed<psa_generate_random::Operation>(request).size(), '\x01'));
        return success_with(request, result);
      }
      case Opcode::KeyInfo: return refusal(request, Status::OpcodeDoesNotExist);
      default: return refusal(request, Status::PsaErrorNotSupported);
    }
  }

  testing::Key key = testing::generate_ecc("prime256v1");

 private:
  static Bytes list_providers(const Request& request) {
    ::list_providers::Result result;
    for (auto [id, text] : {std::pair{3U, "TPM \x1b[31m"}, {1U, "software"}, {0U, "core"}}) {
      auto* info = result.add_providers();
      info->set_id(id);
      info->set_description(text);
    }
    return success_with(request, result);
  }

  static Bytes list_keys(const Request& request) {
    ::list_keys::Result result;
    auto add = [&](std::string_view name, unsigned provider, const psa::KeyAttributes& what) {
      auto* info = result.add_keys();
      info->set_name(std::string(name));
      info->set_provider_id(provider);
      *info->mutable_attributes() = encode(what);
    };
    add("web", 3, ecdsa_attributes(psa::Hash::Sha256));
    add("open", 3, ecdsa_attributes(std::nullopt));
    add("data", 3, kAesAttributes);
    add("both", 3, kAesAttributes);
    add("both", 1, kAesAttributes);
    add("-- 🔑 x", 1, ecdsa_attributes(psa::Hash::Sha256));
    return success_with(request, result);
  }

  Bytes sign(const Request& request) const {
    auto operation = parsed<psa_sign_hash::Operation>(request);
    Bytes der = testing::sign_der(key, view_of(operation.hash()));
    psa_sign_hash::Result result;
    result.set_signature(std::string(text_of(*ecdsa_from_der(der, 32))));
    return success_with(request, result);
  }

  Bytes verify(const Request& request) const {
    auto operation = parsed<psa_verify_hash::Operation>(request);
    Outcome<Bytes> der = ecdsa_to_der(view_of(operation.signature()));
    bool matches = der && testing::verifies_der(key, view_of(operation.hash()), *der);
    return matches ? success(request) : refusal(request, Status::PsaErrorInvalidSignature);
  }

  static Bytes generate(const Request& request) {
    bool taken = parsed<psa_generate_key::Operation>(request).key_name() == "web";
    return taken ? refusal(request, Status::PsaErrorAlreadyExists) : success(request);
  }
};

class Run : public ::testing::Test {
 protected:
  // With the socket of the fake service.
  ExitCode run(std::vector<std::string> tokens, std::string_view input = "",
               bool out_is_terminal = false) {
    tokens.insert(tokens.begin(), {"--socket", service_.socket_path()});
    return run_as_is(tokens, input, out_is_terminal);
  }
  ExitCode run_as_is(const std::vector<std::string>& tokens, std::string_view input = "",
                     bool out_is_terminal = false) {
    std::istringstream in{std::string(input)};
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{.in = in, .out = out, .err = err, .out_is_terminal = out_is_terminal};
    ExitCode code = cli::run(tokens, streams);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::string write_file(std::string_view name, std::string_view content) const {
    std::string path = directory_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::string read_file(const std::string& path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  FakeKeys keys_;
  testing::FakeService service_{[this](const Request& request) { return keys_.answer(request); }};
  testing::TemporaryDirectory directory_;
  std::string out_;
  std::string err_;
};

TEST_F(Run, PingPrintsTheVersion) {
  EXPECT_EQ(run({"ping"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("wire protocol: 1.0\n"));
  EXPECT_EQ(run({"ping", "--json"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("\"wire_protocol\": \"1.0\""));
  EXPECT_THAT(err_, IsEmpty());
}

TEST_F(Run, ProvidersAreListedInOrderAndEscaped) {
  EXPECT_EQ(run({"providers"}), ExitCode::Ok);
  EXPECT_LT(out_.find("tpm"), out_.find("software"));
  EXPECT_THAT(out_, HasSubstr("TPM \\x1b[31m"));
}

TEST_F(Run, KeysAreListedWithWhatTheyAreFor) {
  EXPECT_EQ(run({"key", "list"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("\nweb     ecc-p256  ecdsa-sha256    sign,verify  tpm\n"));
  EXPECT_EQ(run({"--provider", "software", "key", "list", "--json"}), ExitCode::Ok);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"name\": \"-- 🔑 x\""), ::testing::Not(HasSubstr("web"))));
}

TEST_F(Run, KeyIsShownAlsoByAServiceThatTellsNoDetails) {
  EXPECT_EQ(run({"key", "show", "--json", "web"}), ExitCode::Ok);
  EXPECT_EQ(out_,
            "{\"name\": \"web\", \"type\": \"ecc-p256\", \"bits\": 256, \"algorithm\": "
            "\"ecdsa-sha256\", \"usage\": [\"sign\", \"verify\"], \"provider\": \"tpm\", "
            "\"provider_id\": 3, \"drawn_nonce_only\": false, \"created\": null, "
            "\"protection\": null, \"public_key_sha256\": null}\n");
}

TEST_F(Run, KeyOfAnyNameIsFoundBehindTwoDashes) {
  EXPECT_EQ(run({"key", "show", "--", "-- 🔑 x"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("-- 🔑 x"));
}

TEST_F(Run, UnknownKeyExitsWithItsClassAndAdvice) {
  EXPECT_EQ(run({"key", "show", "non\ne"}), ExitCode::DoesNotExist);
  EXPECT_THAT(err_, StartsWith("strongroom: showing key 'non\\x0ae': there is no such key"));
  EXPECT_THAT(err_, HasSubstr("'strongroom key list' shows yours"));
}

TEST_F(Run, NameInTwoProvidersNeedsAChoice) {
  EXPECT_EQ(run({"key", "delete", "both"}), ExitCode::Usage);
  EXPECT_THAT(err_, HasSubstr("--provider"));
  EXPECT_EQ(run({"key", "delete", "both", "--provider", "1"}), ExitCode::Ok);
  EXPECT_EQ(service_.requests().back().header.provider, 1);
}

TEST_F(Run, DeletingGoesToTheProviderThatHasTheKey) {
  EXPECT_EQ(run({"key", "delete", "--", "-- 🔑 x"}), ExitCode::Ok);
  EXPECT_EQ(service_.requests().back().header.provider, 1);
}

TEST_F(Run, GeneratedKeyGetsTheDefaultsOfItsType) {
  EXPECT_EQ(run({"key", "generate", "new one", "--type", "ecc-p256"}), ExitCode::Ok);
  auto operation = parsed<psa_generate_key::Operation>(service_.requests().back());
  EXPECT_EQ(operation.key_name(), "new one");
  EXPECT_EQ(*decode(operation.attributes()), ecdsa_attributes(psa::Hash::Sha256));
}

TEST_F(Run, UsageAndAlgorithmOfANewKeyCanBeChosen) {
  EXPECT_EQ(
      run({"key", "generate", "k", "--type=aes-256", "--algorithm=aes-gcm", "--usage=encrypt"}),
      ExitCode::Ok);
  auto operation = parsed<psa_generate_key::Operation>(service_.requests().back());
  EXPECT_EQ(*decode(operation.attributes()), kAesAttributes);
}

TEST_F(Run, TakenNameExitsWithItsClassAndAdvice) {
  EXPECT_EQ(run({"key", "generate", "web", "--type", "ecc-p256"}), ExitCode::Exists);
  EXPECT_THAT(err_, AllOf(HasSubstr("PsaErrorAlreadyExists, 1139"), HasSubstr("another name")));
}

TEST_F(Run, RefusedExportSaysWhy) {
  EXPECT_EQ(run({"key", "export", "web"}), ExitCode::NotPermitted);
  EXPECT_THAT(err_, HasSubstr("the key was created without the export usage"));
  EXPECT_THAT(out_, IsEmpty());
}

TEST_F(Run, ExportedPublicKeyIsReadByOpenssl) {
  EXPECT_EQ(run({"key", "export-public", "web"}, "", true), ExitCode::Ok);
  testing::Key read = testing::read_public_pem(out_);
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(EVP_PKEY_eq(read.get(), keys_.key.get()), 1);
}

TEST_F(Run, SignatureVerifiesInOpenssl) {
  EXPECT_EQ(run({"sign", "web"}, "message"), ExitCode::Ok);
  EXPECT_TRUE(testing::verifies_der(keys_.key, testing::sha256("message"), view_of(out_)));
  EXPECT_EQ(run({"sign", "web", "--out-format", "raw"}, "message"), ExitCode::Ok);
  EXPECT_EQ(out_.size(), 64U);
}

TEST_F(Run, SignedFileVerifies) {
  std::string file = write_file("message", std::string(200'000, 'm'));
  std::string signature = directory_ / "signature";
  EXPECT_EQ(run({"sign", "web", file, "--output", signature, "--out-format=base64"}), ExitCode::Ok);
  EXPECT_EQ(run({"verify", "web", file, "--signature", signature, "--in-format=base64"}),
            ExitCode::Ok);
  EXPECT_EQ(out_, "Verified OK\n");
}

TEST_F(Run, AlteredMessageExitsWithBadSignature) {
  std::string signature = directory_ / "signature";
  EXPECT_EQ(run({"sign", "web", "-", "--output", signature}, "message"), ExitCode::Ok);
  EXPECT_EQ(run({"verify", "web", "--signature", signature}, "message"), ExitCode::Ok);
  EXPECT_EQ(run({"verify", "web", "--signature", signature}, "massage"), ExitCode::BadSignature);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("does not match"));
}

TEST_F(Run, SignatureThatIsNoneIsInvalidData) {
  std::string file = write_file("signature", "garbage");
  EXPECT_EQ(run({"verify", "web", "--signature", file}, "message"), ExitCode::InvalidData);
}

TEST_F(Run, MessageAndSignatureCannotBothBeStandardInput) {
  EXPECT_EQ(run({"verify", "web", "--signature", "-"}), ExitCode::Usage);
  EXPECT_EQ(run({"verify", "web"}), ExitCode::Usage);
}

TEST_F(Run, OpenHashIsTheUsualOneAndAFixedOneCannotBeChanged) {
  EXPECT_EQ(run({"sign", "open"}, "x"), ExitCode::Ok);
  EXPECT_EQ(parsed<psa_sign_hash::Operation>(service_.requests().back()).hash().size(), 32U);
  EXPECT_EQ(run({"sign", "open", "--hash", "sha384"}, "x"), ExitCode::Ok);
  auto operation = parsed<psa_sign_hash::Operation>(service_.requests().back());
  EXPECT_EQ(operation.hash().size(), 48U);
  EXPECT_EQ(run({"sign", "web", "--hash", "sha384"}, "x"), ExitCode::NotPermitted);
}

TEST_F(Run, KeyThatDoesNotSignIsNotPermitted) {
  EXPECT_EQ(run({"sign", "data"}), ExitCode::NotPermitted);
  EXPECT_THAT(err_, HasSubstr("aes-gcm"));
}

TEST_F(Run, MissingFileIsNamed) {
  EXPECT_EQ(run({"sign", "web", "/no/such file"}), ExitCode::Other);
  EXPECT_THAT(err_, HasSubstr("'/no/such file'"));
}

TEST_F(Run, BinaryDataIsKeptFromATerminal) {
  EXPECT_EQ(run({"random", "8"}, "", true), ExitCode::Usage);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_EQ(run({"random", "8", "--force"}, "", true), ExitCode::Ok);
  EXPECT_EQ(out_, std::string(8, '\x01'));
  EXPECT_EQ(run({"random", "2", "--out-format", "hex"}, "", true), ExitCode::Ok);
  EXPECT_EQ(out_, "0101\n");
}

TEST_F(Run, FileWithRandomBytesIsPrivate) {
  std::string file = write_file("random", "");
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  EXPECT_EQ(run({"random", "16", file}), ExitCode::Ok);
  EXPECT_EQ(read_file(file).size(), 16U);
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Run, WrongCommandLinesExitWithUsage) {
  for (const std::vector<std::string>& tokens :
       std::vector<std::vector<std::string>>{{},
                                             {"pong"},
                                             {"ping", "x"},
                                             {"key", "show"},
                                             {"key", "generate", "x"},
                                             {"key", "generate", "x", "--type", "ecc"},
                                             {"random", "many"},
                                             {"random", "-1"},
                                             {"sign", "web", "--out-format", "xml"},
                                             {"ping", "--color", "sometimes"},
                                             {"ping", "--timeout", "soon"},
                                             {"ping", "--timeout", "-1"},
                                             {"key", "list", "--sort", "size"},
                                             {"help", "pong"},
                                             {"completion", "fish"},
                                             {"ping", "--provider", "core"}})
    EXPECT_EQ(run(tokens), ExitCode::Usage);
  EXPECT_EQ(run_as_is({"--socket", "http://x", "ping"}), ExitCode::Usage);
}

TEST_F(Run, HelpAndVersionNeedNoService) {
  EXPECT_EQ(run_as_is({"--version"}), ExitCode::Ok);
  EXPECT_EQ(out_, "strongroom " STRONGROOM_VERSION "\n");
  EXPECT_EQ(run_as_is({"key", "--help"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("key generate"));
  for (const Command* command : commands()) {
    std::string words(command->words);
    std::size_t space = words.find(' ');
    std::vector<std::string> tokens = {words.substr(0, space)};
    if (space != std::string::npos) tokens.push_back(words.substr(space + 1));
    tokens.emplace_back("--help");
    EXPECT_EQ(run_as_is(tokens), ExitCode::Ok);
    EXPECT_THAT(out_, StartsWith("usage: strongroom " + words));
  }
}

TEST_F(Run, HelpNamesEveryExitCodeAndTheManual) {
  EXPECT_EQ(run_as_is({"--help"}), ExitCode::Ok);
  EXPECT_THAT(out_, HasSubstr("exit status: 0 ok, 1 other failure, 2 wrong usage, 3 cannot "));
  for (const ExitCodeMeaning& row : kExitCodes)
    EXPECT_THAT(out_, HasSubstr(fmt::format("{} {}", std::to_underlying(row.code), row.meaning)));
  EXPECT_THAT(out_, HasSubstr("strongroom(1)"));
}

TEST_F(Run, MissingServiceIsDiagnosed) {
  EXPECT_EQ(run_as_is({"--socket", directory_ / "none", "ping"}), ExitCode::CannotConnect);
  EXPECT_THAT(err_, AllOf(StartsWith("strongroom: pinging the service: "),
                          HasSubstr("is the daemon running?")));
}

TEST_F(Run, UntrustedSocketIsRefusedUnlessSaidOtherwise) {
  std::string directory = service_.socket_path().substr(0, service_.socket_path().rfind('/'));
  ASSERT_EQ(::chmod(directory.c_str(), 0777), 0);
  EXPECT_EQ(run({"ping"}), ExitCode::CannotConnect);
  EXPECT_THAT(err_, HasSubstr("--insecure-socket"));
  EXPECT_EQ(run({"ping", "--insecure-socket"}), ExitCode::Ok);
}

}  // namespace
}  // namespace strongroom::cli
