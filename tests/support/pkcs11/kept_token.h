// A token as the service has it: kept in use, with its notes in memory.
#pragma once

#include <memory>
#include <utility>

#include "providers/pkcs11/pkcs11_provider.h"
#include "providers/pkcs11/upkeep/kept_token_provider.h"
#include "tests/support/fake_notes.h"

namespace strongroom::testing {

// Its module is in this process. Somebody has looked at it, whatever they found.
inline Result<std::unique_ptr<KeptTokenProvider>> kept_token(std::string name,
                                                             Pkcs11Provider::Settings settings) {
  constexpr std::chrono::seconds kPatience{60};
  auto make = [name, settings](
                  std::optional<pkcs11::TokenIdentity> remembered,
                  pkcs11::Login::Settings login) -> Result<std::unique_ptr<pkcs11::TokenBackend>> {
    Pkcs11Provider::Settings wanted = settings;
    wanted.remembered = std::move(remembered);
    wanted.login = std::move(login);
    std::unique_ptr<pkcs11::TokenBackend> made =
        TRY(Pkcs11Provider::create(name, std::move(wanted)));
    return made;
  };
  auto kept = TRY(KeptTokenProvider::create(std::move(name), std::move(make), settings.login.pin));
  auto& upkeep = dynamic_cast<Upkeep&>(*kept->maintenance());
  upkeep.begin(std::make_shared<FakeNotes>());
  upkeep.await_first_look(kPatience);
  return kept;
}

}  // namespace strongroom::testing
