#include "service/store/sealed/store_key.h"

namespace strongroom {
namespace {

constexpr std::size_t kKeySize = 32;

ByteView associated_data(WrappedBy by) {
  return view_of(by == WrappedBy::Source ? "strongroom store key"
                                         : "strongroom store key, recovery");
}

Result<Sealer> wrapping_sealer(ByteView keying_material) {
  SecretBuffer copy = TRY(SecretBuffer::copy_of(keying_material));
  return Sealer::with_key(std::move(copy));
}

}  // namespace

Result<Bytes> check_value_of(const Sealer& store_key) {
  SecretBuffer value = TRY(store_key.derive("strongroom check value v1", 32));
  return copy_of(value.reveal());
}

Result<SecretBuffer> generate_store_key() {
  return SecretBuffer::random(kKeySize);
}

Result<WrappedStoreKey> wrap_store_key(ByteView keying_material, const Sealer& store_key,
                                       WrappedBy by) {
  Sealer wrapping = TRY(wrapping_sealer(keying_material));
  Sealed sealed =
      TRY(wrapping.seal(SealedKind::WrappedKey, associated_data(by), store_key.reveal_key()));
  Bytes check_value = TRY(check_value_of(store_key));
  Bytes wrapped = std::move(sealed.salt);
  wrapped.insert(wrapped.end(), sealed.sealed.begin(), sealed.sealed.end());
  return WrappedStoreKey{std::move(wrapped), std::move(check_value)};
}

Result<Sealer> unwrap_store_key(ByteView keying_material, const WrappedStoreKey& wrapped,
                                WrappedBy by) {
  if (wrapped.wrapped.size() != Sealer::kSaltSize + kKeySize + Sealer::kTagSize)
    return fail(Status::PsaErrorDataCorrupt, "wrapped store key has a wrong length");
  Sealer wrapping = TRY(wrapping_sealer(keying_material));
  ByteView stored(wrapped.wrapped);
  SecretBuffer key =
      TRY(wrapping.unseal(SealedKind::WrappedKey, associated_data(by),
                          stored.first(Sealer::kSaltSize), stored.subspan(Sealer::kSaltSize)));
  Sealer sealer = TRY(Sealer::with_key(std::move(key)));
  Bytes check_value = TRY(check_value_of(sealer));
  if (!equal_in_constant_time(check_value, wrapped.check_value))
    return fail(Status::PsaErrorDataCorrupt, "store key does not give its check value");
  return sealer;
}

}  // namespace strongroom
