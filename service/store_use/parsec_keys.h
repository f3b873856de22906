// What becomes of a key of Parsec's in the provider that it goes to.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "service/migration/migration.h"
#include "service/store_use/workshop.h"

namespace strongroom {

// Keys in a device that is there. Belongs to one thread.
class KeysInDevice {
 public:
  virtual ~KeysInDevice() = default;
  virtual Result<NewKey> take(const parsec::MovableKey& key) = 0;
  // As a provider notes it.
  virtual Result<Bytes> identity() = 0;
};
// Of the TPM of that provider. PsaErrorNotSupported in a build without TPMs.
Result<std::unique_ptr<KeysInDevice>> keys_in_tpm(Provider& provider);
// Of the token of that provider, whose module is loaded into this process and goes with what this
// gives. PsaErrorNotSupported in a build without tokens.
Result<std::unique_ptr<KeysInDevice>> keys_in_token(const config::Provider& settings);

// A note that the provider would make at its first start.
struct DeviceNote {
  KeyId id;
  Bytes identity;
};

// Asks devices, each when the first of its keys comes. Belongs to one thread; `workshop` and
// `settings` outlive it.
class ParsecKeys {
 public:
  // The software provider's files by their numbers; nothing when nobody said where they are.
  using Files = std::optional<std::map<std::uint64_t, Bytes>>;

  ParsecKeys(Workshop& workshop, const config::Settings& settings, Files files)
      : workshop_(workshop), settings_(settings), files_(std::move(files)) {}

  Result<NewKey> take(const parsec::MovableKey& key);
  // Of the devices that keys were taken of.
  const std::vector<DeviceNote>& notes() const noexcept { return notes_; }
  // A token's module has nothing more to do with the process.
  void let_go_of_devices() { devices_.clear(); }

 private:
  // One that could not be asked is not asked again: its next refusal of a PIN may be its last.
  struct Device {
    std::unique_ptr<KeysInDevice> keys;
    std::optional<Error> failure{};
    bool is_noted = false;
  };

  Result<NewKey> take_from_file(const parsec::MovableKey& key);
  Result<NewKey> take_in_device(const parsec::MovableKey& key);
  Result<std::unique_ptr<KeysInDevice>> keys_in_device(const parsec::MovableKey& key);
  Result<> note(const parsec::Target& target, Device& device);
  Result<std::shared_ptr<Provider>> provider_of(const parsec::Target& target);

  Workshop& workshop_;
  const config::Settings& settings_;
  Files files_;
  std::map<ProviderIdentity, Device> devices_;
  std::vector<DeviceNote> notes_;
};

}  // namespace strongroom
