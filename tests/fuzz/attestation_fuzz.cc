// What comes from a machine that nobody trusts: files of evidence, identities and challenges, and
// the structures in them.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <tuple>

#include "strongroom/attestation.h"

namespace {

using namespace strongroom;
using namespace strongroom::attestation;

void must(bool is_so) {
  if (!is_so) std::abort();
}

void verify(const Evidence& evidence) {
  const Bytes nonce(20, std::byte{0x4e});
  auto name = name_of(evidence.attestation_key);
  const Bytes trusted = name ? *name : Bytes(34);
  const Expected expected{.nonce = nonce, .attestation_key_name = trusted};
  auto key = verify_key(evidence, expected);
  must(!key || !key->public_key.empty());
  auto quote =
      verify_quote(evidence, expected, {{{{PcrBank::Sha256, 0}, {}}, {{PcrBank::Sha256, 7}, {}}}});
  must(!quote || quote->values.size() == 2);
}

template <typename T>
void round_trip(const T& parts, Verified<T> (*read)(std::string_view)) {
  const std::string text = to_text(parts);
  auto again = read(text);
  must(again.has_value() && to_text(*again) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = std::as_bytes(std::span(data, size));
  const std::string_view text = text_of(input);
  if (auto evidence = evidence_in(text)) {
    round_trip(*evidence, &evidence_in);
    verify(*evidence);
  }
  if (auto identity = identity_in(text)) {
    round_trip(*identity, &identity_in);
    const Bytes secret(32, std::byte{5});
    for (KeyRole role : {KeyRole::AttestationKey, KeyRole::ApplicationKey})
      std::ignore = challenge(*identity, role, secret);
  }
  if (auto made = challenge_in(text)) round_trip(*made, &challenge_in);
  // The structures without their armour.
  Evidence bare;
  bare.attest = copy_of(input);
  bare.attestation_key = copy_of(input);
  bare.signature = copy_of(input);
  bare.key = copy_of(input);
  verify(bare);
  return 0;
}
