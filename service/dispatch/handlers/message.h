// Between bodies and the contracts' messages: validation steps 19 and 20.
#pragma once

#include <utility>

#include <google/protobuf/message.h>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/psa_codec.h"
#include "service/dispatch/operation.h"

namespace strongroom {

// DeserializingBodyFailed when the body is no such message. An empty body is one of all defaults.
// Unknown fields are skipped, and of long bodies not kept either. More than 4,096 fields, known,
// unknown or nested, are no such message: each takes many times the memory it came in, and time
// that nobody is charged for.
Result<> parse(ByteView body, google::protobuf::Message& message);

template <typename Message>
Result<Message> parsed(const Planning& planning) {
  Message message;
  TRY(parse(planning.call().body, message));
  return message;
}

// SerializingBodyFailed when the message is larger than protobuf can encode.
Result<Bytes> serialized(const google::protobuf::MessageLite& message);

// InvalidEncoding for a mandatory part that is absent; `name` is the field's.
Result<> require(bool is_present, std::string_view name);

// The bytes of a contract's field, and a field from bytes.
inline ByteView bytes_in(const std::string& field) {
  return view_of(field);
}
inline std::string field_of(ByteView bytes) {
  return std::string(text_of(bytes));
}

// The facet, or PsaErrorNotSupported.
template <typename Facet>
Result<Facet*> facet(Facet* facet_or_null, std::string_view lacking) {
  if (facet_or_null != nullptr) return facet_or_null;
  return fail(Status::PsaErrorNotSupported, fmt::format("the provider {}", lacking));
}

// Work that is answered as soon as it has run; `function` returns Result<Bytes>.
template <typename Function>
Work answered_by(Cost cost, Function function) {
  return {.cost = cost,
          .run = [function = std::move(function)](Reply reply, const std::stop_token&) mutable {
            reply(function());
          }};
}

// As above, from what is in memory anyway.
template <typename Function>
Work answered_from_memory(Function function) {
  Work work = answered_by(kTrivialCost, std::move(function));
  work.needs_provider = false;
  return work;
}

// The answer to an operation whose result is empty.
inline Result<Bytes> empty_body(Result<> done) {
  if (!done) return std::unexpected(std::move(done).error());
  return Bytes();
}

}  // namespace strongroom
