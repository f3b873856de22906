#include "service/migration/key_ids.h"

#include <algorithm>

#include "service/migration/bincode.h"

namespace strongroom::parsec {
namespace {

// TPM 2.0 r1.59 Part 2 §11.1.2 and §12.3.7: what any TPM has is far below.
constexpr std::size_t kLongestNumber = 512;
constexpr std::size_t kLongestPrivateArea = 2048;
constexpr std::size_t kLongestAuth = 64;
// A name algorithm and the digest.
constexpr std::size_t kLongestName = 66;

Result<Bytes> bounded(BincodeReader& reader, std::size_t most, const char* what) {
  ByteView bytes = TRY(reader.bytes());
  if (bytes.size() <= most) return copy_of(bytes);
  return fail(Status::PsaErrorDataCorrupt, fmt::format("{} of {} bytes", what, bytes.size()));
}

Result<WrappedKey::Point> point(BincodeReader& reader) {
  WrappedKey::Point point;
  point.x = TRY(bounded(reader, kLongestNumber, "a coordinate"));
  point.y = TRY(bounded(reader, kLongestNumber, "a coordinate"));
  return point;
}

// Of a key without a context they are all 0: sequence, handle, hierarchy, blob.
Result<bool> has_context(BincodeReader& reader) {
  const std::uint64_t sequence = TRY(reader.u64());
  const std::uint32_t handle = TRY(reader.u32());
  const std::uint32_t hierarchy = TRY(reader.u32());
  ByteView blob = TRY(reader.bytes());
  return sequence != 0 || handle != 0 || hierarchy != 0 || !blob.empty();
}

Result<WrappedKey> wrapped_key(BincodeReader& reader) {
  const bool is_context = TRY(has_context(reader));
  if (is_context)
    return fail(Status::PsaErrorNotSupported,
                "it is kept as a saved context, which the TPM forgets when it is reset; one use of "
                "it with Parsec's service makes what can be moved");
  WrappedKey key;
  Bytes auth = TRY(bounded(reader, kLongestAuth, "an auth value"));
  key.auth = TRY(SecretBuffer::copy_of(auth));
  const std::uint32_t is_point = TRY(reader.variant(2));
  if (is_point == 1)
    key.public_part = TRY(point(reader));
  else
    key.public_part = TRY(bounded(reader, kLongestNumber, "a modulus"));
  key.private_area = TRY(bounded(reader, kLongestPrivateArea, "a private area"));
  TRY(reader.end());
  return key;
}

Result<std::uint32_t> only_number(ByteView stored) {
  BincodeReader reader(stored);
  const std::uint32_t number = TRY(reader.u32());
  TRY(reader.end());
  return number;
}

Result<Bytes> root_name(BincodeReader& reader) {
  Bytes name = TRY(bounded(reader, kLongestName, "a name"));
  TRY(reader.end());
  return name;
}

}  // namespace

Result<std::uint32_t> parse_persistent_id(ByteView stored) {
  return in_context(only_number(stored), "the number of a persistent key");
}

Result<Bytes> parse_object_id(ByteView stored) {
  std::ignore = TRY(in_context(only_number(stored), "the id of an object"));
  Bytes id = copy_of(stored);
  std::ranges::reverse(id);
  return id;
}

Result<WrappedKey> parse_wrapped_key(ByteView stored) {
  BincodeReader reader(stored);
  return in_context(wrapped_key(reader), "a key in a TPM");
}

Result<Bytes> parse_root_name(ByteView stored) {
  BincodeReader reader(stored);
  return in_context(root_name(reader), "the name of the TPM's root key");
}

}  // namespace strongroom::parsec
