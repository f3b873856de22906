// What the store keeps of a key in a token: by what it is found again.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/secret_buffer.h"
#include "providers/pkcs11/module/pkcs11_error.h"

namespace strongroom::pkcs11 {

// CKA_ID of the key's objects: 256 random bits, so that nobody has the same by accident.
using ObjectId = std::array<std::byte, 32>;

Result<ObjectId> new_object_id();

// A format's number and the id. PsaErrorDataCorrupt for what is no such.
Result<SecretBuffer> to_stored(const ObjectId& id);
Result<ObjectId> from_stored(const SecretBuffer& stored);

}  // namespace strongroom::pkcs11
