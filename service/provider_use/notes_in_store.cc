#include "service/provider_use/notes_in_store.h"

#include <utility>

#include "base/wall_clock.h"

namespace strongroom {
namespace {

constexpr std::string_view kApplication = "strongroom";
constexpr std::uint32_t kBitsOfAByte = 8;

std::unexpected<Error> closed() {
  return fail(Status::ConnectionError, "the store is closed");
}

bool is_absent(const Error& error) {
  return error.status() == Status::PsaErrorDoesNotExist;
}

}  // namespace

KeyId id_of_note(const ProviderIdentity& provider, std::string_view note) {
  return {
      .application = {.authenticator = kServiceAuthenticator, .name = std::string(kApplication)},
      .provider = provider,
      .name = std::string(note)};
}

KeyRecord record_of_note(KeyId id, SecretBuffer content) {
  KeyRecord record{.id = std::move(id), .attributes = {}, .material = {}, .public_key = {}};
  record.attributes.type.kind = psa::KeyType::Kind::RawData;
  record.attributes.bits = static_cast<std::uint32_t>(content.size()) * kBitsOfAByte;
  record.material = std::move(content);
  record.created = now_in_seconds();
  return record;
}

Result<std::optional<SecretBuffer>> NotesInStore::recall(std::string_view note) {
  const std::shared_ptr<Store> store = store_.lock();
  if (!store) return closed();
  const Result<KeyRecordPtr> found = store->find(id_of_note(provider_, note));
  if (!found && is_absent(found.error())) return std::nullopt;
  if (!found) return std::unexpected(found.error());
  return TRY(SecretBuffer::copy_of((*found)->material.reveal()));
}

void NotesInStore::keep(std::string_view note, SecretBuffer content, Done done) {
  const std::shared_ptr<Store> store = store_.lock();
  if (!store) return done(closed());
  store->replace(record_of_note(id_of_note(provider_, note), std::move(content)), std::move(done));
}

Result<ProviderNotes::Absence> NotesInStore::absence() {
  const std::shared_ptr<Store> store = store_.lock();
  if (!store) return closed();
  const bool has_keys = TRY(store->has_keys_of(provider_));
  const StoreHealth health = store->health();
  if (has_keys || health.is_altered) return Absence::Lost;
  return health.is_checking ? Absence::NotKnownYet : Absence::NeverKept;
}

void NotesInStore::forget(std::string_view note, Done done) {
  const std::shared_ptr<Store> store = store_.lock();
  if (!store) return done(closed());
  store->destroy(id_of_note(provider_, note), [done = std::move(done)](Result<> destroyed) mutable {
    if (!destroyed && is_absent(destroyed.error())) destroyed = {};
    done(std::move(destroyed));
  });
}

}  // namespace strongroom
