// Turns messages into calls: connects, says who is asking, and asks.
#pragma once

#include <atomic>
#include <chrono>
#include <climits>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/bytes.h"
#include "client/exchange.h"
#include "protocol/opcode.h"
#include "strongroom/client_error.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::client {

// Discovery, hashing and random bytes need no identity, and a service that lacks the authenticator
// of ours serves them all the same when none is claimed.
enum class Identity : std::uint8_t { None, Claimed };

struct Settings {
  std::string socket_path;
  std::optional<std::vector<uid_t>> trusted_owners;  // nullopt: any socket is trusted
  std::string application_name;                      // empty: the kernel says who is asking
  std::chrono::milliseconds timeout;
  std::uint32_t max_answer_size;
};

// Immutable; any thread.
class Caller {
 public:
  explicit Caller(Settings settings) : settings_(std::move(settings)) {}

  // The body of the answer.
  ClientResult<SecretBytes> call(Opcode opcode, ProviderId provider, Identity identity,
                                 ByteView body) const;
  const Settings& settings() const noexcept { return settings_; }

 private:
  Settings settings_;
};

// `Answer` and `Message` are messages of a contract.
template <typename Answer, typename Message>
ClientResult<Answer> ask(const Caller& caller, Opcode opcode, ProviderId provider,
                         Identity identity, const Message& message) {
  SecretBytes body(message.ByteSizeLong());
  if (body.size() > INT_MAX)
    return std::unexpected(ClientError(ErrorSource::Caller, Status::BodySizeExceedsLimit,
                                       "encoding the request: it is too large"));
  message.SerializeToArray(body.data(), static_cast<int>(body.size()));
  SecretBytes bytes = TRY(caller.call(opcode, provider, identity, body));
  Answer answer;
  if (!answer.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return std::unexpected(ClientError(ErrorSource::Answer, Status::DeserializingBodyFailed,
                                       "reading the answer: its body is not the operation's"));
  return answer;
}

// Copies a field that holds a secret and wipes it.
SecretBytes take_secret(std::string& field);
void forget(std::string& field) noexcept;

}  // namespace strongroom::client
