#include "providers/tpm/objects/names.h"

#include "providers/tpm/device/frame.h"

namespace strongroom::tpm {

Outcome<Bytes> name_of(const Primitives& primitives, const TPMT_PUBLIC& public_area) {
  if (public_area.nameAlg != TPM2_ALG_SHA256)
    return fail(Status::PsaErrorNotSupported,
                fmt::format("name algorithm 0x{:x} is not SHA-256", public_area.nameAlg));
  Writer area;
  area.put(&Tss2_MU_TPMT_PUBLIC_Marshal, public_area);
  if (!area.is_sound())
    return std::unexpected(tpm_error("Tss2_MU_TPMT_PUBLIC_Marshal", area.code()));
  auto digest = TRY(primitives.sha256({area.view()}));
  Writer name;
  name.put(public_area.nameAlg).put(digest);
  return copy_of(name.view());
}

Bytes name_of(TPM2_HANDLE handle) {
  Writer name;
  name.put(handle);
  return copy_of(name.view());
}

}  // namespace strongroom::tpm
