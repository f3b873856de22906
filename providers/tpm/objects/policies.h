// What policy sessions are told before they authorize (TPM 2.0 r1.59 Part 3 §23). They belong to
// the executor.
#pragma once

#include "providers/tpm/objects/commands.h"

namespace strongroom::tpm {

// The policy session as a command's entity.
Entity entity_of(const HmacSession& policy);

// TPM2_PolicySecret: whoever knows the auth value of `entity` may do what follows. `secured` has
// the session that proves that.
Outcome<> policy_secret(const Secured& secured, const Authorized& entity,
                        const HmacSession& policy);

// TPM2_PolicyGetDigest: what the policy has come to, by the TPM's own word. The salted session
// answers for itself: a handle that somebody else put in the place of ours does not.
Outcome<Digest> policy_digest(Channel& channel, HmacSession& policy);

}  // namespace strongroom::tpm
