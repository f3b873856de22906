// The public key of another, from the forms in which people hand such keys on.
#pragma once

#include "base/bytes.h"
#include "client/cli/failure.h"
#include "client/cli/format/input_output.h"

namespace strongroom::cli {

// As PSA raw key agreement takes it: an uncompressed point (SEC 1, 2.3.3), or a u coordinate (RFC
// 7748 §5). Native: files of keys and certificates are known by their content, and what is none of
// them is taken as it is. InvalidData for what is no public key on a curve.
Outcome<Bytes> peer_public_key(ByteView input, Encoding encoding);

}  // namespace strongroom::cli
