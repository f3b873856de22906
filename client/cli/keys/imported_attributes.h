// What a key from a file shall be for.
#pragma once

#include "base/psa.h"
#include "client/cli/arguments.h"
#include "client/cli/keys/key_input.h"
#include "client/cli/keys/key_material.h"

namespace strongroom::cli {

// Type and size are the file's; algorithm and usage are the command line's, or what such keys are
// mostly for. Usage when --type, --algorithm or --usage does not go with the key.
Outcome<psa::KeyAttributes> imported_attributes(const Arguments& arguments, const KeyInput& input,
                                                const KeyMaterial& key);

}  // namespace strongroom::cli
