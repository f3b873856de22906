// From messages of the contracts to requests, and from answers to messages.
#pragma once

#include <climits>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"
#include "client/access.h"
#include "client/guarded.h"
#include "protocol/frame.h"
#include "strongroom/request.h"

namespace strongroom::requests {

using detail::EncodedRequest;
using Identity = EncodedRequest::Identity;
using Effect = EncodedRequest::Effect;
using Target = EncodedRequest::Target;

// The usual kinds of operation. Discovery, hashing and random bytes need no identity, and a service
// that lacks the authenticator of ours serves them all the same when none is claimed.
struct Kind {
  Identity identity;
  Effect effect;
  Target target;
};
inline constexpr Kind kDiscovery{Identity::None, Effect::None, Target::Core};
inline constexpr Kind kAboutTheCaller{Identity::Claimed, Effect::None, Target::Core};
inline constexpr Kind kAdministration{Identity::Claimed, Effect::Changes, Target::Core};
inline constexpr Kind kKeyless{Identity::None, Effect::None, Target::KeyProvider};
inline constexpr Kind kUseOfKey{Identity::Claimed, Effect::None, Target::KeyProvider};
inline constexpr Kind kPart{Identity::Claimed, Effect::OnConnection, Target::KeyProvider};
inline constexpr Kind kChangeOfKeys{Identity::Claimed, Effect::Changes, Target::KeyProvider};

std::unexpected<ClientError> bad_argument(std::string message);
std::unexpected<ClientError> bad_answer(std::string message,
                                        Status status = Status::InvalidEncoding);
std::unexpected<ClientError> bad_body();

// The runtime would print a complaint of its own and send the name all the same.
ClientResult<std::string> key_name(std::string_view name);

// Room for an authentication of four bytes is reserved, so that none but longer ones copy the body.
template <typename Message>
ClientResult<EncodedRequest> encoded(Opcode opcode, Kind kind, const Message& message) {
  constexpr std::size_t kUsualAuthentication = 4;
  const std::size_t size = message.ByteSizeLong();
  if (size > INT_MAX)
    return std::unexpected(ClientError(ErrorSource::Caller, Status::BodySizeExceedsLimit,
                                       "encoding the request: it is too large"));
  EncodedRequest request{.opcode = opcode,
                         .identity = kind.identity,
                         .effect = kind.effect,
                         .target = kind.target,
                         .frame = {},
                         .key_name = {},
                         .expected_count = 0};
  request.frame.reserve(kHeaderSize + size + kUsualAuthentication);
  request.frame.resize(kHeaderSize + size);
  message.SerializeToArray(request.frame.data() + kHeaderSize, static_cast<int>(size));
  return request;
}

template <typename T>
Prepared<T> prepared(ClientResult<EncodedRequest> request, detail::Decode<T> decode) {
  if (!request) return std::unexpected(std::move(request).error());
  return detail::Access::prepared<T>(*std::move(request), decode);
}

// More than any service lists. What comes in 64 KiB or in 2¹⁸ entries takes some ten times the room
// of the largest answer at most.
inline constexpr std::size_t kLargestDiscovery = std::size_t{64} * 1024;
inline constexpr std::size_t kMostEntries = std::size_t{1} << 18;

// Fails for what must not be parsed.
ClientResult<> check_extent(ByteView message, std::size_t most_bytes);

// Gives the answer's message, which holds no secret, to `use`.
template <typename Answer, typename Use>
std::invoke_result_t<Use&, Answer&> reading(ByteView bytes, Use&& use,
                                            std::size_t most_bytes = SIZE_MAX) noexcept {
  return client::guarded([&]() -> std::invoke_result_t<Use&, Answer&> {
    TRY(check_extent(bytes, most_bytes));
    Answer answer;
    if (!answer.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return bad_body();
    return use(answer);
  });
}

// For operations whose answer says no more than that they succeeded.
template <typename Answer>
ClientResult<> decode_nothing(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<Answer>(bytes, [](const Answer&) -> ClientResult<> { return {}; });
}

// For operations whose answer is one field.
template <typename Answer, const std::string& (Answer::*field)() const>
ClientResult<Bytes> decode_bytes(const EncodedRequest& /*request*/, ByteView bytes) {
  return reading<Answer>(bytes, [](const Answer& answer) -> ClientResult<Bytes> {
    return bytes_of((answer.*field)());
  });
}

// The field of this number, which is bytes; nothing of it is copied but to the result.
ClientResult<SecretBytes> secret_field(ByteView message, int number);
template <int number>
ClientResult<SecretBytes> decode_secret(const EncodedRequest& /*request*/, ByteView bytes) {
  return client::guarded([&] { return secret_field(bytes, number); });
}

// Puts a secret into a request's field, without any copy beside it, and wipes the field when the
// request has been encoded, or could not be.
class SecretField {
 public:
  SecretField(std::string* field, ByteView secret) : field_(field) {
    field_->assign(text_of(secret));
  }
  SecretField(SecretField&&) = delete;
  SecretField& operator=(SecretField&&) = delete;
  ~SecretField() { ::explicit_bzero(field_->data(), field_->size()); }

 private:
  std::string* field_;
};

inline std::string field_of(ByteView bytes) {
  return std::string(text_of(bytes));
}

}  // namespace strongroom::requests
