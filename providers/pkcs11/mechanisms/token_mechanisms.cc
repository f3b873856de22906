#include "providers/pkcs11/mechanisms/token_mechanisms.h"

#include <algorithm>
#include <array>
#include <vector>

#include "providers/pkcs11/mechanisms/mechanisms.h"
#include "providers/pkcs11/objects/calls.h"

namespace strongroom::pkcs11 {
namespace {

constexpr CK_ULONG kMostMechanisms = 1024;
constexpr CK_ULONG kMostAesBytes = 64;  // XTS-256 has two keys
constexpr std::array kOaepHashes = {psa::Hash::Sha1, psa::Hash::Sha224, psa::Hash::Sha256,
                                    psa::Hash::Sha384, psa::Hash::Sha512};

Outcome<std::vector<CK_MECHANISM_TYPE>> mechanism_list(Session& session) {
  std::vector<CK_MECHANISM_TYPE> list(kMostMechanisms);
  CK_ULONG count = kMostMechanisms;
  TRY(outcome_of("C_GetMechanismList",
                 session.functions.call<&CK_FUNCTION_LIST::C_GetMechanismList>(
                     session.connection.token.slot, list.data(), &count)));
  if (count > list.size())
    return std::unexpected(malformed_answer("C_GetMechanismList", "more than there is room for"));
  list.resize(count);
  return list;
}

// Some odd number of 2048 bits: nothing is encrypted with it.
Outcome<CK_OBJECT_HANDLE> public_key_for_asking(Session& session) {
  const Bytes modulus(256, std::byte{0xc3});
  const std::array exponent = {std::byte{1}, std::byte{0}, std::byte{1}};
  Template key;
  key.add(CKA_CLASS, CK_ULONG{CKO_PUBLIC_KEY})
      .add(CKA_KEY_TYPE, CK_ULONG{CKK_RSA})
      .add(CKA_TOKEN, false)
      .add(CKA_PRIVATE, false)
      .add(CKA_MODULUS, modulus)
      .add(CKA_PUBLIC_EXPONENT, exponent)
      .add(CKA_ENCRYPT, true);
  return create_object(session, key);
}

// Whether the parameters are taken. What is begun is ended with the text of a byte; whatever that
// gives, no operation is left under way.
Outcome<bool> takes_oaep(Session& session, CK_OBJECT_HANDLE object, psa::Hash hash,
                         ByteView label) {
  auto padding = padding_hash(hash);
  CK_RSA_PKCS_OAEP_PARAMS parameters{padding->hash, padding->mgf, CKZ_DATA_SPECIFIED,
                                     label.empty() ? nullptr : const_cast<std::byte*>(label.data()),
                                     static_cast<CK_ULONG>(label.size())};
  const KeyObject key{.handle = object};
  const std::array text = {std::byte{1}};
  auto done = encrypt(session, key, mechanism_with(CKM_RSA_PKCS_OAEP, parameters), text, 256);
  if (!done && is_lost(done.error().code())) return std::unexpected(std::move(done).error());
  return done.has_value();
}

}  // namespace

Outcome<TokenMechanisms> TokenMechanisms::of(Session& session) {
  TokenMechanisms found;
  found.quirks_ = session.connection.quirks;
  found.is_writable_ = session.connection.is_writable;
  TRY(found.ask_list(session));
  if (found.has(CKM_RSA_PKCS_OAEP, CKF_DECRYPT | CKF_ENCRYPT)) TRY(found.ask_oaep(session));
  return found;
}

Outcome<> TokenMechanisms::ask_list(Session& session) {
  auto list = TRY(mechanism_list(session));
  for (CK_MECHANISM_TYPE mechanism : list) {
    CK_MECHANISM_INFO info{};
    CK_RV code = session.functions.call<&CK_FUNCTION_LIST::C_GetMechanismInfo>(
        session.connection.token.slot, mechanism, &info);
    if (is_lost(code)) return outcome_of("C_GetMechanismInfo", code);
    if (code == CKR_OK) mechanisms_[mechanism] = info;
  }
  return {};
}

// A token that does not take the key is one whose hashes cannot be asked for: it offers none.
Outcome<> TokenMechanisms::ask_oaep(Session& session) {
  auto handle = public_key_for_asking(session);
  if (!handle && is_lost(handle.error().code())) return std::unexpected(std::move(handle).error());
  if (!handle) return {};
  const SessionObject key(session, *handle);
  for (psa::Hash hash : kOaepHashes) {
    bool is_taken = TRY(takes_oaep(session, key.handle(), hash, {}));
    if (is_taken) oaep_hashes_.insert(hash);
  }
  if (oaep_hashes_.empty()) return {};
  const std::array label = {std::byte{'l'}};
  has_oaep_labels_ = TRY(takes_oaep(session, key.handle(), *oaep_hashes_.begin(), label));
  return {};
}

bool TokenMechanisms::has(CK_MECHANISM_TYPE mechanism, CK_FLAGS flags, CK_ULONG size) const {
  auto found = mechanisms_.find(mechanism);
  if (found == mechanisms_.end()) return false;
  const CK_MECHANISM_INFO& info = found->second;
  return (info.flags & flags) == flags &&
         (size == 0 || (size >= info.ulMinKeySize && size <= info.ulMaxKeySize));
}

bool TokenMechanisms::has_aes(CK_MECHANISM_TYPE mechanism, CK_FLAGS flags,
                              std::uint32_t bits) const {
  auto found = mechanisms_.find(mechanism);
  if (found == mechanisms_.end()) return false;
  return has(mechanism, flags, found->second.ulMaxKeySize > kMostAesBytes ? bits : bits / 8);
}

}  // namespace strongroom::pkcs11
