#include "client/settings.h"

#include <algorithm>
#include <climits>

#include "base/error.h"
#include "base/utf8.h"
#include "client/endpoint.h"
#include "client/socket_trust.h"

namespace strongroom::client {
namespace {

std::unexpected<ClientError> bad_name(const char* cause) {
  return std::unexpected(ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument,
                                     std::string("opening the client: application name ") + cause));
}

}  // namespace

ClientResult<Settings> settings_from(const ClientOptions& options) {
  const std::string& name = options.application_name;
  if (!is_utf8(name)) return bad_name("is not UTF-8");
  if (name.size() > UINT16_MAX) return bad_name("is longer than 65535 bytes");
  std::string path = TRY(resolve_endpoint(options.endpoint));
  Settings settings{
      .socket_path = std::move(path),
      .trusted_owners = std::nullopt,
      .application_name = name,
      .timeout = options.timeout,
      .max_answer_size = std::min<std::uint32_t>(options.max_answer_size, INT_MAX),
  };
  if (!options.trust_any_socket) settings.trusted_owners = trusted_owners(settings.socket_path);
  return settings;
}

}  // namespace strongroom::client
