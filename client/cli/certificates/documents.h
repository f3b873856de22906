// Certification requests (PKCS#10, RFC 2986) and certificates (X.509, RFC 5280), from their parts.
#pragma once

#include <chrono>
#include <cstdint>

#include "client/cli/certificates/extensions.h"
#include "client/cli/failure.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {

// CertificationRequestInfo (RFC 2986 §4.1): what a request signs.
der::Element request_info(ByteView subject, ByteView public_key_info, const Extensions& extensions);

struct Issue {
  ByteView subject;  // and issuer
  ByteView public_key_info;
  ByteView signature_algorithm;
  std::chrono::sys_seconds from;
  std::chrono::sys_seconds until;
};
// TBSCertificate (RFC 5280 §4.1.2) of a certificate that its owner signs, with a random serial
// number of 159 bits.
Outcome<der::Element> self_issued(const Issue& issue, const Extensions& extensions);

// The whole of either.
der::Element signed_document(ByteView content, ByteView signature_algorithm, ByteView signature);

// Whether libcrypto reads it and finds the signature to be that of the key in it. ServiceFailure
// when not: the service signed something else.
Outcome<> check_request(ByteView der);
Outcome<> check_certificate(ByteView der);

}  // namespace strongroom::cli
