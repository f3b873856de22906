#include "client/requests/encoding.h"

#include <cstring>

#include "base/utf8.h"

namespace strongroom::requests {

std::unexpected<ClientError> bad_argument(std::string message) {
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument, std::move(message)));
}

std::unexpected<ClientError> bad_answer(std::string message, Status status) {
  return std::unexpected(ClientError(ErrorSource::Answer, status, std::move(message)));
}

ClientResult<std::string> key_name(std::string_view name) {
  if (is_utf8(name)) return std::string(name);
  return bad_argument(fmt::format("naming key '{}': the name is not UTF-8", escaped(name)));
}

Forgotten::~Forgotten() {
  ::explicit_bzero(field_->data(), field_->size());
}

SecretBytes take_secret(std::string& field) {
  Forgotten forgotten(&field);
  ByteView view = view_of(field);
  return {view.begin(), view.end()};
}

}  // namespace strongroom::requests
