#include "providers/pkcs11/objects/key_material.h"

#include <algorithm>

namespace strongroom::pkcs11 {
namespace {

constexpr std::byte kOwnFormat{1};
constexpr std::byte kForeignFormat{2};

bool fits(std::byte format, std::size_t size) noexcept {
  if (format == kOwnFormat) return size == kOwnIdSize;
  return format == kForeignFormat && size > 0 && size <= kLongestForeignId;
}

Result<SecretBuffer> stored_as(std::byte format, const ObjectId& id) {
  if (!fits(format, id.size()))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("a token's key has no id of {} bytes", id.size()));
  auto stored = TRY(SecretBuffer::of_size(1 + id.size()));
  stored.reveal_mutable()[0] = format;
  std::ranges::copy(id, stored.reveal_mutable().subspan(1).begin());
  return stored;
}

}  // namespace

Result<SecretBuffer> to_stored(const ObjectId& id) {
  return stored_as(kOwnFormat, id);
}

Result<SecretBuffer> new_material() {
  const auto id = TRY(SecretBuffer::random(kOwnIdSize));
  return to_stored(copy_of(id.reveal()));
}

Result<SecretBuffer> material_or_new(SecretBuffer material) {
  if (material.is_empty()) return new_material();
  return material;
}

Result<SecretBuffer> foreign_to_stored(const ObjectId& id) {
  return stored_as(kForeignFormat, id);
}

Result<ObjectId> from_stored(const SecretBuffer& stored) {
  if (stored.is_empty() || !fits(stored.reveal()[0], stored.size() - 1))
    return fail(Status::PsaErrorDataCorrupt,
                "stored material of a token's key: of an unknown format");
  return copy_of(stored.reveal().subspan(1));
}

bool is_foreign(const SecretBuffer& stored) noexcept {
  return !stored.is_empty() && stored.reveal()[0] == kForeignFormat;
}

}  // namespace strongroom::pkcs11
