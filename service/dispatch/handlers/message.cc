#include "service/dispatch/handlers/message.h"

#include <limits>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

#include "base/log.h"

namespace strongroom {
namespace {

// Too short for its unknown fields to matter, and for looking for them to pay.
constexpr std::size_t kShortBody = 1024;

// More than any contract has use for. A field may take fifty times the memory of its bytes and, of
// short ones, a hundred times the time that a body of the length is charged for.
constexpr int kMostFields = 4096;
constexpr int kDepth = 100;  // to which the library goes

// Reads through a body without keeping anything, as the library is going to.
class FieldCounter {
 public:
  explicit FieldCounter(ByteView body) noexcept
      : body_(reinterpret_cast<const std::uint8_t*>(body.data()), static_cast<int>(body.size())) {}

  // Stops at what is no message: the library stops there, too.
  bool has_too_many(const google::protobuf::Descriptor& message) {
    count(&message, kDepth);
    return left_ < 0;
  }

 private:
  // Of a known message, or of what is unknown. False when there is no going on.
  bool count(const google::protobuf::Descriptor* message, int depth) {
    constexpr std::uint32_t kKind = 7;
    constexpr std::uint32_t kEndOfGroup = 4;
    while (const std::uint32_t tag = body_.ReadTag()) {
      if ((tag & kKind) == kEndOfGroup) return true;
      if (--left_ < 0 || depth == 0 || !skip(tag, message, depth)) return false;
    }
    return true;
  }

  bool skip(std::uint32_t tag, const google::protobuf::Descriptor* message, int depth) {
    std::uint64_t number = 0;
    switch (tag & 7U) {
      case 0: return body_.ReadVarint64(&number);
      case 1: return body_.Skip(8);
      case 2: return skip_content(message, static_cast<int>(tag >> 3U), depth);
      case 3: return count(nullptr, depth - 1);
      case 5: return body_.Skip(4);
      default: return false;
    }
  }

  bool skip_content(const google::protobuf::Descriptor* message, int number, int depth) {
    int size = 0;
    if (!body_.ReadVarintSizeAsInt(&size)) return false;
    const auto* field = message != nullptr ? message->FindFieldByNumber(number) : nullptr;
    if (field == nullptr || field->message_type() == nullptr) return body_.Skip(size);
    const auto limit = body_.PushLimit(size);
    const bool goes_on = count(field->message_type(), depth - 1);
    body_.PopLimit(limit);
    return goes_on;
  }

  google::protobuf::io::CodedInputStream body_;
  int left_ = kMostFields;
};

// The library complains of what clients send on standard error, without a limit.
void log_at_debug(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  log::debug("dispatch", "protobuf: {}", escaped(message));
}

}  // namespace

Result<> parse(ByteView body, google::protobuf::Message& message) {
  [[maybe_unused]] static auto* const replaced = google::protobuf::SetLogHandler(&log_at_debug);
  constexpr std::size_t kLargest = std::numeric_limits<int>::max();
  if (body.size() > kShortBody && body.size() <= kLargest &&
      FieldCounter(body).has_too_many(*message.GetDescriptor()))
    return fail(Status::DeserializingBodyFailed,
                fmt::format("parsing {} bytes as {}: more than {} fields", body.size(),
                            message.GetTypeName(), kMostFields));
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
