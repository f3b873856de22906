// What a TPM does for the store: it seals the key's secret, and counts epochs.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "providers/tpm/executor.h"
#include "providers/tpm/objects/sealing.h"
#include "service/store/keying/epoch_counter.h"
#include "service/store/keying/key_source.h"

namespace strongroom {

// The secret is random, made and sealed anew by each provide(), and given out by the TPM alone. A
// TPM that is out of reach is waited for, as one may be that starts with the machine, for
// `patience` in all; one that refuses is not. `name` is "tpm:" and the provider's.
std::shared_ptr<StoreKeySource> tpm_key_source(std::string name,
                                               std::shared_ptr<tpm::Executor> executor,
                                               const tpm::PcrSelection& pcrs,
                                               std::chrono::milliseconds patience);

// At NV index `index`, or where there is room when that is 0. A TPM out of reach is waited for as
// above by a start; not when changes of the store wait for a step, which is made after they were
// answered then. It comes before what requests have the TPM do.
std::shared_ptr<EpochCounter> tpm_epoch_counter(std::string name,
                                                std::shared_ptr<tpm::Executor> executor,
                                                std::uint32_t index,
                                                std::chrono::milliseconds patience);

}  // namespace strongroom
