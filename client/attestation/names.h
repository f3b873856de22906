// What keys are called, and what they must be.
#pragma once

#include "client/attestation/structures.h"

namespace strongroom::attestation {

// TPM 2.0 r1.59 Part 1 §16 and §26.5: the qualified name of a primary key of the endorsement
// hierarchy, in whose statements alone counts and version are not obfuscated.
Bytes name_below_endorsement(ByteView name);

// Field::KeyAttributes, with the names of the bits.
Verified<> check_attributes(std::uint32_t found, std::uint32_t set, std::uint32_t clear);
Verified<> check_role(const PublicArea& area, KeyRole role);

}  // namespace strongroom::attestation
