// Discovery and administration: what the core provider serves.

#include "delete_client.pb.h"
#include "list_authenticators.pb.h"
#include "list_clients.pb.h"
#include "list_keys.pb.h"
#include "list_opcodes.pb.h"
#include "list_providers.pb.h"
#include "ping.pb.h"
#include "protocol/frame.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/key_changes.h"
#include "service/dispatch/handlers/message.h"

namespace strongroom {
namespace {

// Goes through all keys, and may wait for the store to have read them.
constexpr Cost kCostOfAllKeys{1000};

constexpr std::string_view kCoreUuid = "47049873-2a43-4845-9d72-831eab668784";

std::string hyphenated(const Uuid& uuid) {
  std::string text = to_hex(uuid);
  for (std::size_t position : {20U, 16U, 12U, 8U})
    text.insert(position, 1, '-');
  return text;
}

void describe(const ProviderDescription& provider, list_providers::ProviderInfo& info) {
  info.set_uuid(hyphenated(provider.identity.uuid));
  info.set_description(provider.description);
  info.set_vendor(provider.vendor);
  info.set_version_maj(provider.version[0]);
  info.set_version_min(provider.version[1]);
  info.set_version_rev(provider.version[2]);
  info.set_id(provider.id);
}

void describe_core(const Services& services, list_providers::ProviderInfo& info) {
  info.set_uuid(std::string(kCoreUuid));
  info.set_description("Discovery and administration of this service.");
  info.set_version_maj(services.version[0]);
  info.set_version_min(services.version[1]);
  info.set_version_rev(services.version[2]);
  info.set_id(std::to_underlying(ProviderId::Core));
}

// Whether `provider` (null: core) serves the operation.
bool is_served(const Operation& operation, Provider* provider) {
  if (provider == nullptr) return operation.place == Place::Core;
  return operation.place == Place::Crypto && operation.is_served_by(*provider);
}

Result<Provider*> provider_named_in(const list_opcodes::Operation& request,
                                    const Services& services) {
  std::uint32_t id = request.provider_id();
  if (id > kLastProviderId)
    return fail(Status::ProviderDoesNotExist, fmt::format("there is no provider id {}", id));
  if (id == std::to_underlying(ProviderId::Core)) return nullptr;
  if (Provider* provider = services.provider(static_cast<std::uint8_t>(id))) return provider;
  return fail(Status::ProviderNotRegistered, fmt::format("provider {} is not configured", id));
}

// One key type or algorithm that a client does not know makes it fail on the whole list.
bool is_beyond_parsec(const KeyRecordPtr& key) {
  return psa::is_extension(key->attributes.type) || psa::is_extension(key->attributes.algorithm);
}

// Without the fields that the others' contracts do not have.
psa::KeyAttributes parsec_part(const KeyRecord& key) {
  psa::KeyAttributes attributes = key.attributes;
  attributes.usage.wrap = attributes.usage.unwrap = false;
  attributes.drawn_nonce_only = false;
  return attributes;
}

}  // namespace

Result<Work> ping(Planning& planning) {
  std::ignore = TRY(parsed<ping::Operation>(planning));
  return answered_by(kTrivialCost, [] {
    ping::Result result;
    result.set_wire_protocol_version_maj(kVersionMajor);
    result.set_wire_protocol_version_min(kVersionMinor);
    return serialized(result);
  });
}

Result<Work> list_providers(Planning& planning) {
  std::ignore = TRY(parsed<list_providers::Operation>(planning));
  const Services& services = planning.services();
  return answered_by(kTrivialCost, [&services] {
    list_providers::Result result;
    for (const auto& provider : services.providers)
      describe(provider->description(), *result.add_providers());
    describe_core(services, *result.add_providers());
    return serialized(result);
  });
}

Result<Work> list_opcodes(Planning& planning) {
  auto request = TRY(parsed<list_opcodes::Operation>(planning));
  Provider* provider = TRY(provider_named_in(request, planning.services()));
  return answered_by(kTrivialCost, [provider, is_extended = planning.call().extended] {
    list_opcodes::Result result;
    for (const Operation& operation : operations())
      if ((is_extended || operation.listed == Listed::Always) && is_served(operation, provider))
        result.add_opcodes(std::to_underlying(operation.opcode));
    return serialized(result);
  });
}

Result<Work> list_authenticators(Planning& planning) {
  std::ignore = TRY(parsed<list_authenticators::Operation>(planning));
  const Services& services = planning.services();
  return answered_by(kTrivialCost, [&services] {
    list_authenticators::Result result;
    for (const AuthenticatorDescription& authenticator : services.authenticators) {
      list_authenticators::AuthenticatorInfo& info = *result.add_authenticators();
      info.set_description(std::string(authenticator.description));
      info.set_version_maj(authenticator.version[0]);
      info.set_version_min(authenticator.version[1]);
      info.set_version_rev(authenticator.version[2]);
      info.set_id(std::to_underlying(authenticator.type));
    }
    return serialized(result);
  });
}

Result<Work> list_keys(Planning& planning) {
  std::ignore = TRY(parsed<list_keys::Operation>(planning));
  ApplicationId application = TRY(planning.application());
  std::vector<KeyRecordPtr> keys = TRY(planning.keys_of(application));
  const Services& services = planning.services();
  if (!planning.call().extended) std::erase_if(keys, &is_beyond_parsec);
  const bool extended = planning.call().extended;
  return answered_by(cost_of_listing(keys.size()), [&services, extended, keys = std::move(keys)] {
    list_keys::Result result;
    for (const auto& provider : services.providers)
      for (const KeyRecordPtr& key : keys) {
        if (key->id.provider != provider->description().identity) continue;
        list_keys::KeyInfo& info = *result.add_keys();
        info.set_provider_id(provider->description().id);
        info.set_name(key->id.name);
        *info.mutable_attributes() = encode(extended ? key->attributes : parsec_part(*key));
      }
    return serialized(result);
  });
}

Result<Work> list_clients(Planning& planning) {
  std::ignore = TRY(parsed<list_clients::Operation>(planning));
  ApplicationId admin = TRY(planning.application());
  Store& store = planning.services().store;
  return answered_by(kCostOfAllKeys, [&store, authenticator = admin.authenticator] {
    list_clients::Result result;
    for (std::string& name : store.applications(authenticator))
      result.add_clients(std::move(name));
    return serialized(result);
  });
}

// Succeeds for a client without keys, and when single keys cannot be destroyed: those stay listed
// and are logged. A store that does not answer is the client's to know.
Result<Work> delete_client(Planning& planning) {
  auto request = TRY(parsed<delete_client::Operation>(planning));
  ApplicationId client = TRY(planning.application());
  client.name = request.client();
  std::vector<KeyRecordPtr> keys = TRY(planning.keys_of(client));
  auto run = [services = planning.generation(), account = planning.call().account,
              keys = std::move(keys)](Reply reply, const std::stop_token&) mutable {
    destroy_all(services, account, std::move(keys),
                [reply = std::move(reply)](Result<> deleted) mutable {
                  reply(empty_body(in_context(std::move(deleted), "deleting a client")));
                });
  };
  return Work{.cost = kStoreChangeCost, .run = std::move(run)};
}

}  // namespace strongroom
