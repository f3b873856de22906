#include "service/store_use/parsec_task.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "config/values/values.h"
#include "service/migration/migration.h"
#include "service/process/ownership.h"
#include "service/provider_use/notes_in_store.h"
#include "service/rooms.h"
#include "service/store/disk/key_file.h"
#include "service/store/disk/offline_store.h"
#include "service/store_use/parsec_keys.h"
#include "service/store_use/workshop.h"

namespace strongroom {
namespace {

constexpr std::size_t kLargestConfiguration = std::size_t{1} << 20;

// To people; where nobody can read it, it is lost. fmt::print() would throw.
template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  std::ignore = std::fwrite(text.data(), 1, text.size(), stdout);
}

// What is read before root is given up.
struct Files {
  parsec::Configuration configuration;
  std::vector<parsec::RawMappings> mappings;  // of each key manager
  ParsecKeys::Files keys;
};

Result<Files> read_files(const ParsecMigration& migration) {
  const std::string path = migration.config.string();
  const Bytes text = TRY(parsec::read_raw_file(path, kLargestConfiguration));
  Files files;
  files.configuration = TRY(parsec::parse_configuration(text_of(text), path));
  for (const parsec::KeyInfoManager& manager : files.configuration.key_managers) {
    parsec::RawMappings raw = TRY(parsec::read_raw_mappings(manager));
    files.mappings.push_back(std::move(raw));
  }
  if (!migration.keys.empty()) files.keys = TRY(parsec::read_raw_keys(migration.keys.string()));
  return files;
}

ProviderId kind_of(config::ProviderType type) {
  switch (type) {
    case config::ProviderType::Software: return ProviderId::Software;
    case config::ProviderType::Tpm: return ProviderId::Tpm;
    case config::ProviderType::Pkcs11: return ProviderId::Pkcs11;
  }
  return ProviderId::Software;
}

// What a worker's module would find; before there are threads.
void use_token_environment(const config::Settings& settings) {
  for (const config::Provider& each : settings.providers)
    for (const config::TokenVariable& variable : each.environment)
      ::setenv(variable.name.c_str(), variable.value.c_str(), 1);
}

Result<std::vector<parsec::Target>> targets(Workshop& workshop, const config::Settings& settings) {
  std::vector<parsec::Target> all;
  for (const config::Provider& each : settings.providers) {
    const std::shared_ptr<Provider> provider = TRY(workshop.provider(each.name));
    all.push_back({kind_of(each.type), provider->description().identity});
  }
  return all;
}

Result<parsec::StoredMappings> parsed(const parsec::KeyInfoManager& manager,
                                      const parsec::RawMappings& raw, std::uint8_t authenticator) {
  if (manager.kind == parsec::KeyInfoManager::Kind::Sqlite) return parsec::parse_database(raw);
  return parsec::parse_files(raw, authenticator);
}

Result<> gather(parsec::Migration& migration, const Files& files) {
  const parsec::Configuration& configuration = files.configuration;
  for (std::size_t i = 0; i < files.mappings.size(); ++i) {
    const parsec::KeyInfoManager& manager = configuration.key_managers[i];
    const parsec::StoredMappings mappings =
        TRY(parsed(manager, files.mappings[i], configuration.authenticator));
    migration.gather(manager, mappings);
  }
  return {};
}

// A provider that has keys and no note of its device would not serve: what it notes at its first
// start is added with its first keys. PsaErrorHardwareFailure when another device is noted.
Result<std::vector<KeyRecord>> missing_notes(OfflineStore& store,
                                             const std::vector<DeviceNote>& notes) {
  std::vector<KeyRecord> missing;
  for (const DeviceNote& note : notes) {
    const std::string& name = note.id.provider.instance;
    const KeyRecordPtr noted =
        TRY(in_context(store.find(note.id), "the note of provider '{}'", name));
    if (noted && !std::ranges::equal(noted->material.reveal(), note.identity))
      return fail(Status::PsaErrorHardwareFailure,
                  fmt::format("provider '{}' has another device than the one it has noted; "
                              "'strongroom provider accept-root {}' notes this one",
                              name, name));
    const bool has_keys = TRY(store.has_keys_of(note.id.provider));
    if (noted || has_keys) continue;
    SecretBuffer content = TRY(SecretBuffer::copy_of(note.identity));
    missing.push_back(record_of_note(note.id, std::move(content)));
  }
  return missing;
}

Result<> add(OfflineStore& store, std::vector<KeyRecord> records, std::vector<KeyRecord> notes) {
  if (records.empty()) return {};
  std::ranges::move(notes, std::back_inserter(records));
  return store.add(records);
}

Result<> compare_with_nothing(parsec::Migration& migration) {
  return migration.compare([](const KeyId&) -> Result<KeyRecordPtr> { return nullptr; });
}

Result<> compare_and_add(Workshop& workshop, parsec::Migration& migration,
                         const std::vector<DeviceNote>& notes, bool is_dry_run) {
  const StoreSettings settings = TRY(workshop.store());
  OfflineStore store =
      TRY(OfflineStore::open(settings, is_dry_run ? MissingStore::Refuse : MissingStore::Create));
  std::vector<KeyRecord> missing = TRY(missing_notes(store, notes));
  TRY(migration.compare([&store](const KeyId& id) { return store.find(id); }));
  if (is_dry_run) return {};
  return add(store, migration.take_new_records(), std::move(missing));
}

ExitCode tell(const parsec::Migration& migration, bool is_dry_run) {
  using Outcome = parsec::Line::Outcome;
  std::size_t moved = 0;
  std::size_t there = 0;
  std::size_t kept = 0;
  for (const parsec::Line& line : migration.lines()) {
    const bool is_moved = line.outcome == Outcome::Moved;
    const bool is_there = line.outcome == Outcome::AlreadyThere;
    say("{}: {}\n",
        is_moved ? (is_dry_run ? "would be moved" : "moved")
                 : (is_there ? "already there" : "kept back"),
        line.text);
    ++(is_moved ? moved : is_there ? there : kept);
  }
  say("{} keys {}, {} already there, {} kept back\n", moved,
      is_dry_run ? "would be moved" : "moved", there, kept);
  return kept == 0 ? ExitCode::Success : ExitCode::Incomplete;
}

void advise(const parsec::Configuration& configuration, const config::Settings& settings,
            bool has_key_files) {
  const auto& order = settings.auth.order;
  const bool is_direct = configuration.authenticator == std::to_underlying(AuthType::Direct);
  const auto needed =
      is_direct ? config::Authenticator::Direct : config::Authenticator::UnixPeerCredentials;
  if (std::ranges::find(order, needed) == order.end())
    say("Their applications are served once 'order' in [auth] has '{}'.\n", name_of(needed));
  if (has_key_files)
    say("The files of Mbed Crypto hold their keys in the clear still: destroy them, and their "
        "copies.\n");
}

}  // namespace

Result<ExitCode> migrate_parsec(const config::Settings& settings,
                                const ParsecMigration& migration) {
  const Files files = TRY(in_context(read_files(migration), "reading what Parsec's service keeps"));
  TRY(become_owner_beside(settings.store.path));
  std::ignore = TRY(harden(hardening_settings(settings)));
  use_token_environment(settings);
  Workshop workshop(settings);
  TRY(workshop.run_command());
  parsec::Migration::Plan plan{.configuration = files.configuration, .targets = {}};
  plan.targets = TRY(targets(workshop, settings));
  ParsecKeys keys(workshop, settings, files.keys);
  parsec::Migration moving(std::move(plan),
                           [&keys](const parsec::MovableKey& key) { return keys.take(key); });
  TRY(gather(moving, files));
  // Before the store's key is read, unless a command gave it.
  keys.let_go_of_devices();
  // A dry run makes no store where there is none.
  if (migration.is_dry_run && !file_exists(settings.store.path))
    TRY(compare_with_nothing(moving));
  else
    TRY(compare_and_add(workshop, moving, keys.notes(), migration.is_dry_run));
  const ExitCode code = tell(moving, migration.is_dry_run);
  advise(files.configuration, settings, files.keys && !files.keys->empty());
  return code;
}

}  // namespace strongroom
