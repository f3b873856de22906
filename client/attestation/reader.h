// Big-endian structures of a TPM, read no further than they are long.
#pragma once

#include "base/error.h"
#include "strongroom/attestation.h"

namespace strongroom::attestation {

std::unexpected<Failure> failure(Field field, std::string_view what);
std::unexpected<Failure> differs(Field field, std::string_view expected, std::string_view found);

// `what` names the structure in messages. A view, as is what it takes.
class Reader {
 public:
  Reader(const char* what, ByteView bytes) noexcept : what_(what), rest_(bytes) {}

  // Each fails with Field::Structure when too little is left.
  Verified<std::uint64_t> number(std::size_t bytes);
  template <typename Number>
  Verified<Number> number() {
    auto value = TRY(number(sizeof(Number)));
    return static_cast<Number>(value);
  }
  Verified<ByteView> take(std::size_t bytes);
  // One with its size, two bytes, before it: a TPM2B.
  Verified<ByteView> sized();
  // Fails unless nothing is left.
  Verified<> end() const;

  std::unexpected<Failure> malformed(std::string_view how) const;

 private:
  const char* what_;
  ByteView rest_;
};

}  // namespace strongroom::attestation
