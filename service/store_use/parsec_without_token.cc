#include "service/store_use/parsec_keys.h"

namespace strongroom {

Result<std::unique_ptr<KeysInDevice>> keys_in_token(const config::Provider& /*settings*/) {
  return fail(Status::PsaErrorNotSupported, "this strongroomd was built without tokens");
}

}  // namespace strongroom
