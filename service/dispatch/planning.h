// What a handler may reach while it turns a request's body into work.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "providers/provider.h"
#include "service/auth/authenticator.h"
#include "service/dispatch/call.h"
#include "service/dispatch/drawn_nonces.h"
#include "service/dispatch/health.h"
#include "service/dispatch/parts/operations_by_key.h"
#include "service/dispatch/reloads.h"
#include "service/store/store.h"

namespace strongroom {

class DeviceKeys;

// What all handlers share: one generation of the configuration. Immutable once in use. Whatever
// goes on after the call that began it holds its generation, which so ends with its last request.
struct Services {
  Store& store;  // of the whole process
  // In order of priority; core is not among them. Those that a reload leaves as they are belong to
  // both generations.
  std::vector<std::shared_ptr<Provider>> providers;
  std::vector<AuthenticatorDescription> authenticators;
  bool allow_deprecated = false;
  bool rsa_pkcs1v15_decryption = true;
  std::size_t response_limit = std::size_t{1024} * 1024;  // bytes of a response body
  std::array<std::uint32_t, 3> version{};                 // of the service
  std::shared_ptr<HealthSource> health;                   // may be empty
  std::shared_ptr<Reloads> reloads;                       // may be empty
  // Of the whole process.
  std::shared_ptr<DrawnNonces> nonces = std::make_shared<DrawnNonces>();
  std::shared_ptr<OperationsByKey> operations_by_key = std::make_shared<OperationsByKey>();
  std::shared_ptr<DeviceKeys> device_keys;  // empty only where no provider has such

  // By wire id, and by identity; nullptr when no such provider is configured.
  Provider* provider(std::uint8_t id) const noexcept;
  Provider* provider(const ProviderIdentity& identity) const noexcept;
};

// Keys of a provider that is not configured, or not under that name any more, are of no use.
struct MissingProvider {
  ProviderIdentity identity;
  std::size_t keys = 0;
};
// Those that have keys in `store` and are not among `configured`. May wait for it to be read.
std::vector<MissingProvider> missing_providers(
    Store& store, const std::vector<std::shared_ptr<Provider>>& configured);

// Whether the planning thread may wait for a disk.
enum class Reading { MemoryOnly, MayRead };

// One handler's view of one request; lives as long as the call to plan().
class Planning {
 public:
  Planning(const Call& call, const std::shared_ptr<const Services>& services,
           Reading reading) noexcept
      : call_(call), services_(services), reading_(reading) {}

  const Call& call() const noexcept { return call_; }
  const Services& services() const noexcept { return *services_; }
  // For what may outlive the work: the completions of the store.
  const std::shared_ptr<const Services>& generation() const noexcept { return services_; }
  // The addressed provider; only for operations whose place is Crypto.
  Provider& provider() const noexcept { return *services_->provider(call_.provider); }

  // Who asks. NotAuthenticated when nobody said.
  Result<ApplicationId> application() const;
  // The identity of the caller's key `name`. NotAuthenticated, or PsaErrorInvalidArgument for a
  // name that is empty, longer than 1,024 bytes or has a NUL.
  Result<KeyId> key_id(std::string_view name) const;
  // The caller's key. PsaErrorDoesNotExist, PsaErrorDataCorrupt.
  Result<KeyRecordPtr> key(std::string_view name);
  // All keys of the caller, or of another application.
  Result<std::vector<KeyRecordPtr>> keys_of(const ApplicationId& application);

  // The failure just returned only means that the disk has to be read: plan again where it may.
  bool must_read() const noexcept { return must_read_; }

 private:
  std::unexpected<Error> ask_to_read();

  const Call& call_;
  const std::shared_ptr<const Services>& services_;
  Reading reading_;
  bool must_read_ = false;
};

}  // namespace strongroom
