// Data in parts.
#include "strongroom/c/multipart.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "client/c_api/call.h"
#include "client/c_api/psa_mapping.h"
#include "strongroom/multipart.h"

namespace c_api = strongroom::c_api;
namespace psa = strongroom::psa;
using strongroom::Bytes;
using strongroom::ByteView;
using strongroom::ClientResult;

struct strongroom_hash_operation {
  strongroom::HashOperation operation;
};

struct strongroom_aead_encryption {
  strongroom::AeadEncryption operation;
  strongroom_buffer nonce;
};

namespace {

struct Callbacks {
  strongroom_quarantine_add add;
  strongroom_quarantine_release release;
  strongroom_quarantine_discard discard;
  void* userdata;
};

class CallbackQuarantine final : public strongroom::Quarantine {
 public:
  explicit CallbackQuarantine(const Callbacks& callbacks) noexcept : callbacks_(callbacks) {}

  bool add(ByteView unverified) noexcept override {
    return callbacks_.add(strongroom::octets(unverified), unverified.size(), callbacks_.userdata);
  }
  bool release() noexcept override { return callbacks_.release(callbacks_.userdata); }
  void discard() noexcept override { callbacks_.discard(callbacks_.userdata); }

 private:
  const Callbacks callbacks_;
};

}  // namespace

// The quarantine stays where it is, and outlives the operation that knows it.
struct strongroom_aead_decryption {
  std::unique_ptr<CallbackQuarantine> quarantine;
  std::optional<strongroom::AeadDecryption> operation;
};

namespace {

struct AeadArguments {
  std::string_view key;
  psa::Aead algorithm;
  ByteView nonce;
  ByteView additional_data;
};

struct Input {
  const uint8_t* data;
  size_t size;
};

ClientResult<AeadArguments> aead_arguments(const char* key, strongroom_algorithm algorithm,
                                           Input nonce, Input additional_data) {
  auto name = TRY(c_api::text_in("key", key));
  auto method = TRY(c_api::algorithm_as<psa::Aead>(algorithm, "an AEAD"));
  auto once = TRY(c_api::bytes_in("nonce", nonce.data, nonce.size));
  auto more = TRY(c_api::bytes_in("additional_data", additional_data.data, additional_data.size));
  return AeadArguments{name, method, once, more};
}

// Hands the bytes to a part of the operation.
template <typename Handle, typename Take>
strongroom_status with_bytes(Handle* operation, std::string_view name, Input input,
                             strongroom_error** error, const Take& take) noexcept {
  return c_api::perform(error, [&]() -> ClientResult<> {
    if (operation == nullptr) return c_api::null_argument("operation");
    auto bytes = TRY(c_api::bytes_in(name, input.data, input.size));
    return take(bytes);
  });
}

template <typename Handle>
strongroom_status finish(Handle* operation, strongroom_buffer** result,
                         strongroom_error** error) noexcept {
  return c_api::make_handle(result, error, [&]() -> ClientResult<strongroom_buffer> {
    if (operation == nullptr) return c_api::null_argument("operation");
    auto bytes = TRY(operation->operation.finish());
    return c_api::handle_of(bytes);
  });
}

}  // namespace

strongroom_status strongroom_hash_begin(strongroom_client* client, strongroom_algorithm algorithm,
                                        strongroom_hash_operation** operation,
                                        strongroom_error** error) noexcept {
  return c_api::make_handle(operation, error, [&]() -> ClientResult<strongroom_hash_operation> {
    if (client == nullptr) return c_api::null_argument("client");
    auto hash = TRY(c_api::algorithm_as<psa::Hash>(algorithm, "a hash"));
    auto begun = TRY(strongroom::HashOperation::begin(client->client, hash));
    return strongroom_hash_operation{std::move(begun)};
  });
}

strongroom_status strongroom_hash_update(strongroom_hash_operation* operation, const uint8_t* data,
                                         size_t data_size, strongroom_error** error) noexcept {
  return with_bytes(operation, "data", {data, data_size}, error,
                    [&](ByteView bytes) { return operation->operation.update(bytes); });
}

strongroom_status strongroom_hash_finish(strongroom_hash_operation* operation,
                                         strongroom_buffer** hash,
                                         strongroom_error** error) noexcept {
  return finish(operation, hash, error);
}

strongroom_status strongroom_hash_verify(strongroom_hash_operation* operation, const uint8_t* hash,
                                         size_t hash_size, strongroom_error** error) noexcept {
  return with_bytes(operation, "hash", {hash, hash_size}, error,
                    [&](ByteView bytes) { return operation->operation.compare(bytes); });
}

void strongroom_hash_operation_free(strongroom_hash_operation* operation) noexcept {
  delete operation;
}

strongroom_status strongroom_aead_encryption_begin(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* nonce, size_t nonce_size, const uint8_t* additional_data,
    size_t additional_data_size, strongroom_sink sink, void* userdata,
    strongroom_aead_encryption** operation, strongroom_error** error) noexcept {
  return c_api::make_handle(operation, error, [&]() -> ClientResult<strongroom_aead_encryption> {
    using strongroom::AeadEncryption;
    if (client == nullptr) return c_api::null_argument("client");
    if (sink == nullptr) return c_api::null_argument("sink");
    auto [name, method, once, more] = TRY(aead_arguments(key, algorithm, {nonce, nonce_size},
                                                         {additional_data, additional_data_size}));
    auto give = [sink, userdata](ByteView ciphertext) {
      return sink(strongroom::octets(ciphertext), ciphertext.size(), userdata);
    };
    auto begun = TRY(once.empty() ? AeadEncryption::begin(client->client, name, method, more, give)
                                  : AeadEncryption::begin_with_nonce(client->client, name, method,
                                                                     once, more, give));
    strongroom_buffer used = c_api::handle_of(strongroom::copy_of(begun.nonce()));
    return strongroom_aead_encryption{std::move(begun), std::move(used)};
  });
}

const strongroom_buffer* strongroom_aead_encryption_nonce(
    const strongroom_aead_encryption* operation) noexcept {
  return operation != nullptr ? &operation->nonce : nullptr;
}

strongroom_status strongroom_aead_encryption_update(strongroom_aead_encryption* operation,
                                                    const uint8_t* plaintext, size_t plaintext_size,
                                                    strongroom_error** error) noexcept {
  return with_bytes(operation, "plaintext", {plaintext, plaintext_size}, error,
                    [&](ByteView bytes) { return operation->operation.update(bytes); });
}

strongroom_status strongroom_aead_encryption_finish(strongroom_aead_encryption* operation,
                                                    strongroom_buffer** tag,
                                                    strongroom_error** error) noexcept {
  return finish(operation, tag, error);
}

void strongroom_aead_encryption_free(strongroom_aead_encryption* operation) noexcept {
  delete operation;
}

strongroom_status strongroom_aead_decryption_begin(
    strongroom_client* client, const char* key, strongroom_algorithm algorithm,
    const uint8_t* nonce, size_t nonce_size, const uint8_t* additional_data,
    size_t additional_data_size, strongroom_quarantine_add add,
    strongroom_quarantine_release release, strongroom_quarantine_discard discard, void* userdata,
    strongroom_aead_decryption** operation, strongroom_error** error) noexcept {
  return c_api::make_handle(operation, error, [&]() -> ClientResult<strongroom_aead_decryption> {
    ClientResult<AeadArguments> arguments = aead_arguments(key, algorithm, {nonce, nonce_size},
                                                           {additional_data, additional_data_size});
    if (client == nullptr) arguments = c_api::null_argument("client");
    if (add == nullptr || release == nullptr || discard == nullptr)
      arguments = c_api::null_argument("quarantine");
    if (!arguments) {
      if (discard != nullptr) discard(userdata);
      return std::unexpected(std::move(arguments).error());
    }
    auto [name, method, once, more] = *arguments;
    auto quarantine =
        std::make_unique<CallbackQuarantine>(Callbacks{add, release, discard, userdata});
    auto begun = TRY(
        strongroom::AeadDecryption::begin(client->client, name, method, once, more, *quarantine));
    return strongroom_aead_decryption{std::move(quarantine), std::move(begun)};
  });
}

strongroom_status strongroom_aead_decryption_update(strongroom_aead_decryption* operation,
                                                    const uint8_t* ciphertext,
                                                    size_t ciphertext_size,
                                                    strongroom_error** error) noexcept {
  return with_bytes(operation, "ciphertext", {ciphertext, ciphertext_size}, error,
                    [&](ByteView bytes) { return operation->operation->update(bytes); });
}

strongroom_status strongroom_aead_decryption_finish(strongroom_aead_decryption* operation,
                                                    const uint8_t* tag, size_t tag_size,
                                                    strongroom_error** error) noexcept {
  return with_bytes(operation, "tag", {tag, tag_size}, error,
                    [&](ByteView bytes) { return operation->operation->finish(bytes); });
}

void strongroom_aead_decryption_free(strongroom_aead_decryption* operation) noexcept {
  delete operation;
}
