#include "tests/conformance/socket/socket_parts.h"

#include <utility>

#include "strongroom/multipart.h"
#include "tests/conformance/socket/socket_keys.h"

namespace strongroom::conformance {
namespace {

// So that short texts have several.
constexpr PartOptions kShort{.part_size = 50, .window = 200};

class SocketHash final : public HashInParts {
 public:
  explicit SocketHash(HashOperation operation) : operation_(std::move(operation)) {}
  Result<> update(ByteView data) override { return answer_in(operation_.update(data)); }
  Result<Bytes> finish() override { return answer_in(operation_.finish()); }

 private:
  HashOperation operation_;
};

class SocketEncryption final : public EncryptionInParts {
 public:
  SocketEncryption(AeadEncryption operation, std::shared_ptr<Bytes> output)
      : operation_(std::move(operation)), output_(std::move(output)) {}
  Result<Bytes> update(ByteView plaintext) override {
    TRY(answer_in(operation_.update(plaintext)));
    return std::exchange(*output_, {});
  }
  Result<End> finish() override {
    Bytes tag = TRY(answer_in(operation_.finish()));
    return End{.ciphertext = std::exchange(*output_, {}), .tag = std::move(tag)};
  }

 private:
  AeadEncryption operation_;
  std::shared_ptr<Bytes> output_;
};

// Gives out what is not verified: that is what the cases look at.
class Unguarded final : public Quarantine {
 public:
  bool add(ByteView unverified) noexcept override {
    text.insert(text.end(), unverified.begin(), unverified.end());
    return true;
  }
  bool release() noexcept override { return true; }
  void discard() noexcept override { text.clear(); }

  Bytes text;
};

class SocketDecryption final : public DecryptionInParts {
 public:
  SocketDecryption(std::unique_ptr<Unguarded> output, AeadDecryption operation)
      : output_(std::move(output)), operation_(std::move(operation)) {}
  Result<SecretBuffer> update(ByteView ciphertext) override {
    TRY(answer_in(operation_.update(ciphertext)));
    return SecretBuffer::copy_of(std::exchange(output_->text, {}));
  }
  Result<SecretBuffer> finish(ByteView tag) override {
    TRY(answer_in(operation_.finish(tag)));
    return SecretBuffer::copy_of(std::exchange(output_->text, {}));
  }

 private:
  std::unique_ptr<Unguarded> output_;
  AeadDecryption operation_;
};

}  // namespace

Result<std::unique_ptr<HashInParts>> hash_by(const Client& client, psa::Hash algorithm) {
  auto operation = TRY(answer_in(HashOperation::begin(client, algorithm, kShort)));
  return std::make_unique<SocketHash>(std::move(operation));
}

Result<std::unique_ptr<EncryptionInParts>> encryption_by(const Client& client,
                                                         const std::string& key,
                                                         const psa::Aead& algorithm,
                                                         const AeadInput& input) {
  if (input.nonce.empty())
    return fail(Status::PsaErrorInvalidArgument, "to the service, no nonce means a drawn one");
  auto output = std::make_shared<Bytes>();
  const auto keep = [output](ByteView ciphertext) {
    output->insert(output->end(), ciphertext.begin(), ciphertext.end());
    return true;
  };
  auto operation = TRY(answer_in(AeadEncryption::begin_with_nonce(
      client, key, algorithm, input.nonce, input.additional_data, keep, kShort)));
  return std::make_unique<SocketEncryption>(std::move(operation), std::move(output));
}

Result<std::unique_ptr<DecryptionInParts>> decryption_by(const Client& client,
                                                         const std::string& key,
                                                         const psa::Aead& algorithm,
                                                         const AeadInput& input) {
  auto output = std::make_unique<Unguarded>();
  auto operation = TRY(answer_in(AeadDecryption::begin(client, key, algorithm, input.nonce,
                                                       input.additional_data, *output, kShort)));
  return std::make_unique<SocketDecryption>(std::move(output), std::move(operation));
}

}  // namespace strongroom::conformance
