// Discovery and administration: what the core provider answers.
#include <cstdint>

#include "base/utf8.h"
#include "client/requests/encoding.h"
#include "delete_client.pb.h"
#include "list_authenticators.pb.h"
#include "list_clients.pb.h"
#include "list_keys.pb.h"
#include "list_opcodes.pb.h"
#include "list_providers.pb.h"
#include "ping.pb.h"
#include "protocol/psa_codec.h"

namespace strongroom::requests {
namespace {

ClientResult<ProviderId> provider_from(std::uint32_t number) {
  if (number > UINT8_MAX)
    return bad_answer(fmt::format("reading the answer: {} is no provider id", number));
  return static_cast<ProviderId>(number);
}

ClientResult<ProviderInfo> decode(const ::list_providers::ProviderInfo& info) {
  ProviderId id = TRY(provider_from(info.id()));
  return ProviderInfo{
      .id = id,
      .uuid = info.uuid(),
      .description = info.description(),
      .vendor = info.vendor(),
      .version = {info.version_maj(), info.version_min(), info.version_rev()},
  };
}

ClientResult<AuthenticatorInfo> decode(const ::list_authenticators::AuthenticatorInfo& info) {
  if (info.id() > UINT8_MAX)
    return bad_answer(fmt::format("reading the answer: {} is no authenticator id", info.id()));
  return AuthenticatorInfo{
      .id = static_cast<AuthType>(info.id()),
      .description = info.description(),
      .version = {info.version_maj(), info.version_min(), info.version_rev()},
  };
}

ClientResult<KeyInfo> decode(const ::list_keys::KeyInfo& info) {
  ProviderId provider = TRY(provider_from(info.provider_id()));
  Result<psa::KeyAttributes> attributes = strongroom::decode(info.attributes());
  if (!attributes)
    return bad_answer(fmt::format("reading the attributes of key '{}': {}", escaped(info.name()),
                                  attributes.error().message()));
  return KeyInfo{.provider = provider, .name = info.name(), .attributes = *attributes};
}

template <typename Info, typename Messages>
ClientResult<std::vector<Info>> decode_all(const Messages& messages) {
  std::vector<Info> all;
  for (const auto& message : messages) {
    Info info = TRY(decode(message));
    all.push_back(std::move(info));
  }
  return all;
}

ClientResult<WireVersion> decode_version(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<::ping::Result>(
      bytes,
      [](const ::ping::Result& answer) {
        return ClientResult<WireVersion>(
            WireVersion{answer.wire_protocol_version_maj(), answer.wire_protocol_version_min()});
      },
      kLargestDiscovery);
}

ClientResult<std::vector<ProviderInfo>> decode_providers(const EncodedRequest& /*request*/,
                                                         ByteView bytes) {
  return reading<::list_providers::Result>(
      bytes,
      [](const ::list_providers::Result& answer) {
        return decode_all<ProviderInfo>(answer.providers());
      },
      kLargestDiscovery);
}

ClientResult<std::vector<AuthenticatorInfo>> decode_authenticators(
    const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<::list_authenticators::Result>(
      bytes,
      [](const ::list_authenticators::Result& answer) {
        return decode_all<AuthenticatorInfo>(answer.authenticators());
      },
      kLargestDiscovery);
}

ClientResult<std::vector<Opcode>> decode_opcodes(const EncodedRequest& /*request*/,
                                                 ByteView bytes) {
  return reading<::list_opcodes::Result>(
      bytes,
      [](const ::list_opcodes::Result& answer) {
        std::vector<Opcode> opcodes;
        for (std::uint32_t number : answer.opcodes())
          opcodes.push_back(static_cast<Opcode>(number));
        return ClientResult<std::vector<Opcode>>(std::move(opcodes));
      },
      kLargestDiscovery);
}

ClientResult<std::vector<KeyInfo>> decode_keys(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<::list_keys::Result>(
      bytes, [](const ::list_keys::Result& answer) { return decode_all<KeyInfo>(answer.keys()); });
}

ClientResult<std::vector<std::string>> decode_clients(const EncodedRequest& /*request*/,
                                                      ByteView bytes) {
  return reading<::list_clients::Result>(bytes, [](const ::list_clients::Result& answer) {
    return ClientResult<std::vector<std::string>>(
        std::vector<std::string>(answer.clients().begin(), answer.clients().end()));
  });
}

// A request that is the same each time.
template <typename T, typename Operation>
Prepared<T> constant(Opcode opcode, Kind kind, detail::Decode<T> decode) {
  return client::guarded([&] { return prepared<T>(encoded(opcode, kind, Operation()), decode); });
}

}  // namespace

Prepared<WireVersion> ping() {
  return constant<WireVersion, ::ping::Operation>(Opcode::Ping, kDiscovery, decode_version);
}

Prepared<std::vector<ProviderInfo>> list_providers() {
  return constant<std::vector<ProviderInfo>, ::list_providers::Operation>(
      Opcode::ListProviders, kDiscovery, decode_providers);
}

Prepared<std::vector<AuthenticatorInfo>> list_authenticators() {
  return constant<std::vector<AuthenticatorInfo>, ::list_authenticators::Operation>(
      Opcode::ListAuthenticators, kDiscovery, decode_authenticators);
}

Prepared<std::vector<Opcode>> list_opcodes(ProviderId provider) {
  return client::guarded([&]() -> Prepared<std::vector<Opcode>> {
    ::list_opcodes::Operation operation;
    operation.set_provider_id(static_cast<std::uint32_t>(provider));
    return prepared<std::vector<Opcode>>(encoded(Opcode::ListOpcodes, kDiscovery, operation),
                                         decode_opcodes);
  });
}

Prepared<std::vector<KeyInfo>> list_keys() {
  return constant<std::vector<KeyInfo>, ::list_keys::Operation>(Opcode::ListKeys, kAboutTheCaller,
                                                                decode_keys);
}

Prepared<std::vector<std::string>> list_clients() {
  return constant<std::vector<std::string>, ::list_clients::Operation>(
      Opcode::ListClients, kAboutTheCaller, decode_clients);
}

Prepared<> delete_client(std::string_view client) {
  return client::guarded([&]() -> Prepared<> {
    if (!is_utf8(client)) return bad_argument("deleting a client: its name is not UTF-8");
    ::delete_client::Operation operation;
    operation.set_client(std::string(client));
    return prepared<void>(encoded(Opcode::DeleteClient, kAdministration, operation),
                          decode_nothing<::delete_client::Result>);
  });
}

}  // namespace strongroom::requests
