#include "providers/pkcs11/objects/key_material.h"

#include <algorithm>

namespace strongroom::pkcs11 {
namespace {

constexpr std::byte kFormat{1};

}  // namespace

Result<ObjectId> new_object_id() {
  auto random = TRY(SecretBuffer::random(sizeof(ObjectId)));
  ObjectId id{};
  std::ranges::copy(random.reveal(), id.begin());
  return id;
}

Result<SecretBuffer> to_stored(const ObjectId& id) {
  auto stored = TRY(SecretBuffer::of_size(1 + id.size()));
  stored.reveal_mutable()[0] = kFormat;
  std::ranges::copy(id, stored.reveal_mutable().subspan(1).begin());
  return stored;
}

Result<ObjectId> from_stored(const SecretBuffer& stored) {
  ObjectId id{};
  if (stored.size() != 1 + id.size() || stored.reveal()[0] != kFormat)
    return fail(Status::PsaErrorDataCorrupt,
                "stored material of a token's key: of an unknown format");
  std::ranges::copy(stored.reveal().subspan(1), id.begin());
  return id;
}

}  // namespace strongroom::pkcs11
