#include "providers/pkcs11/token/token_address.h"

#include "base/bytes.h"

namespace strongroom::pkcs11 {
namespace {

constexpr CK_SLOT_ID kNoSlot = static_cast<CK_SLOT_ID>(-1);

// The URI is not shown where it may hold a PIN.
std::unexpected<Error> no_good(const char* why) {
  return fail(Status::PsaErrorInvalidArgument, fmt::format("reading a PKCS#11 URI: {}", why));
}

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : text;
}

bool is_of_an_object(P11KitUri* uri) {
  CK_ULONG count = 0;
  p11_kit_uri_get_attributes(uri, &count);
  return count != 0;
}

}  // namespace

Result<TokenAddress> TokenAddress::parse(const std::string& uri) {
  TokenAddress address;
  address.uri_.reset(p11_kit_uri_new());
  if (!address.uri_) return fail(Status::PsaErrorInsufficientMemory, "p11_kit_uri_new");
  P11KitUri* parsed = address.uri_.get();
  int code = p11_kit_uri_parse(uri.c_str(), P11_KIT_URI_FOR_ANY, parsed);
  if (code != P11_KIT_URI_OK) return no_good(p11_kit_uri_message(code));
  if (p11_kit_uri_get_pin_value(parsed) != nullptr)
    return no_good("it holds a PIN, which would be for all to read");
  if (p11_kit_uri_get_pin_source(parsed) != nullptr)
    return no_good("it says where the PIN is, which is not for it to say");
  if (p11_kit_uri_any_unrecognized(parsed) != 0)
    return no_good("it has an attribute that is not known");
  if (is_of_an_object(parsed)) return no_good("it names an object, not a token");
  address.text_ = uri;
  address.module_ = {text_of(p11_kit_uri_get_module_path(parsed)),
                     text_of(p11_kit_uri_get_module_name(parsed))};
  if (address.module_.path.empty() && address.module_.name.empty())
    return no_good("it names no module; add module-path or module-name");
  if (CK_SLOT_ID slot = p11_kit_uri_get_slot_id(parsed); slot != kNoSlot) address.slot_ = slot;
  return address;
}

bool TokenAddress::matches(const CK_TOKEN_INFO& token) const noexcept {
  return p11_kit_uri_match_token_info(uri_.get(), &token) != 0;
}

}  // namespace strongroom::pkcs11
