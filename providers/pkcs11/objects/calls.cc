#include "providers/pkcs11/objects/calls.h"

#include <array>
#include <cstring>

#include "base/log.h"

namespace strongroom::pkcs11 {
namespace {

constexpr CK_ULONG kFoundAtOnce = 16;

// Some modules take a null pointer for a question after the length.
unsigned char* data_of(ByteView bytes) noexcept {
  static unsigned char nothing;
  return bytes.empty() ? &nothing : const_cast<unsigned char*>(octets(bytes));
}

// One of the pairs C_SignInit and C_Sign, and so on: what comes out, how long it is.
template <auto Init, auto Once>
Outcome<std::size_t> operate(Session& session, const KeyObject& key, CK_MECHANISM& mechanism,
                             const char* name, ByteView input, MutableByteView output) {
  TRY(outcome_of(name, session.functions.call<Init>(session.handle, &mechanism, key.handle)));
  if (key.always_authenticate)
    TRY(session.login.log_in_for_operation(session.functions, session.handle));
  auto size = static_cast<CK_ULONG>(output.size());
  TRY(outcome_of(name, session.functions.call<Once>(session.handle, data_of(input),
                                                    static_cast<CK_ULONG>(input.size()),
                                                    data_of(output), &size)));
  if (size > output.size())
    return std::unexpected(malformed_answer(name, "longer than the room it was given"));
  return size;
}

// Whether the attribute is not there or not to be seen, which is no failure of the call.
bool is_kept_back(CK_RV code) {
  return code == CKR_ATTRIBUTE_SENSITIVE || code == CKR_ATTRIBUTE_TYPE_INVALID;
}

// The size of the value in `room`.
Outcome<std::size_t> read_attribute(Session& session, CK_OBJECT_HANDLE object,
                                    CK_ATTRIBUTE_TYPE type, MutableByteView room) {
  CK_ATTRIBUTE asked{type, room.data(), static_cast<CK_ULONG>(room.size())};
  TRY(outcome_of("C_GetAttributeValue",
                 session.functions.call<&CK_FUNCTION_LIST::C_GetAttributeValue>(
                     session.handle, object, &asked, CK_ULONG{1})));
  if (asked.ulValueLen > room.size())
    return std::unexpected(
        malformed_answer("C_GetAttributeValue", "longer than the room it was given"));
  return asked.ulValueLen;
}

// Whether there may be more: PKCS#11 v2.40 §5.7, C_FindObjects.
Outcome<bool> find_some(Session& session, std::vector<CK_OBJECT_HANDLE>& all) {
  std::array<CK_OBJECT_HANDLE, kFoundAtOnce> found{};
  CK_ULONG count = 0;
  TRY(outcome_of("C_FindObjects", session.functions.call<&CK_FUNCTION_LIST::C_FindObjects>(
                                      session.handle, found.data(), kFoundAtOnce, &count)));
  if (count > found.size())
    return std::unexpected(malformed_answer("C_FindObjects", "more than there is room for"));
  all.insert(all.end(), found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count));
  return count == found.size();
}

}  // namespace

CK_MECHANISM mechanism_with_iv(CK_MECHANISM_TYPE type, MutableByteView iv) noexcept {
  return {type, iv.data(), static_cast<CK_ULONG>(iv.size())};
}

Outcome<Bytes> sign(Session& session, const KeyObject& key, CK_MECHANISM mechanism, ByteView data,
                    std::size_t most) {
  Bytes signature(most);
  auto size = TRY((operate<&CK_FUNCTION_LIST::C_SignInit, &CK_FUNCTION_LIST::C_Sign>(
      session, key, mechanism, "C_Sign", data, signature)));
  signature.resize(size);
  return signature;
}

Outcome<Bytes> encrypt(Session& session, const KeyObject& key, CK_MECHANISM mechanism,
                       ByteView plaintext, std::size_t most) {
  Bytes ciphertext(most);
  auto size = TRY((operate<&CK_FUNCTION_LIST::C_EncryptInit, &CK_FUNCTION_LIST::C_Encrypt>(
      session, key, mechanism, "C_Encrypt", plaintext, ciphertext)));
  ciphertext.resize(size);
  return ciphertext;
}

Outcome<SecretBuffer> decrypt(Session& session, const KeyObject& key, CK_MECHANISM mechanism,
                              ByteView ciphertext, std::size_t most) {
  auto plaintext = TRY(SecretBuffer::of_size(most));
  auto size = TRY((operate<&CK_FUNCTION_LIST::C_DecryptInit, &CK_FUNCTION_LIST::C_Decrypt>(
      session, key, mechanism, "C_Decrypt", ciphertext, plaintext.reveal_mutable())));
  plaintext.shrink_to(size);
  return plaintext;
}

Outcome<std::vector<CK_OBJECT_HANDLE>> find_objects(Session& session, Template& wanted,
                                                    std::size_t most) {
  TRY(outcome_of("C_FindObjectsInit", session.functions.call<&CK_FUNCTION_LIST::C_FindObjectsInit>(
                                          session.handle, wanted.data(), wanted.size())));
  std::vector<CK_OBJECT_HANDLE> all;
  while (true) {
    bool is_more = TRY(find_some(session, all));
    if (all.size() > most)
      return std::unexpected(malformed_answer("C_FindObjects", "more objects than there may be"));
    if (!is_more) break;
  }
  TRY(outcome_of("C_FindObjectsFinal",
                 session.functions.call<&CK_FUNCTION_LIST::C_FindObjectsFinal>(session.handle)));
  return all;
}

Outcome<std::optional<Bytes>> attribute(Session& session, CK_OBJECT_HANDLE object,
                                        CK_ATTRIBUTE_TYPE type, std::size_t most) {
  Bytes value(most);
  auto size = read_attribute(session, object, type, value);
  if (!size && is_kept_back(size.error().code())) return std::nullopt;
  if (!size) return std::unexpected(std::move(size).error());
  value.resize(*size);
  return value;
}

Outcome<std::optional<CK_ULONG>> number_attribute(Session& session, CK_OBJECT_HANDLE object,
                                                  CK_ATTRIBUTE_TYPE type) {
  CK_ULONG number = 0;
  auto bytes = TRY(attribute(session, object, type, sizeof number));
  if (!bytes) return std::nullopt;
  if (bytes->size() != sizeof number)
    return std::unexpected(malformed_answer("C_GetAttributeValue", "no number"));
  std::memcpy(&number, bytes->data(), sizeof number);
  return number;
}

Outcome<std::optional<bool>> truth_attribute(Session& session, CK_OBJECT_HANDLE object,
                                             CK_ATTRIBUTE_TYPE type) {
  auto bytes = TRY(attribute(session, object, type, sizeof(CK_BBOOL)));
  if (!bytes || bytes->empty()) return std::nullopt;
  return bytes->front() != std::byte{0};
}

Outcome<SecretBuffer> secret_attribute(Session& session, CK_OBJECT_HANDLE object,
                                       CK_ATTRIBUTE_TYPE type, std::size_t most) {
  auto value = TRY(SecretBuffer::of_size(most));
  auto size = TRY(read_attribute(session, object, type, value.reveal_mutable()));
  value.shrink_to(size);
  return value;
}

Outcome<CK_OBJECT_HANDLE> create_object(Session& session, Template& object) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  TRY(outcome_of("C_CreateObject", session.functions.call<&CK_FUNCTION_LIST::C_CreateObject>(
                                       session.handle, object.data(), object.size(), &handle)));
  return handle;
}

Outcome<> destroy_object(Session& session, CK_OBJECT_HANDLE object) {
  return outcome_of("C_DestroyObject", session.functions.call<&CK_FUNCTION_LIST::C_DestroyObject>(
                                           session.handle, object));
}

SessionObject::~SessionObject() {
  auto destroyed = destroy_object(session_, handle_);
  if (!destroyed) log::warning("pkcs11", "{}", destroyed.error().message());
}

}  // namespace strongroom::pkcs11
