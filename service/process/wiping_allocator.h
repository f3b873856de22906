// Memory that is overwritten when it is given back: libcrypto keeps live numbers of private keys on
// the ordinary heap, so the whole process is the protected area. Linking wiping_allocator.cc
// replaces operator new and delete, which is why it is part of executables only and of no library;
// instrumented builds, which bring their own allocator, link instrumented_allocator.cc instead.
#pragma once

#include "base/error.h"

namespace strongroom {

// Gives libcrypto allocation functions that wipe likewise. Before its first allocation, else
// PsaErrorGenericError.
Result<> wipe_what_libcrypto_frees();

}  // namespace strongroom
