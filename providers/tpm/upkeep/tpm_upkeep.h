// What keeps a TPM in use.
#pragma once

#include <memory>
#include <string>

#include "providers/tpm/executor.h"
#include "providers/upkeep/upkeep.h"

namespace strongroom::tpm {

// Looks run on the executor's thread, which may have others to serve and outlive this.
std::shared_ptr<Upkeep> make_upkeep(std::string name, const std::shared_ptr<Executor>& executor,
                                    Upkeep::Kind kind = Upkeep::Kind::Upkeep);

}  // namespace strongroom::tpm
