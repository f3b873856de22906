// What can be known of a token only by having it done. All that is made goes at once. What a
// token has no room for it was not asked: such failures are no answers.
#pragma once

#include "providers/pkcs11/objects/curves.h"
#include "providers/pkcs11/token/session.h"
#include "providers/software/software_provider.h"

namespace strongroom::pkcs11 {

// Whether the token makes pairs on the curve. What fails for other reasons than the curve would
// fail for a key of ours, too.
Outcome<bool> makes_pair(Session& session, const TokenCurve& curve);

// Whether the token and software come to the same secret on a curve that makes_pair(). SoftHSM does
// not where the order is a byte shorter than the field.
Outcome<bool> agrees(Session& session, SoftwareProvider& software, const psa::KeyType& type,
                     std::uint32_t bits);

}  // namespace strongroom::pkcs11
