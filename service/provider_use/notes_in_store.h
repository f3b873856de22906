// Where providers write down what they have to remember.
#pragma once

#include <memory>

#include "providers/provider_notes.h"
#include "service/store/store.h"

namespace strongroom {

// Each note is a record like those of keys, of an application that no client can be: sealed, told
// from others by all of its identity, and covered by the store's head.
KeyId id_of_note(const ProviderIdentity& provider, std::string_view note);
KeyRecord record_of_note(KeyId id, SecretBuffer content);

class NotesInStore final : public ProviderNotes {
 public:
  NotesInStore(std::weak_ptr<Store> store, ProviderIdentity provider)
      : store_(std::move(store)), provider_(std::move(provider)) {}

  Result<std::optional<SecretBuffer>> recall(std::string_view note) override;
  void keep(std::string_view note, SecretBuffer content, Done done) override;
  void forget(std::string_view note, Done done) override;
  Result<Absence> absence() override;

 private:
  const std::weak_ptr<Store> store_;
  const ProviderIdentity provider_;
};

}  // namespace strongroom
