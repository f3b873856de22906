// Which keys of Parsec's service go where, and what becomes of each.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "providers/key_facets.h"
#include "service/migration/parsec_configuration.h"
#include "service/migration/stored_mapping.h"

namespace strongroom::parsec {

// A provider of this service, which takes keys of that kind of provider.
struct Target {
  ProviderId kind = ProviderId::Software;
  ProviderIdentity identity;
};

// A mapping whose key has a place to go to.
struct MovableKey {
  const StoredMapping& mapping;
  const psa::KeyAttributes& attributes;
  const SourceProvider& source;
  const Target& target;
  ByteView tpm_root;  // parse_root_name(); empty where the store has none
};
// Makes of a key what the store keeps of it, and changes nothing in a device. The error says to
// people why it cannot be moved.
using TakeKey = std::function<Result<NewKey>(const MovableKey& key)>;

struct Line {
  enum class Outcome { Moved, AlreadyThere, KeptBack };
  Outcome outcome;
  std::string text;
};

// Belongs to one thread. gather() for each key manager, then compare(), then take_new_records().
class Migration {
 public:
  struct Plan {
    Configuration configuration;
    std::vector<Target> targets;  // one of a kind
  };
  Migration(Plan plan, TakeKey take) : plan_(std::move(plan)), take_(std::move(take)) {}

  // Takes all keys of one of the configuration's key managers. Devices are asked.
  void gather(const KeyInfoManager& manager, const StoredMappings& mappings);
  // Tells of something that is no key.
  void note(std::string problem);

  // What the store has under a name: null when that is free, PsaErrorDataCorrupt when nobody knows.
  using FindRecord = std::function<Result<KeyRecordPtr>(const KeyId& id)>;
  // Names that are taken stay what they are.
  Result<> compare(const FindRecord& find);
  // To be added, all at once. Empties it.
  std::vector<KeyRecord> take_new_records();

  // In the order of what was gathered.
  const std::vector<Line>& lines() const noexcept { return lines_; }

 private:
  struct Gathered {
    std::size_t line;
    KeyRecord record;
  };

  Result<KeyRecord> record_for(const KeyInfoManager& manager, const StoredMapping& mapping,
                               ByteView tpm_root) const;
  Result<const SourceProvider*> source_of(const KeyInfoManager& manager,
                                          const StoredMapping& mapping) const;
  Result<const Target*> target_for(ProviderId kind) const;

  Plan plan_;
  TakeKey take_;
  std::vector<Line> lines_;
  std::vector<Gathered> gathered_;
  std::set<KeyId> names_;
};

}  // namespace strongroom::parsec
