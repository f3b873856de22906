// What the prying module tries.
#pragma once

#include <cstdint>

#include "providers/pkcs11/module/cryptoki.h"

namespace strongroom::testing {

enum class Attempt : std::uint8_t {
  ReadStore,
  WriteStore,
  ChangeModeOfStore,
  ChangeModeOfWhatIsOpen,
  ReadConfiguration,
  Connect,
  MakeNetworkSocket,
  MakeRawSocket,
  Execute,
  Fork,
  Trace,
  ReadMemoryOfOthers,
  Signal,
  BecomeDumpable,
  WriteToUsr,
  ReadToken,  // which it may: what the system's libraries are configured by
  Count,
};

constexpr const char* name_of(Attempt attempt) noexcept {
  constexpr const char* kNames[] = {
      "reading the store",
      "writing to the store",
      "changing the store's mode",
      "changing the mode of an open file",
      "reading the configuration",
      "connecting",
      "a socket of the network",
      "a raw socket",
      "executing",
      "forking",
      "tracing",
      "reading others' memory",
      "sending a signal",
      "becoming dumpable",
      "writing to /usr",
      "reading libraries",
  };
  return kNames[static_cast<unsigned>(attempt)];
}

}  // namespace strongroom::testing
