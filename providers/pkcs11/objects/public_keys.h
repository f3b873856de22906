// Public keys as tokens show and take them, and as the contract writes them.
#pragma once

#include "base/psa.h"
#include "providers/pkcs11/objects/calls.h"
#include "providers/pkcs11/objects/curves.h"

namespace strongroom::pkcs11 {

// A point in an OCTET STRING, as CKA_EC_POINT has it.
Bytes wrapped_point(ByteView point);
// The uncompressed point of the curve, or the string of another's, in either form;
// PsaErrorCommunicationFailure for neither.
Outcome<Bytes> bare_point(ByteView value, const TokenCurve& curve);

// In the export format, from an object that has modulus and exponent or a point: PKCS#1 DER, an
// uncompressed point, a string, a number as long as the prime. PsaErrorCommunicationFailure for a
// key of another size.
Outcome<Bytes> rsa_public_key_of(Session& session, CK_OBJECT_HANDLE object, std::uint32_t bits);
Outcome<Bytes> dh_public_key_of(Session& session, CK_OBJECT_HANDLE object, std::uint32_t bits);
Outcome<Bytes> ec_public_key_of(Session& session, CK_OBJECT_HANDLE object, const TokenCurve& curve);

}  // namespace strongroom::pkcs11
