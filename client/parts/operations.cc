#include <new>
#include <utility>

#include "base/error.h"
#include "client/parts/part_stream.h"

namespace strongroom {

using client::guarded;
using client::PartReceiver;
using client::PartStream;

namespace {

class NoOutput final : public PartReceiver {
 public:
  bool add(ByteView output) override { return output.empty(); }
  bool succeed() noexcept override { return true; }
  void fail() noexcept override {}
};

class ToSink final : public PartReceiver {
 public:
  explicit ToSink(CiphertextSink sink) noexcept : sink_(std::move(sink)) {}
  bool add(ByteView output) override { return output.empty() || sink_(output); }
  bool succeed() noexcept override { return true; }
  void fail() noexcept override {}

 private:
  CiphertextSink sink_;
};

class ToQuarantine final : public PartReceiver {
 public:
  explicit ToQuarantine(Quarantine& quarantine) noexcept : quarantine_(quarantine) {}
  bool add(ByteView output) override { return output.empty() || quarantine_.add(output); }
  bool succeed() noexcept override { return quarantine_.release(); }
  void fail() noexcept override { quarantine_.discard(); }

 private:
  Quarantine& quarantine_;
};

OperationId itself(const OperationId& id) {
  return id;
}

ClientResult<> add_to(PartReceiver& receiver, ByteView output) {
  if (receiver.add(output)) return {};
  return PartStream::unwanted();
}

constexpr auto kNothingMore = [](PartReceiver&, const auto&) -> ClientResult<> { return {}; };

ClientResult<std::unique_ptr<PartStream>> begun_encryption(
    const Client& client, requests::Prepared<BegunEncryption> request, CiphertextSink sink,
    const PartOptions& options) {
  return guarded([&]() -> ClientResult<std::unique_ptr<PartStream>> {
    auto stream = TRY(PartStream::open(client, options, std::make_unique<ToSink>(std::move(sink))));
    auto begun =
        TRY(stream->begin(std::move(request), [](const BegunEncryption& one) { return one.id; }));
    stream->set_nonce(std::move(begun.nonce));
    return stream;
  });
}

}  // namespace

HashOperation::HashOperation(std::unique_ptr<PartStream> stream) noexcept
    : stream_(std::move(stream)) {}
HashOperation::HashOperation(HashOperation&&) noexcept = default;
HashOperation& HashOperation::operator=(HashOperation&&) noexcept = default;
HashOperation::~HashOperation() = default;

ClientResult<HashOperation> HashOperation::begin(const Client& client, psa::Hash hash,
                                                 const PartOptions& options) {
  return guarded([&]() -> ClientResult<HashOperation> {
    auto stream = TRY(PartStream::open(client, options, std::make_unique<NoOutput>()));
    std::ignore = TRY(stream->begin(requests::begin_hash(hash), &itself));
    return HashOperation(std::move(stream));
  });
}

ClientResult<> HashOperation::update(ByteView data) {
  return stream_->update(data);
}

ClientResult<Bytes> HashOperation::finish() {
  return stream_->finish<Bytes>(&requests::finish_hash, kNothingMore);
}

ClientResult<> HashOperation::compare(ByteView digest) {
  const auto make = [digest](OperationId id, std::uint64_t part) {
    return requests::compare_hash(id, part, digest);
  };
  return stream_->finish<void>(make, kNothingMore);
}

AeadEncryption::AeadEncryption(std::unique_ptr<PartStream> stream) noexcept
    : stream_(std::move(stream)) {}
AeadEncryption::AeadEncryption(AeadEncryption&&) noexcept = default;
AeadEncryption& AeadEncryption::operator=(AeadEncryption&&) noexcept = default;
AeadEncryption::~AeadEncryption() = default;

ClientResult<AeadEncryption> AeadEncryption::begin(const Client& client, std::string_view key,
                                                   const psa::Aead& algorithm,
                                                   ByteView additional_data, CiphertextSink sink,
                                                   const PartOptions& options) {
  auto stream =
      TRY(begun_encryption(client, requests::begin_encryption(key, algorithm, {}, additional_data),
                           std::move(sink), options));
  return AeadEncryption(std::move(stream));
}

ClientResult<AeadEncryption> AeadEncryption::begin_with_nonce(
    const Client& client, std::string_view key, const psa::Aead& algorithm, ByteView nonce,
    ByteView additional_data, CiphertextSink sink, const PartOptions& options) {
  if (nonce.empty())
    return std::unexpected(ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument,
                                       "beginning an encryption in parts: the nonce is empty"));
  return guarded([&]() -> ClientResult<AeadEncryption> {
    Bytes given = copy_of(nonce);
    auto stream = TRY(
        begun_encryption(client, requests::begin_encryption(key, algorithm, nonce, additional_data),
                         std::move(sink), options));
    stream->set_nonce(std::move(given));
    return AeadEncryption(std::move(stream));
  });
}

ByteView AeadEncryption::nonce() const noexcept {
  return stream_->nonce();
}

ClientResult<> AeadEncryption::update(ByteView plaintext) {
  return stream_->update(plaintext);
}

ClientResult<Bytes> AeadEncryption::finish() {
  const auto last = [](PartReceiver& receiver, const ClientResult<EndOfEncryption>& end) {
    return add_to(receiver, end->ciphertext);
  };
  auto end = TRY(stream_->finish<EndOfEncryption>(&requests::finish_encryption, last));
  return std::move(end.tag);
}

bool MemoryQuarantine::add(ByteView unverified) noexcept {
  if (is_released_ || unverified.size() > limit_ - text_.size()) return false;
  try {
    text_.insert(text_.end(), unverified.begin(), unverified.end());
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

bool MemoryQuarantine::release() noexcept {
  is_released_ = true;
  return true;
}

void MemoryQuarantine::discard() noexcept {
  SecretBytes().swap(text_);
}

SecretBytes MemoryQuarantine::take() noexcept {
  return is_released_ ? std::exchange(text_, {}) : SecretBytes();
}

AeadDecryption::AeadDecryption(std::unique_ptr<PartStream> stream) noexcept
    : stream_(std::move(stream)) {}
AeadDecryption::AeadDecryption(AeadDecryption&&) noexcept = default;
AeadDecryption& AeadDecryption::operator=(AeadDecryption&&) noexcept = default;
AeadDecryption::~AeadDecryption() = default;

ClientResult<AeadDecryption> AeadDecryption::begin(const Client& client, std::string_view key,
                                                   const psa::Aead& algorithm, ByteView nonce,
                                                   ByteView additional_data, Quarantine& quarantine,
                                                   const PartOptions& options) {
  auto stream = guarded([&] {
    return PartStream::open(client, options, std::make_unique<ToQuarantine>(quarantine));
  });
  if (!stream) {
    quarantine.discard();
    return std::unexpected(std::move(stream).error());
  }
  std::ignore = TRY((*stream)->begin(
      requests::begin_decryption(key, algorithm, nonce, additional_data), &itself));
  return AeadDecryption(*std::move(stream));
}

ClientResult<> AeadDecryption::update(ByteView ciphertext) {
  return stream_->update(ciphertext);
}

ClientResult<> AeadDecryption::finish(ByteView tag) {
  const auto make = [tag](OperationId id, std::uint64_t part) {
    return requests::finish_decryption(id, part, tag);
  };
  const auto last = [](PartReceiver& receiver, const ClientResult<SecretBytes>& rest) {
    return add_to(receiver, *rest);
  };
  std::ignore = TRY(stream_->finish<SecretBytes>(make, last));
  return {};
}

}  // namespace strongroom
