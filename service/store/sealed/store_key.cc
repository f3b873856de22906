#include "service/store/sealed/store_key.h"

namespace strongroom {
namespace {

constexpr std::size_t kKeySize = 32;

ByteView associated_data() {
  return view_of("strongroom store key");
}

Result<Sealer> wrapping_sealer(ByteView keying_material) {
  SecretBuffer copy = TRY(SecretBuffer::copy_of(keying_material));
  return Sealer::with_key(std::move(copy));
}

Result<SecretBuffer> check_value_of(const Sealer& store_key) {
  return store_key.derive("strongroom check value v1", 32);
}

}  // namespace

Result<SecretBuffer> generate_store_key() {
  return SecretBuffer::random(kKeySize);
}

Result<WrappedStoreKey> wrap_store_key(ByteView keying_material, const Sealer& store_key) {
  Sealer wrapping = TRY(wrapping_sealer(keying_material));
  Sealed sealed =
      TRY(wrapping.seal(SealedKind::WrappedKey, associated_data(), store_key.reveal_key()));
  SecretBuffer check_value = TRY(check_value_of(store_key));
  Bytes wrapped = std::move(sealed.salt);
  wrapped.insert(wrapped.end(), sealed.sealed.begin(), sealed.sealed.end());
  return WrappedStoreKey{std::move(wrapped), copy_of(check_value.reveal())};
}

Result<Sealer> unwrap_store_key(ByteView keying_material, const WrappedStoreKey& wrapped) {
  if (wrapped.wrapped.size() != Sealer::kSaltSize + kKeySize + Sealer::kTagSize)
    return fail(Status::PsaErrorDataCorrupt, "wrapped store key has a wrong length");
  Sealer wrapping = TRY(wrapping_sealer(keying_material));
  ByteView stored(wrapped.wrapped);
  SecretBuffer key =
      TRY(wrapping.unseal(SealedKind::WrappedKey, associated_data(),
                          stored.first(Sealer::kSaltSize), stored.subspan(Sealer::kSaltSize)));
  Sealer sealer = TRY(Sealer::with_key(std::move(key)));
  SecretBuffer check_value = TRY(check_value_of(sealer));
  if (!equal_in_constant_time(check_value.reveal(), wrapped.check_value))
    return fail(Status::PsaErrorDataCorrupt, "store key does not give its check value");
  return sealer;
}

}  // namespace strongroom
