// What the store keeps of a secret that a TPM has sealed, which whoever holds the disk may write.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "providers/tpm/vault/epoch_counter.h"
#include "providers/tpm/vault/sealed_secret.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom;
  const ByteView input = std::as_bytes(std::span(data, size));
  if (const auto counter = tpm::counter_from_stored(input)) {
    const auto again = tpm::to_stored(*counter);
    if (!again || !equal_in_constant_time(again->reveal(), input)) std::abort();
  }
  const auto sealed = tpm::sealed_from_stored(input);
  if (!sealed) return 0;
  const auto stored = tpm::to_stored(*sealed);
  if (stored && !tpm::sealed_from_stored(*stored)) std::abort();
  return 0;
}
