// What the store says of its key's source, which whoever holds the disk may write, and a recovery
// secret as somebody types it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "service/store/keying/key_slots.h"
#include "service/store/keying/recovery_secret.h"

namespace {

using namespace strongroom;

// What decodes has one encoding.
void describe(ByteView input) {
  Result<KeySlot> slot = decode_key_source(input);
  if (slot && encode_key_source(*slot) != copy_of(input)) std::abort();
}

// However it is typed, it is written in one way, which is read as the same.
void type(ByteView input) {
  Result<RecoverySecret> secret = RecoverySecret::parse(input);
  if (!secret) return;
  Result<SecretBuffer> text = secret->text();
  if (!text) return;
  Result<RecoverySecret> again = RecoverySecret::parse(text->reveal());
  if (!again || !equal_in_constant_time(again->reveal(), secret->reveal())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView input = std::as_bytes(std::span(data, size));
  describe(input);
  type(input);
  return 0;
}
