// The arguments of C functions as values, or why they are none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/psa.h"
#include "client/c_api/handles.h"
#include "strongroom/client_error.h"

namespace strongroom::c_api {

std::unexpected<ClientError> bad_argument(std::string message);
// PsaErrorInvalidArgument: "reading the arguments: 'key' is NULL".
std::unexpected<ClientError> null_argument(std::string_view name);

// Whether the caller has a place for what is made.
ClientResult<> check_out(bool is_there);
ClientResult<std::string_view> text_in(std::string_view name, const char* text);
// Bytes of no length may come with any pointer.
ClientResult<ByteView> bytes_in(std::string_view name, const std::uint8_t* data, std::size_t size);
// PsaErrorNotSupported for attributes that have no type yet, or an algorithm without a value.
ClientResult<psa::KeyAttributes> attributes_in(const strongroom_key_attributes* attributes);

strongroom_key_attributes attributes_out(const psa::KeyAttributes& attributes) noexcept;

}  // namespace strongroom::c_api
