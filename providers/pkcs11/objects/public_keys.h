// Public keys as tokens show and take them, and as the contract writes them.
#pragma once

#include "base/psa.h"
#include "providers/pkcs11/objects/calls.h"
#include "providers/software/curves.h"

namespace strongroom::pkcs11 {

// CKA_EC_PARAMS of a named curve: its OID in DER (PKCS#11 v2.40 §2.3.3, RFC 3279 §2.3.5).
// PsaErrorNotSupported for a curve without one.
Result<Bytes> ec_parameters_of(const software::Curve& curve);

// A point in an OCTET STRING, as CKA_EC_POINT has it.
Bytes wrapped_point(ByteView point);
// The uncompressed point of `size` bytes in either form; PsaErrorCommunicationFailure for neither.
Outcome<Bytes> bare_point(ByteView value, std::size_t size);

// In the export format, from an object that has modulus and exponent or a point: PKCS#1 DER, an
// uncompressed point. PsaErrorCommunicationFailure for a key of another size.
Outcome<Bytes> rsa_public_key_of(Session& session, CK_OBJECT_HANDLE object, std::uint32_t bits);
Outcome<Bytes> ec_public_key_of(Session& session, CK_OBJECT_HANDLE object,
                                const software::Curve& curve);

}  // namespace strongroom::pkcs11
