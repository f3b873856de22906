#include "service/front_end/checks.h"

#include <algorithm>
#include <array>
#include <utility>

namespace strongroom {
namespace {

Result<> content_type_is_known(CheckedRequest& checked) {
  std::uint8_t type = checked.request.header.content_type;
  if (type == kContentTypeProtobuf) return {};
  return fail(Status::ContentTypeNotSupported, fmt::format("content type {}", type));
}

Result<> accept_type_is_known(CheckedRequest& checked) {
  std::uint8_t type = checked.request.header.accept_type;
  if (type == kContentTypeProtobuf) return {};
  return fail(Status::AcceptTypeNotSupported, fmt::format("accept type {}", type));
}

Result<> auth_type_exists(CheckedRequest& checked) {
  std::uint8_t type = checked.request.header.auth_type;
  if (type <= kLastAuthType) return {};
  return fail(Status::AuthenticatorDoesNotExist, fmt::format("auth type {}", type));
}

Result<> opcode_exists(CheckedRequest& checked) {
  std::uint32_t opcode = checked.request.header.opcode;
  checked.operation = find_operation(opcode);
  if (checked.operation != nullptr) return {};
  return fail(Status::OpcodeDoesNotExist, fmt::format("opcode {}", opcode));
}

Result<> provider_exists(CheckedRequest& checked) {
  std::uint8_t provider = checked.request.header.provider;
  if (provider <= kLastProviderId) return {};
  return fail(Status::ProviderDoesNotExist, fmt::format("provider id {}", provider));
}

constexpr std::uint8_t kNoAuth = std::to_underlying(AuthType::NoAuth);

bool is_tenants(const CheckedRequest& checked) {
  return !checked.caller.tenant.empty();
}

// The types that existing clients know how to send; here their content says nothing.
bool names_the_tenant(AuthType type) {
  return type == AuthType::Direct || type == AuthType::UnixPeerCredentials;
}

Result<> authenticator_is_registered(CheckedRequest& checked) {
  auto type = static_cast<AuthType>(checked.request.header.auth_type);
  if (type == AuthType::NoAuth) return {};
  if (is_tenants(checked)) {
    if (names_the_tenant(type)) return {};
    return fail(Status::AuthenticatorNotRegistered,
                fmt::format("auth type {} on a tenant's socket", std::to_underlying(type)));
  }
  auto found = std::ranges::find(checked.authenticators, type, [](const auto& authenticator) {
    return authenticator->description().type;
  });
  if (found == checked.authenticators.end())
    return fail(Status::AuthenticatorNotRegistered,
                fmt::format("auth type {} is not configured", std::to_underlying(type)));
  checked.authenticator = found->get();
  return {};
}

Result<> authentication_succeeds(CheckedRequest& checked) {
  if (is_tenants(checked) && checked.request.header.auth_type != kNoAuth) {
    checked.application =
        ApplicationId{.authenticator = kTenantAuthenticator, .name = checked.caller.tenant};
    return {};
  }
  if (checked.authenticator == nullptr) return {};
  std::string name =
      TRY(checked.authenticator->authenticate(checked.request.auth, checked.caller.peer));
  checked.application =
      ApplicationId{.authenticator = checked.request.header.auth_type, .name = std::move(name)};
  return {};
}

Result<> provider_is_registered(CheckedRequest& checked) {
  std::uint8_t provider = checked.request.header.provider;
  if (checked.dispatcher.has_provider(provider)) return {};
  return fail(Status::ProviderNotRegistered,
              fmt::format("provider {} is not configured", provider));
}

Result<> provider_serves_the_place(CheckedRequest& checked) {
  bool is_core_provider = checked.request.header.provider == std::to_underlying(ProviderId::Core);
  if (is_core_provider == (checked.operation->place == Place::Core)) return {};
  return fail(Status::PsaErrorNotSupported,
              fmt::format("operation '{}' sent to provider {}", checked.operation->name,
                          checked.request.header.provider));
}

Result<> administrator_is_authenticated(CheckedRequest& checked) {
  if (checked.operation->needs != Needs::Admin || checked.application) return {};
  return fail(Status::NotAuthenticated, "an administrative operation needs authentication");
}

bool is_administrator(const PeerIdentity& peer, const FrontEnd::Settings& settings) {
  if (peer.uid == settings.never_admin) return false;
  return std::ranges::find(settings.admin_uids, peer.uid) != settings.admin_uids.end() ||
         std::ranges::any_of(settings.admin_groups,
                             [&](gid_t group) { return peer.is_member_of(group); });
}

Result<> caller_is_administrator(CheckedRequest& checked) {
  if (checked.operation->needs != Needs::Admin) return {};
  const bool is_allowed_here = checked.caller.admin_socket || checked.settings.admin_on_any_socket;
  if (!is_allowed_here || is_tenants(checked))
    return fail(Status::AdminOperation, "this socket does not serve administrators");
  if (!is_administrator(checked.caller.peer, checked.settings))
    return fail(Status::AdminOperation,
                fmt::format("uid {} is no administrator", checked.caller.peer.uid));
  return {};
}

using enum AnswerHeader;

constexpr std::array kChecks = {
    Check{8, "content type is known", Blank, &content_type_is_known},
    Check{9, "accept type is known", Blank, &accept_type_is_known},
    Check{10, "auth type exists", Blank, &auth_type_exists},
    Check{11, "opcode exists", Blank, &opcode_exists},
    Check{12, "provider exists", Blank, &provider_exists},
    Check{13, "authenticator is registered", Echo, &authenticator_is_registered},
    Check{14, "authentication succeeds", Echo, &authentication_succeeds},
    Check{15, "provider is registered", Echo, &provider_is_registered},
    Check{16, "provider serves the place", Echo, &provider_serves_the_place},
    Check{17, "administrator is authenticated", Echo, &administrator_is_authenticated},
    Check{18, "caller is administrator", Echo, &caller_is_administrator},
};

}  // namespace

std::span<const Check> checks() noexcept {
  return kChecks;
}

}  // namespace strongroom
