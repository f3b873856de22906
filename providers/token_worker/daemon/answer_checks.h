// What answers of workers have to be, whatever runs in them by now.
#pragma once

#include <cstddef>

#include "providers/facets.h"
#include "providers/software/software_provider.h"

namespace strongroom::token_worker {

// Each fails for what no token can have said, with words on what is wrong with it.
Result<> check_size(std::size_t size, std::size_t expected);
Result<> check_no_longer(std::size_t size, std::size_t most);

// 0 for a key that makes none, or has one of no size that is known.
std::size_t signature_size(const KeyRecord& key);
std::size_t agreed_size(const KeyRecord& key);
std::size_t mac_size(const KeyRecord& key, const psa::Mac& algorithm);

// The key that was asked for, and a public half that software takes.
Result<> check_generated(SoftwareProvider& software, const NewKey& made,
                         const psa::KeyAttributes& wanted, const SecretBuffer& material);
// `given` is what software makes of the key that was to be imported.
Result<> check_imported(const NewKey& made, const NewKey& given, const SecretBuffer& material);
// All are of keys that were made here: those of others are nothing to be destroyed.
Result<> check_own(const std::vector<SecretBuffer>& materials);
// What was given out is the key of the record.
Result<> check_exported(SoftwareProvider& software, const SecretBuffer& exported,
                        const KeyRecord& key);

}  // namespace strongroom::token_worker
