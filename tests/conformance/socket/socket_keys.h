// Keys in a service, made and used through the client library as if a provider held them.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "providers/facets.h"
#include "strongroom/client.h"

namespace strongroom::conformance {

// The service's word as a provider's. A call that failed before or behind the service fails the
// test as well.
Error error_of(const ClientError& error);

template <typename T>
Result<T> answer_in(ClientResult<T> result) {
  if (!result) return std::unexpected(error_of(result.error()));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return *std::move(result);
}
Result<SecretBuffer> secret_in(ClientResult<SecretBytes> result);

// Each key stands under a name of its own, which its record carries as material. All of them are
// destroyed with this. Any thread.
class SocketKeys final : public KeyManager {
 public:
  explicit SocketKeys(Client client);
  ~SocketKeys();

  // Nothing can be stopped from here: `stop` has no effect.
  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;

  // A key that `make` makes in the service under the name it is given.
  using Make = std::function<ClientResult<>(const std::string& name)>;
  Result<NewKey> made_by(const Make& make);
  static std::string name_of(const KeyRecord& key);

  // The name of a key that may be used with `algorithm`. A facet is asked to use one key with many
  // algorithms, and a key of the service is for one: where the policy of `key` permits another, it
  // is imported for this one, once: as it was before, or else as it is exported. A signature's
  // policy then permits any hash.
  Result<std::string> usable(const KeyRecord& key, const psa::Algorithm& algorithm);

 private:
  // Algorithm of the policy: name.
  using Variants = std::map<std::string, std::string>;

  std::string new_name();
  // Gives the name.
  Result<std::string> import_again(const KeyRecord& key, const psa::Algorithm& policy);
  Result<SecretBuffer> data_of(const KeyRecord& key);

  Client client_;
  const std::string prefix_;
  std::mutex mutex_;  // guards what follows
  int last_ = 0;
  // Of each key made: the names of the same key for other algorithms.
  std::map<std::string, Variants> made_;
  // What those were imported as that were, for providers that export nothing.
  std::map<std::string, Bytes> imported_;
};

}  // namespace strongroom::conformance
