#include "service/dispatch/planning.h"

#include <algorithm>

#include "service/dispatch/cost.h"

namespace strongroom {
namespace {

constexpr std::size_t kKeyNameLimit = 1024;  // bytes

const ProviderIdentity& identity_of(const std::shared_ptr<Provider>& provider) {
  return provider->description().identity;
}

Result<> check_key_name(std::string_view name) {
  if (name.empty()) return fail(Status::PsaErrorInvalidArgument, "key name is empty");
  if (name.size() > kKeyNameLimit)
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("key name has {} bytes, more than {}", name.size(), kKeyNameLimit));
  if (name.contains('\0')) return fail(Status::PsaErrorInvalidArgument, "key name contains NUL");
  return {};
}

}  // namespace

Provider* Services::provider(std::uint8_t id) const noexcept {
  auto found = std::ranges::find(providers, id,
                                 [](const auto& provider) { return provider->description().id; });
  return found == providers.end() ? nullptr : found->get();
}

Provider* Services::provider(const ProviderIdentity& identity) const noexcept {
  auto found = std::ranges::find(providers, identity, identity_of);
  return found == providers.end() ? nullptr : found->get();
}

std::vector<MissingProvider> missing_providers(
    Store& store, const std::vector<std::shared_ptr<Provider>>& configured) {
  std::vector<MissingProvider> missing;
  const auto with_keys = store.providers_with_keys();
  if (!with_keys) return missing;
  for (const ProviderIdentity& identity : *with_keys) {
    if (std::ranges::find(configured, identity, identity_of) != configured.end()) continue;
    const auto names = store.names_of(identity);
    missing.push_back({identity, names ? names->size() : 0});
  }
  return missing;
}

Result<ApplicationId> Planning::application() const {
  if (call_.application) return *call_.application;
  return fail(Status::NotAuthenticated, "the operation needs an authenticated application");
}

Result<KeyId> Planning::key_id(std::string_view name) const {
  ApplicationId application = TRY(this->application());
  TRY(in_context(check_key_name(name), "checking key name '{}'", escaped(name)));
  return KeyId{.application = std::move(application),
               .provider = provider().description().identity,
               .name = std::string(name)};
}

Result<KeyRecordPtr> Planning::key(std::string_view name) {
  KeyId id = TRY(key_id(name));
  std::optional<Result<KeyRecordPtr>> known = services_->store.peek(id);
  if (!known && reading_ == Reading::MemoryOnly) return ask_to_read();
  return in_context(known ? *std::move(known) : services_->store.find(id), "finding key '{}'",
                    escaped(name));
}

Result<std::vector<KeyRecordPtr>> Planning::keys_of(const ApplicationId& application) {
  if (reading_ == Reading::MayRead) return services_->store.keys_of(application);
  std::optional<std::vector<KeyRecordPtr>> known =
      services_->store.peek_keys_of(application, kInlineKeys);
  if (known) return *std::move(known);
  return ask_to_read();
}

std::unexpected<Error> Planning::ask_to_read() {
  must_read_ = true;
  return fail(Status::KeyInfoManagerError, "the record is not in memory");
}

}  // namespace strongroom
