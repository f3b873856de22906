#include "providers/pkcs11/token/slots.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace strongroom::pkcs11 {
namespace {

constexpr CK_ULONG kMostSlots = 256;

// Fields are padded with blanks, and have no end of their own: PKCS#11 v2.40 §3.2.
template <std::size_t Size>
std::string trimmed(const unsigned char (&field)[Size]) {
  std::string_view text = text_of(std::as_bytes(std::span(field)));
  return std::string(text.substr(0, text.find_last_not_of(std::string_view(" \0", 2)) + 1));
}

TokenIdentity identity_of(const CK_TOKEN_INFO& info) {
  return {trimmed(info.label), trimmed(info.serialNumber)};
}

Outcome<std::vector<FoundToken>> tokens_of(const Functions& functions) {
  std::array<CK_SLOT_ID, kMostSlots> slots{};
  CK_ULONG count = slots.size();
  // Without a list the module looks what has changed: PKCS#11 v2.40 §5.5, C_GetSlotList.
  TRY(outcome_of("C_GetSlotList", functions.call<&CK_FUNCTION_LIST::C_GetSlotList>(
                                      CK_BBOOL{1}, CK_SLOT_ID_PTR{nullptr}, &count)));
  count = slots.size();
  TRY(outcome_of("C_GetSlotList", functions.call<&CK_FUNCTION_LIST::C_GetSlotList>(
                                      CK_BBOOL{1}, slots.data(), &count)));
  if (count > slots.size())
    return std::unexpected(malformed_answer("C_GetSlotList", "more slots than there is room for"));
  std::vector<FoundToken> tokens;
  for (CK_SLOT_ID slot : std::span(slots).first(count)) {
    CK_TOKEN_INFO info{};
    CK_RV code = functions.call<&CK_FUNCTION_LIST::C_GetTokenInfo>(slot, &info);
    if (code != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    tokens.push_back({slot, identity_of(info), trimmed(info.manufacturerID), info});
  }
  return tokens;
}

std::string list_of(const std::vector<FoundToken>& tokens) {
  std::string list;
  for (const FoundToken& token : tokens)
    list += fmt::format("{}{} in slot {}", list.empty() ? "" : ", ", to_string(token.identity),
                        token.slot);
  return list.empty() ? "none" : list;
}

template <typename... Args>
std::unexpected<Pkcs11Error> not_found(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Pkcs11Error(
      Error(Status::PsaErrorHardwareFailure, fmt::format(format, std::forward<Args>(args)...)),
      CKR_TOKEN_NOT_PRESENT));
}

bool is_meant(const TokenAddress& address, const FoundToken& token) {
  return address.matches(token.info) && (!address.slot() || *address.slot() == token.slot);
}

// Labels and serials together; a slot's number only tells what stands there instead.
Outcome<FoundToken> find_remembered(const std::vector<FoundToken>& tokens,
                                    const TokenAddress& address, const TokenIdentity& remembered,
                                    const std::string& provider) {
  auto found = std::ranges::find(tokens, remembered, &FoundToken::identity);
  if (found != tokens.end()) {
    if (address.matches(found->info)) return *found;
    return not_found(
        "the token in use was {}, and '{}' means another token; configure the first again, or give "
        "up the keys in it, by 'strongroom provider accept-root {}'",
        to_string(remembered), address.text(), provider);
  }
  auto instead =
      std::ranges::find_if(tokens, [&](const auto& token) { return is_meant(address, token); });
  if (instead == tokens.end())
    return not_found("{} is not there; present: {}", to_string(remembered), list_of(tokens));
  return not_found(
      "slot {} holds {}, but the keys are in {}: {} differs; put that token back, or give up those "
      "keys, by 'strongroom provider accept-root {}'",
      instead->slot, to_string(instead->identity), to_string(remembered),
      instead->identity.serial != remembered.serial ? "the serial" : "the label", provider);
}

}  // namespace

std::string to_string(const TokenIdentity& identity) {
  return fmt::format("token '{}' (serial '{}')", escaped(identity.label), escaped(identity.serial));
}

Outcome<FoundToken> find_token(const Functions& functions, const TokenAddress& address,
                               const std::optional<TokenIdentity>& remembered,
                               const std::string& provider) {
  auto tokens = TRY(tokens_of(functions));
  if (remembered) return find_remembered(tokens, address, *remembered, provider);
  auto found =
      std::ranges::find_if(tokens, [&](const auto& token) { return is_meant(address, token); });
  if (found == tokens.end())
    return not_found("no token is what '{}' means; present: {}", address.text(), list_of(tokens));
  auto rest = std::ranges::subrange(found + 1, tokens.end());
  auto other =
      std::ranges::find_if(rest, [&](const auto& token) { return is_meant(address, token); });
  if (other == rest.end()) return *found;
  return not_found("'{}' may mean {} as well as {}; name the serial, too", address.text(),
                   to_string(found->identity), to_string(other->identity));
}

Outcome<> check_present(const Functions& functions, const FoundToken& token) {
  CK_TOKEN_INFO info{};
  CK_RV code = functions.call<&CK_FUNCTION_LIST::C_GetTokenInfo>(token.slot, &info);
  if (code != CKR_OK)
    return not_found("{} is not there: {}", to_string(token.identity),
                     pkcs11_error("C_GetTokenInfo", code).message());
  if (identity_of(info) == token.identity) return {};
  return not_found("{} is not there: slot {} holds {}", to_string(token.identity), token.slot,
                   to_string(identity_of(info)));
}

}  // namespace strongroom::pkcs11
