#include "service/dispatch/handlers/message.h"

#include <limits>

#include <google/protobuf/stubs/logging.h>

#include "base/log.h"

namespace strongroom {
namespace {

// Too short for its unknown fields to matter, and for looking for them to pay.
constexpr std::size_t kShortBody = 1024;

// The library complains of what clients send on standard error, without a limit.
void log_at_debug(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  log::debug("dispatch", "protobuf: {}", escaped(message));
}

}  // namespace

Result<> parse(ByteView body, google::protobuf::Message& message) {
  [[maybe_unused]] static auto* const replaced = google::protobuf::SetLogHandler(&log_at_debug);
  constexpr std::size_t kLargest = std::numeric_limits<int>::max();
  if (body.size() > kLargest || !message.ParseFromArray(body.data(), static_cast<int>(body.size())))
    return fail(Status::DeserializingBodyFailed,
                fmt::format("parsing {} bytes as {}", body.size(), message.GetTypeName()));
  if (body.size() > kShortBody) message.DiscardUnknownFields();
  return {};
}

Result<Bytes> serialized(const google::protobuf::MessageLite& message) {
  Bytes body(message.ByteSizeLong());
  if (body.size() <= std::numeric_limits<int>::max() &&
      message.SerializeToArray(body.data(), static_cast<int>(body.size())))
    return body;
  return fail(Status::SerializingBodyFailed,
              fmt::format("serializing {} bytes of {}", body.size(), message.GetTypeName()));
}

Result<> require(bool is_present, std::string_view name) {
  if (is_present) return {};
  return fail(Status::InvalidEncoding, fmt::format("mandatory field '{}' is missing", name));
}

}  // namespace strongroom
