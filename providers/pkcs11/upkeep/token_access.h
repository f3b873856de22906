// The way to a token that is kept in use, and the software that does what needs none.
#pragma once

#include <memory>
#include <utility>

#include "providers/pkcs11/upkeep/kept_token.h"
#include "providers/software/software_provider.h"
#include "providers/upkeep/upkeep.h"

namespace strongroom::pkcs11 {

// For any thread.
class TokenAccess {
 public:
  TokenAccess(std::shared_ptr<KeptToken> token, std::shared_ptr<Upkeep> upkeep,
              std::unique_ptr<SoftwareProvider> software)
      : token_(std::move(token)), upkeep_(std::move(upkeep)), software_(std::move(software)) {}

  // Runs `job`, which takes the backend and yields a Result, as long as the token serves.
  template <typename Job>
  auto use(Job job) -> std::invoke_result_t<Job, TokenBackend&> {
    TRY(upkeep_->admit());
    auto backend = TRY(token_->in_use());
    auto result = job(*backend);
    // A key that is not there may be in a token that is not there.
    if (!result && result.error().status() == Status::PsaErrorDoesNotExist)
      if (auto found = backend->identity(); !found)
        result = std::unexpected(std::move(found).error());
    if (!result) upkeep_->note_failure(result.error());
    return result;
  }

  // The same of one function: call<&Provider::signer, &Signer::sign_hash>(key, algorithm, hash).
  template <auto Facet, auto Function, typename... Arguments>
  auto call(Arguments&&... arguments) {
    return use([&](TokenBackend& token) {
      return ((token.*Facet)()->*Function)(std::forward<Arguments>(arguments)...);
    });
  }

  KeptToken& token() noexcept { return *token_; }
  Upkeep& upkeep() noexcept { return *upkeep_; }
  // Needs no token, nor anybody's leave.
  SoftwareProvider& software() noexcept { return *software_; }

 private:
  const std::shared_ptr<KeptToken> token_;
  const std::shared_ptr<Upkeep> upkeep_;
  const std::unique_ptr<SoftwareProvider> software_;
};

}  // namespace strongroom::pkcs11
