// What the store keeps of a key in a token: by what it is found again.
#pragma once

#include "base/bytes.h"
#include "base/secret_buffer.h"
#include "providers/pkcs11/module/pkcs11_error.h"

namespace strongroom::pkcs11 {

// CKA_ID of the key's objects. Of those made here 256 random bits, so that nobody has the same by
// accident; of a key that others have made and that was taken over, whatever they gave it.
using ObjectId = Bytes;
inline constexpr std::size_t kOwnIdSize = 32;
inline constexpr std::size_t kLongestForeignId = 256;

// A format's number and the id: 1 for an id made here, 2 for one of others. PsaErrorInvalidArgument
// for an id of no such length, PsaErrorDataCorrupt for what is no such.
Result<SecretBuffer> to_stored(const ObjectId& id);
// Of a key that is to be made, with a new id. The second keeps what there is of one.
Result<SecretBuffer> new_material();
Result<SecretBuffer> material_or_new(SecretBuffer material);
Result<SecretBuffer> foreign_to_stored(const ObjectId& id);
Result<ObjectId> from_stored(const SecretBuffer& stored);

// Whether the key was made by others: its objects have their labels, and other objects may have its
// id.
bool is_foreign(const SecretBuffer& stored) noexcept;

}  // namespace strongroom::pkcs11
