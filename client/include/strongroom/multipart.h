// Data of any length, hashed, encrypted or decrypted in parts while it comes. An extension, which
// services other than Strongroom answer with OpcodeDoesNotExist.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/psa.h"
#include "strongroom/client.h"
#include "strongroom/client_error.h"
#include "strongroom/request.h"
#include "strongroom/secret_bytes.h"

namespace strongroom {

namespace client {
class PartStream;
}

// All operations below have this in common. Each has a connection of its own to its client's
// service, as the service keeps its state for one connection alone; the client may go first. It
// sends parts ahead of their answers, so that update() waits only for room in the window; its
// memory is bounded by part and window, whatever the length of the data. The client's timeout is
// that of each part. It is used by one thread at a time, in the process and by the effective user
// that began it: a child of fork() cannot go on with it, and destroying its copy there disturbs
// nothing.
//
// Whatever fails, fails for good: the service has forgotten the operation, and calls that follow
// fail with source Caller, PsaErrorBadState. That is so, too, when the connection is lost, with
// source Connection; a service that keeps none fails so at the first part, and none is kept for
// more than an hour. A minute without a part, a key that is destroyed and a provider that a reload
// replaces end it as well. Nothing has changed then; begin again. Destroying an unfinished
// operation ends it.
struct PartOptions {
  // Bytes of data in one request: at least one, and less than the service's [limits] body_bytes.
  std::size_t part_size = std::size_t{128} * 1024;
  // Bytes that are on their way at most; one part may be always.
  std::size_t window = std::size_t{512} * 1024;
};

class [[gnu::visibility("default")]] HashOperation {
 public:
  static ClientResult<HashOperation> begin(const Client& client, psa::Hash hash,
                                           const PartOptions& options = {});
  HashOperation(HashOperation&&) noexcept;
  HashOperation& operator=(HashOperation&&) noexcept;
  ~HashOperation();

  ClientResult<> update(ByteView data);
  // One of these is the last call.
  ClientResult<Bytes> finish();
  // PsaErrorInvalidSignature when the digest is another one.
  ClientResult<> compare(ByteView digest);

 private:
  [[gnu::visibility("hidden")]] explicit HashOperation(
      std::unique_ptr<client::PartStream> stream) noexcept;
  std::unique_ptr<client::PartStream> stream_;
};

// What has been encrypted, in order. Called by update() and finish(); must not throw. False ends
// the operation, which fails with source Cancelled.
using CiphertextSink = std::move_only_function<bool(ByteView ciphertext)>;

// GCM and ChaCha20-Poly1305; the service has CCM only in one piece (PsaErrorNotSupported). The
// result is that of Client::aead_encrypt(), whose ciphertext has the tag at its end.
class [[gnu::visibility("default")]] AeadEncryption {
 public:
  // With a nonce that the service draws, of 12 bytes.
  static ClientResult<AeadEncryption> begin(const Client& client, std::string_view key,
                                            const psa::Aead& algorithm, ByteView additional_data,
                                            CiphertextSink sink, const PartOptions& options = {});
  // It must never be used twice with one key.
  static ClientResult<AeadEncryption> begin_with_nonce(const Client& client, std::string_view key,
                                                       const psa::Aead& algorithm, ByteView nonce,
                                                       ByteView additional_data,
                                                       CiphertextSink sink,
                                                       const PartOptions& options = {});
  AeadEncryption(AeadEncryption&&) noexcept;
  AeadEncryption& operator=(AeadEncryption&&) noexcept;
  ~AeadEncryption();

  ByteView nonce() const noexcept;
  ClientResult<> update(ByteView plaintext);
  // Gives the tag, once the sink has had all of the ciphertext.
  ClientResult<Bytes> finish();

 private:
  [[gnu::visibility("hidden")]] explicit AeadEncryption(
      std::unique_ptr<client::PartStream> stream) noexcept;
  std::unique_ptr<client::PartStream> stream_;
};

// Where decrypted text waits for the verdict, which comes with the tag at the end. What add() gets
// may be an attacker's until release() is called: nobody may see it or act on it, and after
// discard() nobody ever may. A file under a name that nobody opens, renamed by release() and
// removed by discard(), does; a pipe does not. No function may throw.
class Quarantine {
 public:
  virtual ~Quarantine() = default;
  // The text's next bytes. False ends the operation, which fails with source Cancelled.
  virtual bool add(ByteView unverified) noexcept = 0;
  // The tag was right: what was added is the plaintext. False makes finish() fail with source
  // Cancelled, and discard() follows.
  virtual bool release() noexcept = 0;
  // The tag was wrong, or will never be known to be right.
  virtual void discard() noexcept = 0;
};

// Keeps the text in memory, which is wiped.
class [[gnu::visibility("default")]] MemoryQuarantine final : public Quarantine {
 public:
  // Texts of more than `limit` bytes end the operation.
  explicit MemoryQuarantine(std::size_t limit) noexcept : limit_(limit) {}
  bool add(ByteView unverified) noexcept override;
  bool release() noexcept override;
  void discard() noexcept override;
  // The plaintext; empty unless it was released.
  SecretBytes take() noexcept;

 private:
  const std::size_t limit_;
  SecretBytes text_;
  bool is_released_ = false;
};

// Gives `quarantine`, which outlives it, the text and then one of release() and discard(), once.
class [[gnu::visibility("default")]] AeadDecryption {
 public:
  // After a failure the quarantine has been told to discard.
  static ClientResult<AeadDecryption> begin(const Client& client, std::string_view key,
                                            const psa::Aead& algorithm, ByteView nonce,
                                            ByteView additional_data, Quarantine& quarantine,
                                            const PartOptions& options = {});
  AeadDecryption(AeadDecryption&&) noexcept;
  AeadDecryption& operator=(AeadDecryption&&) noexcept;
  // Has the text discarded unless finish() has been called.
  ~AeadDecryption();

  // Without the tag.
  ClientResult<> update(ByteView ciphertext);
  // Success means that the text was genuine and has been released. PsaErrorInvalidSignature when
  // anything was altered.
  ClientResult<> finish(ByteView tag);

 private:
  [[gnu::visibility("hidden")]] explicit AeadDecryption(
      std::unique_ptr<client::PartStream> stream) noexcept;
  std::unique_ptr<client::PartStream> stream_;
};

// What the operations above send, for AsyncClient. All of one operation go through one client,
// whose connection must not be lost meanwhile; parts may be started before others are answered.
enum class OperationId : std::uint64_t {};

struct BegunEncryption {
  OperationId id;
  Bytes nonce;  // that the service drew
};

struct EndOfEncryption {
  Bytes ciphertext;  // that was still to come
  Bytes tag;
};

namespace requests {

#pragma GCC visibility push(default)

Prepared<OperationId> begin_hash(psa::Hash hash);
// The service draws an empty nonce.
Prepared<BegunEncryption> begin_encryption(Name key, const psa::Aead& algorithm, ByteView nonce,
                                           ByteView additional_data);
Prepared<OperationId> begin_decryption(Name key, const psa::Aead& algorithm, ByteView nonce,
                                       ByteView additional_data);
// What has been encrypted or decrypted, which is then NOT VERIFIED. Parts have the numbers 1, 2, …
// in the order in which they are started, and the end has the next.
Prepared<SecretBytes> update_operation(OperationId id, std::uint64_t part_number, ByteView data);
Prepared<Bytes> finish_hash(OperationId id, std::uint64_t part_number);
Prepared<> compare_hash(OperationId id, std::uint64_t part_number, ByteView digest);
Prepared<EndOfEncryption> finish_encryption(OperationId id, std::uint64_t part_number);
// Text that was still to come; success verifies all of it.
Prepared<SecretBytes> finish_decryption(OperationId id, std::uint64_t part_number, ByteView tag);
Prepared<> abort_operation(OperationId id);

#pragma GCC visibility pop

}  // namespace requests

}  // namespace strongroom
