// Bytes of the store's file, which whoever holds the disk may write: the content of a record, and
// rows that have never been sealed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "service/store/sealed/head.h"
#include "service/store/sealed/record_codec.h"
#include "service/store/sealed/sealed_row.h"

namespace {

using namespace strongroom;

const Sealer& sealer() {
  static const Sealer made = *Sealer::with_key(*SecretBuffer::random(32));
  return made;
}

// What decodes has one encoding.
void round_trip(ByteView input) {
  Result<RecordContent> content = decode_content(input);
  if (!content) return;
  Result<SecretBuffer> again =
      encode_content(content->attributes, content->material.reveal(), content->public_key);
  if (!again || !equal_in_constant_time(again->reveal(), input)) std::abort();
}

void unseal(ByteView input) {
  SealedRow row;
  std::size_t salt_size = std::min(input.size(), Sealer::kSaltSize);
  row.salt = copy_of(input.first(salt_size));
  row.sealed = copy_of(input.subspan(salt_size));
  if (unseal_row(sealer(), row) || unseal_head(sealer(), input)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView input = std::as_bytes(std::span(data, size));
  round_trip(input);
  unseal(input);
  return 0;
}
