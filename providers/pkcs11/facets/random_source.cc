#include "providers/pkcs11/facets/random_source.h"

#include <algorithm>

namespace strongroom::pkcs11 {
namespace {

constexpr std::size_t kAtOnce = 4096;

}  // namespace

Result<SecretBuffer> TokenRandomSource::generate(std::size_t size) {
  auto all = TRY(SecretBuffer::of_size(size));
  MutableByteView rest = all.reveal_mutable();
  while (!rest.empty()) {
    MutableByteView next = rest.first(std::min(rest.size(), kAtOnce));
    TRY(access_.token().run([&](Session& session) {
      return outcome_of("C_GenerateRandom",
                        session.functions.call<&CK_FUNCTION_LIST::C_GenerateRandom>(
                            session.handle, octets(next), static_cast<CK_ULONG>(next.size())));
    }));
    rest = rest.subspan(next.size());
  }
  return all;
}

}  // namespace strongroom::pkcs11
