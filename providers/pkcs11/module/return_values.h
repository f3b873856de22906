// The names that the standard gives to return values: what its text and vendors' manuals are
// searched by.
#pragma once

#include <string_view>

#include "providers/pkcs11/module/cryptoki.h"

namespace strongroom::pkcs11 {

// "CKR_PIN_INCORRECT"; "CKR_VENDOR_DEFINED" for all of those, empty for a value of no name.
std::string_view name_of_return_value(CK_RV code) noexcept;

}  // namespace strongroom::pkcs11
