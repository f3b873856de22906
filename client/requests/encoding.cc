#include "client/requests/encoding.h"

#include <optional>

#include "base/utf8.h"
#include "client/requests/wire.h"

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

std::unexpected<ClientError> bad_body() {
  return bad_answer("reading the answer: its body is not the operation's",
                    Status::DeserializingBodyFailed);
}

ClientResult<> check_extent(ByteView message, std::size_t most_bytes) {
  const std::optional<Entries> entries = entries_of(message, 0);
  if (!entries) return bad_body();
  if (message.size() <= most_bytes && entries->count <= kMostEntries) return {};
  return bad_answer(fmt::format("reading the answer: {} entries in {} bytes are more than any "
                                "service has",
                                entries->count, message.size()),
                    Status::ResponseTooLarge);
}

ClientResult<SecretBytes> secret_field(ByteView message, int number) {
  const std::optional<Entries> entries = entries_of(message, number);
  if (!entries) return bad_body();
  const ByteView secret = entries->last.value_or(ByteView());
  return SecretBytes(secret.begin(), secret.end());
}

}  // namespace strongroom::requests
