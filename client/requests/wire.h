// A message's entries, read where they lie: the runtime's parser copies what it reads to memory
// that nobody wipes, and makes objects of many times the size of what came.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"

namespace strongroom::requests {

struct Entries {
  std::size_t count = 0;
  std::optional<ByteView> last;  // of the field that was asked for; bytes or a message
};

// At the top level of a message of protobuf's encoding; groups, which proto3 has not, do not count
// as such. nullopt when it is none.
std::optional<Entries> entries_of(ByteView message, int field) noexcept;

}  // namespace strongroom::requests
