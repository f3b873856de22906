#include "providers/tpm/objects/wrapped_import.h"

#include <array>

#include "providers/software/keys/der.h"
#include "providers/software/keys/numbers.h"
#include "providers/tpm/objects/names.h"
#include "providers/tpm/objects/templates.h"
#include "providers/tpm/session/salt.h"

namespace strongroom::tpm {
namespace {

// RFC 8017 App. A.1.2: version, n, e, d, p, and what follows from those.
constexpr std::size_t kIntegersOfAPair = 9;
constexpr std::size_t kModulus = 1;
constexpr std::size_t kExponent = 2;
constexpr std::size_t kPrime = 4;

std::unexpected<Error> does_not_fit(const char* what) {
  return fail(Status::PsaErrorNotSupported, fmt::format("a TPM takes no {}", what));
}

Outcome<> set_exponent(TPMT_PUBLIC& area, ByteView exponent) {
  if (exponent.size() > sizeof(UINT32)) return does_not_fit("exponent of more than 32 bits");
  UINT32 value = 0;
  for (std::byte octet : exponent)
    value = value << 8 | std::to_integer<UINT32>(octet);
  area.parameters.rsaDetail.exponent = value == 65'537 ? 0 : value;
  return {};
}

Outcome<ImportedKey> rsa_key_of(TPMT_PUBLIC area, const SecretBuffer& der) {
  std::array<ByteView, kIntegersOfAPair> integers;
  TRY(software::parse_integers(der.reveal(), integers));
  TRY(set_exponent(area, integers[kExponent]));
  if (!assign(area.unique.rsa, integers[kModulus])) return does_not_fit("modulus of that size");
  // Part 1 §B.2: primes are half as long as the modulus.
  if (integers[kPrime].size() * 2 != integers[kModulus].size())
    return does_not_fit("primes of different lengths");
  ImportedKey key{area, {}};
  key.secret = TRY(SecretBuffer::copy_of(integers[kPrime]));
  return key;
}

Outcome<ImportedKey> ecc_key_of(TPMT_PUBLIC area, const SecretBuffer& scalar, ByteView point) {
  const std::size_t size = (point.size() - 1) / 2;
  if (!assign(area.unique.ecc.x, point.subspan(1, size)) ||
      !assign(area.unique.ecc.y, point.last(size)))
    return does_not_fit("point of that size");
  ImportedKey key{area, {}};
  key.secret = TRY(SecretBuffer::copy_of(scalar.reveal()));
  return key;
}

// TPM2B_SENSITIVE, Part 2 §12.3.2.4: type, auth value, no seed, the secret, each with its size.
void put_sensitive(Writer& writer, const ImportedKey& key, ByteView auth) {
  Writer body;
  body.put(UINT16{key.public_area.type});
  body.put(static_cast<UINT16>(auth.size())).put(auth);
  body.put(UINT16{0});
  body.put(static_cast<UINT16>(key.secret.size())).put(key.secret.reveal());
  writer.put(static_cast<UINT16>(body.view().size())).put(body.view());
}

}  // namespace

Outcome<ImportedKey> imported_key_of(const psa::KeyType& type, std::uint32_t bits,
                                     const SecretBuffer& data, ByteView public_key) {
  auto area = TRY(imported_key(type, bits));
  return type.is_rsa() ? rsa_key_of(area, data) : ecc_key_of(area, data, public_key);
}

Outcome<Duplicate> wrapped_for(const Primitives& primitives, const TPMT_PUBLIC& parent,
                               const ImportedKey& key, ByteView auth) {
  auto seed = TRY(make_salt(primitives, parent, kForImport));
  auto name = TRY(name_of(primitives, key.public_area));
  auto storage_key = TRY(primitives.kdf_a(seed.value.reveal(), "STORAGE", name, {}, kAesKeySize));
  auto key_and_iv = TRY(SecretBuffer::of_size(kAesKeySize + kAesBlockSize));  // the IV is zero
  std::ranges::copy(storage_key.reveal(), key_and_iv.reveal_mutable().begin());
  Writer sensitive;
  put_sensitive(sensitive, key, auth);
  if (!sensitive.is_sound()) return std::unexpected(tpm_error("wrapping a key", sensitive.code()));
  TRY(primitives.aes_128_cfb(Primitives::Direction::Encrypt, key_and_iv.reveal(),
                             sensitive.mutable_view()));
  auto integrity_key = TRY(primitives.kdf_a(seed.value.reveal(), "INTEGRITY", {}, {}, kDigestSize));
  auto mac = TRY(primitives.hmac_sha256(integrity_key.reveal(), {sensitive.view(), name}));
  Writer wrapped;
  wrapped.put(static_cast<UINT16>(mac.size())).put(mac).put(sensitive.view());
  Duplicate duplicate{key.public_area, {}, seed.encrypted};
  if (!assign(duplicate.private_area, wrapped.view())) return does_not_fit("key of that size");
  return duplicate;
}

}  // namespace strongroom::tpm
