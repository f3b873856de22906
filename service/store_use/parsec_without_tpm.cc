#include "service/store_use/parsec_keys.h"

namespace strongroom {

Result<std::unique_ptr<KeysInDevice>> keys_in_tpm(Provider& /*provider*/) {
  return fail(Status::PsaErrorNotSupported, "this strongroomd was built without TPMs");
}

}  // namespace strongroom
