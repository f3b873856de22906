#include "providers/tpm/objects/key_material.h"

#include "providers/tpm/objects/names.h"

namespace strongroom::tpm {
namespace {

constexpr BYTE kOwnFormat = 1;
constexpr BYTE kForeignFormat = 2;
// A name algorithm and SHA-256's digest.
constexpr std::size_t kNameSize = 2 + kDigestSize;
constexpr std::size_t kMostAuth = 64;  // of SHA-512's size

std::unexpected<Error> corrupt(const char* what) {
  return fail(Status::PsaErrorDataCorrupt, fmt::format("stored material of a TPM's key: {}", what));
}

void put_areas(Writer& writer, const KeyBlob& blob) {
  const TPM2B_PUBLIC public_area{.size = 0, .publicArea = blob.public_area.publicArea};
  writer.put(&Tss2_MU_TPM2B_PRIVATE_Marshal, blob.private_area)
      .put(&Tss2_MU_TPM2B_PUBLIC_Marshal, public_area);
}

Outcome<SecretBuffer> written(const Writer& writer) {
  if (!writer.is_sound()) return std::unexpected(tpm_error("storing a key", writer.code()));
  return TRY(SecretBuffer::copy_of(writer.view()));
}

Outcome<ForeignParent> parent_in(Reader& reader) {
  ForeignParent parent;
  auto bits = reader.take(&Tss2_MU_UINT16_Unmarshal);
  if (!bits) return corrupt("without its parent's cipher");
  auto name = reader.take_sized();
  if (!name || name->size() != kNameSize) return corrupt("without its parent's name");
  parent.cipher_bits = *bits;
  parent.name = copy_of(*name);
  return parent;
}

Outcome<SecretBuffer> foreign_auth_in(Reader& reader) {
  auto auth = reader.take_sized();
  if (!auth || auth->size() > kMostAuth) return corrupt("without its auth value");
  return TRY(SecretBuffer::copy_of(*auth));
}

Outcome<SecretBuffer> own_auth_in(Reader& reader) {
  auto auth = reader.take(kAuthSize);
  if (!auth) return corrupt("without its auth value");
  return TRY(SecretBuffer::copy_of(*auth));
}

}  // namespace

Outcome<SecretBuffer> to_stored(ByteView auth, const KeyBlob& blob) {
  Writer writer;
  writer.put(kOwnFormat).put(auth);
  put_areas(writer, blob);
  return written(writer);
}

Outcome<SecretBuffer> to_stored(const ForeignParent& parent, ByteView auth, const KeyBlob& blob) {
  Writer writer;
  writer.put(kForeignFormat).put(parent.cipher_bits);
  put_sized(writer, parent.name);
  put_sized(writer, auth);
  put_areas(writer, blob);
  return written(writer);
}

Outcome<KeyMaterial> from_stored(const Primitives& primitives, const SecretBuffer& stored) {
  auto copy = TRY(SecretBuffer::copy_of(stored.reveal()));
  Reader reader("reading a key", copy.reveal_mutable());
  auto format = reader.take(1);
  const bool is_foreign = format && std::to_integer<BYTE>((*format)[0]) == kForeignFormat;
  if (!format || (!is_foreign && std::to_integer<BYTE>((*format)[0]) != kOwnFormat))
    return corrupt("of an unknown format");
  KeyMaterial material;
  if (is_foreign) material.parent = TRY(parent_in(reader));
  auto auth = is_foreign ? foreign_auth_in(reader) : own_auth_in(reader);
  material.auth = TRY(std::move(auth));
  auto private_area = reader.take(&Tss2_MU_TPM2B_PRIVATE_Unmarshal);
  if (!private_area) return corrupt("without a private area");
  auto public_area = reader.take(&Tss2_MU_TPM2B_PUBLIC_Unmarshal);
  if (!public_area || !reader.end()) return corrupt("without a public area");
  material.blob = KeyBlob{*private_area, *public_area};
  material.name = TRY(name_of(primitives, public_area->publicArea));
  return material;
}

}  // namespace strongroom::tpm
