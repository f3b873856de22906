// What the run of the suite found to work, for docs/coverage.md: lines of words between tabs, in
// the file that the environment's STRONGROOM_COVERAGE_RECORD names. Without it nothing is written.
#pragma once

#include "tests/conformance/provider_conformance.h"

namespace strongroom::conformance {

// `attributes` has one usage flag, which was tried. What goes with no key of its type, and flags
// that no operation needs, are left out. Any thread.
void record_use(const ProviderUnderTest& provider, const psa::KeyAttributes& attributes,
                bool works);
// Generation, import or derivation.
void record_key(const ProviderUnderTest& provider, Capability capability,
                const psa::KeyAttributes& attributes, bool works);
void record_hash(const ProviderUnderTest& provider, psa::Hash hash, bool works);

}  // namespace strongroom::conformance
