// Whether bytes encode a point that is fit for a public key. libcrypto takes any bytes, reduces
// what is not canonical, and verifies signatures with points of a small order, which hold for any
// message.
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "providers/software/curves.h"

namespace strongroom::software {

// PsaErrorInvalidArgument unless the encoding decodes by RFC 8032 §5.1.3 or §5.2.3 (the coordinate
// below the prime, the point on the curve) and the point is not of an order that divides the
// cofactor, which holds for those with x = 0. Whether it has a part of such an order beside a large
// one is not asked: signatures with it are as hard to forge. `encoded` is as long as the curve's
// points.
Result<> check_edwards_point(const EdwardsCurve& curve, ByteView encoded);

}  // namespace strongroom::software
