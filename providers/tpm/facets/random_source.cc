#include "providers/tpm/facets/random_source.h"

#include <algorithm>

namespace strongroom::tpm {
namespace {

// What one turn at the TPM draws at most: long requests take turns with others.
constexpr std::size_t kAtOnce = 1024;

}  // namespace

Outcome<SecretBuffer> drawn_at_once(Tpm& tpm, std::size_t size) {
  auto all = TRY(SecretBuffer::of_size(size));
  MutableByteView rest = all.reveal_mutable();
  while (!rest.empty()) {
    auto some = TRY(draw_random(tpm.secured(), rest.size()));
    std::ranges::copy(some.reveal(), rest.begin());
    rest = rest.subspan(some.size());
  }
  return all;
}

Result<SecretBuffer> TpmRandomSource::generate(std::size_t size) {
  auto all = TRY(SecretBuffer::of_size(size));
  MutableByteView rest = all.reveal_mutable();
  while (!rest.empty()) {
    std::size_t next = std::min(rest.size(), kAtOnce);
    auto some =
        TRY(access_.use<SecretBuffer>([next](Tpm& tpm) { return drawn_at_once(tpm, next); }));
    std::ranges::copy(some.reveal(), rest.begin());
    rest = rest.subspan(next);
  }
  return all;
}

}  // namespace strongroom::tpm
