// Operations in parts, as clients see them: on a connection of their own, outputs when they come.
#pragma once

#include <memory>
#include <string>

#include "providers/facets.h"
#include "strongroom/client.h"

namespace strongroom::conformance {

Result<std::unique_ptr<HashInParts>> hash_by(const Client& client, psa::Hash algorithm);
Result<std::unique_ptr<EncryptionInParts>> encryption_by(const Client& client,
                                                         const std::string& key,
                                                         const psa::Aead& algorithm,
                                                         const AeadInput& input);
Result<std::unique_ptr<DecryptionInParts>> decryption_by(const Client& client,
                                                         const std::string& key,
                                                         const psa::Aead& algorithm,
                                                         const AeadInput& input);

}  // namespace strongroom::conformance
