// A provider whose keys are objects in a device, made and destroyed in two phases, without any
// cryptography: for tests of what the service makes of that.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "providers/provider.h"
#include "tests/support/fake_provider.h"

namespace strongroom::testing {

// Any thread. "Signatures" are "signed:" before the hash.
class FakeDevice final : public Provider,
                         private KeyManager,
                         private KeyInventory,
                         private Signer,
                         private Maintenance {
 public:
  explicit FakeDevice(std::string instance = "token");

  Gate making;  // every key passes it once its object is there
  Gate ending;  // every destruction passes it before its object goes

  // Nothing is answered until it is back.
  std::atomic<bool> is_away = false;
  // The next key is made, and then this is answered in its place.
  void fail_next(Status status);
  std::size_t objects();
  // As somebody else does who has the device in hand.
  void lose_objects();
  void replace_objects();
  // One of ours that no record knows.
  void add_object(std::string_view material);

  const ProviderDescription& description() const noexcept override { return description_; }
  Result<> supports(Capability, const psa::KeyAttributes&) const override { return {}; }
  KeyManager* keys() noexcept override { return this; }
  KeyInventory* inventory() noexcept override { return this; }
  Signer* signer() noexcept override { return this; }
  Maintenance* maintenance() noexcept override { return this; }

 private:
  Result<NewKey> generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                          SecretBuffer material) override;
  Result<NewKey> import(const psa::KeyAttributes& attributes, ByteView data,
                        SecretBuffer material) override;
  Result<SecretBuffer> export_key(const KeyRecord& key) override;
  Result<> destroy(const KeyRecord& key) override;
  Result<SecretBuffer> new_material() const override;

  Result<std::vector<SecretBuffer>> materials() override;
  Result<> look_for(const KeyRecord& key) override;
  Result<std::string> describe(const SecretBuffer& material) override;

  Result<Bytes> sign_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView hash) override;
  Result<> verify_hash(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                       ByteView hash, ByteView signature) override;
  Result<Bytes> sign_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                             ByteView message) override;
  Result<> verify_message(const KeyRecord& key, const psa::AsymmetricSignature& algorithm,
                          ByteView message, ByteView signature) override;

  ProviderHealth health() const override;
  void unlock(Done done) override { done("nothing to do"); }
  void accept_root(Done done) override { done("nothing to do"); }

  Result<> check_is_there() const;

  ProviderDescription description_;
  mutable std::atomic<int> materials_given_ = 0;
  std::mutex mutex_;                // guards what follows
  std::map<Bytes, Bytes> objects_;  // their public keys, by material
  std::optional<Status> next_failure_;
};

}  // namespace strongroom::testing
