#include "providers/tpm/objects/key_material.h"

#include "providers/tpm/objects/names.h"

namespace strongroom::tpm {
namespace {

constexpr std::byte kFormat{1};

std::unexpected<Error> corrupt(const char* what) {
  return fail(Status::PsaErrorDataCorrupt, fmt::format("stored material of a TPM's key: {}", what));
}

}  // namespace

Outcome<SecretBuffer> to_stored(ByteView auth, const KeyBlob& blob) {
  Writer writer;
  TPM2B_PUBLIC public_area{.size = 0, .publicArea = blob.public_area.publicArea};
  writer.put(std::to_integer<BYTE>(kFormat))
      .put(auth)
      .put(&Tss2_MU_TPM2B_PRIVATE_Marshal, blob.private_area)
      .put(&Tss2_MU_TPM2B_PUBLIC_Marshal, public_area);
  if (!writer.is_sound()) return std::unexpected(tpm_error("storing a key", writer.code()));
  return TRY(SecretBuffer::copy_of(writer.view()));
}

Outcome<KeyMaterial> from_stored(const Primitives& primitives, const SecretBuffer& stored) {
  auto copy = TRY(SecretBuffer::copy_of(stored.reveal()));
  Reader reader("reading a key", copy.reveal_mutable());
  auto format = reader.take(1);
  if (!format || (*format)[0] != kFormat) return corrupt("of an unknown format");
  auto auth = reader.take(kAuthSize);
  if (!auth) return corrupt("without its auth value");
  auto private_area = reader.take(&Tss2_MU_TPM2B_PRIVATE_Unmarshal);
  if (!private_area) return corrupt("without a private area");
  auto public_area = reader.take(&Tss2_MU_TPM2B_PUBLIC_Unmarshal);
  if (!public_area || !reader.end()) return corrupt("without a public area");
  KeyMaterial material;
  material.auth = TRY(SecretBuffer::copy_of(*auth));
  material.blob = KeyBlob{*private_area, *public_area};
  material.name = TRY(name_of(primitives, public_area->publicArea));
  return material;
}

}  // namespace strongroom::tpm
