// What a token tells of a key that no record knows.
#pragma once

#include <string>

#include "providers/pkcs11/objects/calls.h"
#include "providers/pkcs11/objects/key_material.h"

namespace strongroom::pkcs11 {

// One line for an operator who has nothing else to go by: CKA_ID, which objects there are, type and
// size, whether the token made the key, the public key's fingerprint as `strongroom key show` has
// it, the label. As far as the token shows them.
Outcome<std::string> description_of(Session& session, const ObjectId& id);

}  // namespace strongroom::pkcs11
