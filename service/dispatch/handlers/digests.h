// Comparing what was hashed.
#pragma once

#include "base/error.h"
#include "base/secret_buffer.h"

namespace strongroom {

// PsaErrorInvalidArgument for another length, PsaErrorInvalidSignature for another digest.
inline Result<> compare_digests(ByteView digest, ByteView expected) {
  if (digest.size() != expected.size())
    return fail(
        Status::PsaErrorInvalidArgument,
        fmt::format("comparing a digest of {} bytes with {}", digest.size(), expected.size()));
  if (equal_in_constant_time(digest, expected)) return {};
  return fail(Status::PsaErrorInvalidSignature, "the digests differ");
}

}  // namespace strongroom
