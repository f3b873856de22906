#include "providers/software/keys/ecdsa_signature.h"

#include <algorithm>
#include <array>

#include "providers/software/keys/der.h"
#include "providers/software/keys/numbers.h"

namespace strongroom::software {
namespace {

using RAndS = std::array<ByteView, 2>;

}  // namespace

Result<Bytes> ecdsa_from_der(ByteView der, std::size_t scalar_size) {
  RAndS numbers;
  auto fits = [&](ByteView number) { return number.size() <= scalar_size; };
  if (!parse_integers(der, numbers) || !std::ranges::all_of(numbers, fits))
    return fail(Status::PsaErrorGenericError, "reading an ECDSA signature: not two such numbers");
  Bytes fixed(2 * scalar_size);
  auto end = fixed.begin();
  for (ByteView number : numbers) {
    end += static_cast<std::ptrdiff_t>(scalar_size);
    std::ranges::copy_backward(number, end);
  }
  return fixed;
}

Bytes ecdsa_to_der(ByteView signature) {
  std::size_t width = signature.size() / 2;
  RAndS numbers = {without_leading_zeros(signature.first(width)),
                   without_leading_zeros(signature.subspan(width))};
  Bytes der(size_of_integers(numbers));
  write_integers(numbers, der);
  return der;
}

}  // namespace strongroom::software
