#include "providers/software/derivation/key_stream.h"

#include <algorithm>

namespace strongroom::software {
namespace {

using Kind = psa::KeyDerivation::Kind;

// RFC 5869 §2.2: without a salt, as many zeros as the hash is long.
Result<SecretBuffer> extracted(const Algorithms& algorithms, const psa::KeyDerivation& algorithm,
                               ByteView secret, ByteView salt) {
  const Bytes zeros(psa::digest_size(algorithm.hash));
  auto hmac = TRY(Hmac::keyed(algorithms.hmac(), algorithms.digest(algorithm.hash),
                              salt.empty() ? ByteView(zeros) : salt));
  return hmac.of({secret});
}

// RFC 4279 §2: the length of the key, as many zeros, the length again, the key.
Result<SecretBuffer> premaster_secret(ByteView key) {
  constexpr std::size_t kLength = 2;
  const auto high = static_cast<std::byte>(key.size() >> 8);
  const auto low = static_cast<std::byte>(key.size() & 0xff);
  auto secret = TRY(SecretBuffer::of_size(2 * (kLength + key.size())));
  MutableByteView first = secret.reveal_mutable().first(kLength + key.size());
  MutableByteView second = secret.reveal_mutable().subspan(first.size());
  for (MutableByteView half : {first, second}) {
    half[0] = high;
    half[1] = low;
  }
  std::ranges::copy(key, second.begin() + kLength);
  return secret;
}

Result<SecretBuffer> hmac_key(const Algorithms& algorithms, const psa::KeyDerivation& algorithm,
                              ByteView secret, const DerivationInput& input) {
  switch (algorithm.kind) {
    case Kind::Hkdf: return extracted(algorithms, algorithm, secret, input.salt);
    case Kind::Tls12PskToMs: return premaster_secret(secret);
    case Kind::Tls12Prf: break;
  }
  return SecretBuffer::copy_of(secret);
}

}  // namespace

Result<KeyStream> KeyStream::of(const Algorithms& algorithms, const psa::KeyDerivation& algorithm,
                                ByteView secret, const DerivationInput& input) {
  auto key = TRY(hmac_key(algorithms, algorithm, secret, input));
  auto hmac = TRY(Hmac::keyed(algorithms.hmac(), algorithms.digest(algorithm.hash), key.reveal()));
  return KeyStream(algorithm.kind, input, std::move(hmac));
}

Result<> KeyStream::read(MutableByteView out) {
  while (!out.empty()) {
    if (taken_ == block_.size()) TRY(go_on());
    ByteView rest = block_.reveal().subspan(taken_);
    rest = rest.first(std::min(rest.size(), out.size()));
    std::ranges::copy(rest, out.begin());
    out = out.subspan(rest.size());
    taken_ += rest.size();
  }
  return {};
}

Result<> KeyStream::go_on() {
  auto block = TRY(kind_ == Kind::Hkdf ? next_of_hkdf() : next_of_tls());
  block_ = std::move(block);
  taken_ = 0;
  ++blocks_;
  return {};
}

// RFC 5869 §2.3: T(i) = HMAC(PRK, T(i - 1) ‖ info ‖ i).
Result<SecretBuffer> KeyStream::next_of_hkdf() {
  constexpr unsigned kMostBlocks = 255;
  if (blocks_ == kMostBlocks)
    return fail(Status::PsaErrorInvalidArgument, "HKDF puts out no more than 255 digests");
  const auto counter = static_cast<std::byte>(blocks_ + 1);
  return hmac_.of({block_.reveal(), input_.info, ByteView(&counter, 1)});
}

// RFC 5246 §5: A(i) = HMAC(secret, A(i - 1)), from label and seed on; HMAC(secret, A(i) ‖ label ‖
// seed).
Result<SecretBuffer> KeyStream::next_of_tls() {
  auto chain =
      TRY(blocks_ == 0 ? hmac_.of({input_.label, input_.seed}) : hmac_.of({chain_.reveal()}));
  chain_ = std::move(chain);
  return hmac_.of({chain_.reveal(), input_.label, input_.seed});
}

}  // namespace strongroom::software
