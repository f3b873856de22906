// Opening a client, and the calls to the core provider.
#include "strongroom/client.h"

#include <algorithm>
#include <climits>
#include <tuple>

#include <fmt/format.h>

#include "base/utf8.h"
#include "client/caller.h"
#include "client/client_state.h"
#include "client/endpoint.h"
#include "client/socket_trust.h"
#include "delete_client.pb.h"
#include "list_authenticators.pb.h"
#include "list_clients.pb.h"
#include "list_keys.pb.h"
#include "list_opcodes.pb.h"
#include "list_providers.pb.h"
#include "ping.pb.h"
#include "protocol/psa_codec.h"

namespace strongroom {

using client::ask;
using client::Identity;

namespace {

std::unexpected<ClientError> bad_argument(std::string message) {
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument, std::move(message)));
}

std::unexpected<ClientError> bad_answer(std::string message) {
  return std::unexpected(
      ClientError(ErrorSource::Answer, Status::InvalidEncoding, std::move(message)));
}

ClientResult<ProviderId> provider_from(std::uint32_t number) {
  if (number > UINT8_MAX)
    return bad_answer(fmt::format("reading the answer: {} is no provider id", number));
  return static_cast<ProviderId>(number);
}

ClientResult<ProviderInfo> decode(const list_providers::ProviderInfo& info) {
  ProviderId id = TRY(provider_from(info.id()));
  return ProviderInfo{
      .id = id,
      .uuid = info.uuid(),
      .description = info.description(),
      .vendor = info.vendor(),
      .version = {info.version_maj(), info.version_min(), info.version_rev()},
  };
}

ClientResult<AuthenticatorInfo> decode(const list_authenticators::AuthenticatorInfo& info) {
  if (info.id() > UINT8_MAX)
    return bad_answer(fmt::format("reading the answer: {} is no authenticator id", info.id()));
  return AuthenticatorInfo{
      .id = static_cast<AuthType>(info.id()),
      .description = info.description(),
      .version = {info.version_maj(), info.version_min(), info.version_rev()},
  };
}

ClientResult<KeyInfo> decode(const list_keys::KeyInfo& info) {
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

}  // namespace

Client::Client(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

ClientResult<Client> Client::open(ClientOptions options) {
  const std::string& name = options.application_name;
  if (!is_utf8(name)) return bad_argument("opening the client: application name is not UTF-8");
  if (name.size() > UINT16_MAX)
    return bad_argument("opening the client: application name is longer than 65535 bytes");
  std::string path = TRY(client::resolve_endpoint(options.endpoint));
  client::Settings settings{
      .socket_path = std::move(path),
      .trusted_owners = std::nullopt,
      .application_name = std::move(options.application_name),
      .timeout = options.timeout,
      .max_answer_size = std::min<std::uint32_t>(options.max_answer_size, INT_MAX),
  };
  if (!options.trust_any_socket)
    settings.trusted_owners = client::trusted_owners(settings.socket_path);
  return Client(std::make_unique<State>(std::move(settings), options.provider));
}

Client Client::with_provider(ProviderId provider) const {
  return Client(std::make_unique<State>(state_->caller.settings(), provider));
}

const std::string& Client::socket_path() const noexcept {
  return state_->caller.settings().socket_path;
}

ClientResult<ProviderId> Client::provider() {
  int known = state_->provider;
  if (known != State::kUnknown) return static_cast<ProviderId>(known);
  std::vector<ProviderInfo> providers = TRY(list_providers());
  if (providers.empty() || providers.front().id == ProviderId::Core)
    return std::unexpected(ClientError(ErrorSource::Service, Status::ProviderNotRegistered,
                                       "choosing a provider: the service has none for keys"));
  state_->provider = static_cast<int>(providers.front().id);
  return providers.front().id;
}

ClientResult<WireVersion> Client::ping() {
  auto answer = TRY(ask<::ping::Result>(state_->caller, Opcode::Ping, ProviderId::Core,
                                        Identity::None, ::ping::Operation()));
  return WireVersion{answer.wire_protocol_version_maj(), answer.wire_protocol_version_min()};
}

ClientResult<std::vector<ProviderInfo>> Client::list_providers() {
  auto answer =
      TRY(ask<::list_providers::Result>(state_->caller, Opcode::ListProviders, ProviderId::Core,
                                        Identity::None, ::list_providers::Operation()));
  return decode_all<ProviderInfo>(answer.providers());
}

ClientResult<std::vector<AuthenticatorInfo>> Client::list_authenticators() {
  auto answer = TRY(ask<::list_authenticators::Result>(state_->caller, Opcode::ListAuthenticators,
                                                       ProviderId::Core, Identity::None,
                                                       ::list_authenticators::Operation()));
  return decode_all<AuthenticatorInfo>(answer.authenticators());
}

ClientResult<std::vector<Opcode>> Client::list_opcodes(ProviderId provider) {
  ::list_opcodes::Operation operation;
  operation.set_provider_id(static_cast<std::uint32_t>(provider));
  auto answer = TRY(ask<::list_opcodes::Result>(state_->caller, Opcode::ListOpcodes,
                                                ProviderId::Core, Identity::None, operation));
  std::vector<Opcode> opcodes;
  for (std::uint32_t number : answer.opcodes())
    opcodes.push_back(static_cast<Opcode>(number));
  return opcodes;
}

ClientResult<std::vector<KeyInfo>> Client::list_keys() {
  auto answer = TRY(ask<::list_keys::Result>(state_->caller, Opcode::ListKeys, ProviderId::Core,
                                             Identity::Claimed, ::list_keys::Operation()));
  return decode_all<KeyInfo>(answer.keys());
}

ClientResult<std::vector<std::string>> Client::list_clients() {
  auto answer =
      TRY(ask<::list_clients::Result>(state_->caller, Opcode::ListClients, ProviderId::Core,
                                      Identity::Claimed, ::list_clients::Operation()));
  return std::vector<std::string>(answer.clients().begin(), answer.clients().end());
}

ClientResult<> Client::delete_client(std::string_view client) {
  if (!is_utf8(client)) return bad_argument("deleting a client: its name is not UTF-8");
  ::delete_client::Operation operation;
  operation.set_client(std::string(client));
  std::ignore = TRY(ask<::delete_client::Result>(state_->caller, Opcode::DeleteClient,
                                                 ProviderId::Core, Identity::Claimed, operation));
  return {};
}

}  // namespace strongroom
