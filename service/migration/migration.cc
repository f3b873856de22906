#include "service/migration/migration.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "service/migration/key_attributes.h"

namespace strongroom::parsec {
namespace {

using Outcome = Line::Outcome;

constexpr std::uint8_t kDirect = std::to_underlying(AuthType::Direct);
constexpr std::uint8_t kUnixPeerCredentials = std::to_underlying(AuthType::UnixPeerCredentials);
constexpr std::size_t kLongestKeyName = 1024;

std::unexpected<Error> kept_back(std::string why) {
  return fail(Status::PsaErrorNotSupported, std::move(why));
}

std::string owner_of(const StoredMapping& mapping) {
  if (mapping.authenticator == kUnixPeerCredentials)
    return fmt::format("uid {}", escaped(mapping.application, 64));
  return fmt::format("application '{}'", escaped(mapping.application, 64));
}

std::string described(const StoredMapping& mapping) {
  return fmt::format("key '{}' of {}, {}", escaped(mapping.key_name), owner_of(mapping),
                     name_of(mapping.provider));
}

bool is_uid(const std::string& name) {
  std::uint32_t uid = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, uid);
  return parsed.ec == std::errc() && parsed.ptr == end && fmt::format("{}", uid) == name;
}

Result<> check_owner(const StoredMapping& mapping) {
  if (mapping.authenticator == kUnixPeerCredentials) {
    if (is_uid(mapping.application)) return {};
    return kept_back("the application's name is no uid");
  }
  if (mapping.authenticator != kDirect)
    return kept_back("applications that prove who they are by tokens are not served");
  if (!mapping.application.empty()) return {};
  return kept_back("the application has no name");
}

// As requests are checked that name a key.
Result<> check_name(const std::string& name) {
  if (name.empty()) return kept_back("keys without a name are not served");
  if (name.size() > kLongestKeyName)
    return kept_back(
        fmt::format("its name has {} bytes, more than {}", name.size(), kLongestKeyName));
  if (name.contains('\0')) return kept_back("its name has a NUL in it");
  return {};
}

Result<> check_kind(ProviderId kind) {
  if (kind == ProviderId::TrustedService)
    return kept_back("it is in a secure partition, which no provider here reaches");
  if (kind == ProviderId::CryptoAuthLib)
    return kept_back("it is in a chip that no provider here drives");
  return {};
}

// Whether both are one key, whatever it may be used for.
bool is_same_key(const KeyRecord& one, const KeyRecord& other) {
  if (one.attributes.type != other.attributes.type || one.attributes.bits != other.attributes.bits)
    return false;
  if (!one.public_key.empty()) return one.public_key == other.public_key;
  return equal_in_constant_time(one.material.reveal(), other.material.reveal());
}

}  // namespace

void Migration::note(std::string problem) {
  lines_.push_back({Outcome::KeptBack, std::move(problem)});
}

void Migration::gather(const KeyInfoManager& manager, const StoredMappings& mappings) {
  const Bytes tpm_root = mappings.tpm_root.value_or(Bytes());
  for (const StoredMapping& mapping : mappings.keys) {
    Result<KeyRecord> record = record_for(manager, mapping, tpm_root);
    if (record && !names_.insert(record->id).second)
      record = kept_back("another key of that name goes to the same provider");
    if (!record) {
      note(fmt::format("{}: {}", described(mapping), record.error().message()));
      continue;
    }
    lines_.push_back({Outcome::Moved, fmt::format("{}, to provider '{}'", described(mapping),
                                                  escaped(record->id.provider.instance))});
    gathered_.push_back({lines_.size() - 1, *std::move(record)});
  }
  for (const std::string& problem : mappings.problems)
    note(problem);
}

Result<KeyRecord> Migration::record_for(const KeyInfoManager& manager, const StoredMapping& mapping,
                                        ByteView tpm_root) const {
  const psa::KeyAttributes attributes = TRY(parse_attributes(mapping.attributes));
  TRY(check_owner(mapping));
  TRY(check_name(mapping.key_name));
  TRY(check_kind(mapping.provider));
  const SourceProvider* source = TRY(source_of(manager, mapping));
  const Target* target = TRY(target_for(source->kind));
  NewKey taken = TRY(take_(MovableKey{mapping, attributes, *source, *target, tpm_root}));
  KeyRecord record;
  record.id = {.application = {mapping.authenticator, mapping.application},
               .provider = target->identity,
               .name = mapping.key_name};
  record.attributes = taken.attributes;
  record.material = std::move(taken.material);
  record.public_key = std::move(taken.public_key);
  return record;
}

// OnDisk keeps kinds alone.
Result<const SourceProvider*> Migration::source_of(const KeyInfoManager& manager,
                                                   const StoredMapping& mapping) const {
  const SourceProvider* found = nullptr;
  for (const SourceProvider& each : plan_.configuration.providers) {
    if (each.kind != mapping.provider || each.key_manager != manager.name) continue;
    if (!mapping.provider_name.empty() && each.name != mapping.provider_name) continue;
    if (found != nullptr)
      return kept_back("which of several providers of that type has it is not told by the store");
    found = &each;
  }
  if (found != nullptr) return found;
  if (mapping.provider_name.empty())
    return kept_back("Parsec's configuration has no provider of that type");
  return kept_back(fmt::format("Parsec's configuration has no provider '{}' of that type",
                               escaped(mapping.provider_name)));
}

Result<const Target*> Migration::target_for(ProviderId kind) const {
  const auto found = std::ranges::find(plan_.targets, kind, &Target::kind);
  if (found != plan_.targets.end()) return &*found;
  return kept_back("no provider of that type is configured here");
}

Result<> Migration::compare(const FindRecord& find) {
  std::vector<Gathered> fresh;
  for (Gathered& each : gathered_) {
    const Result<KeyRecordPtr> existing = find(each.record.id);
    Line& line = lines_[each.line];
    if (!existing && existing.error().status() != Status::PsaErrorDataCorrupt)
      return std::unexpected(existing.error());
    if (!existing || (*existing && !is_same_key(**existing, each.record))) {
      line.outcome = Outcome::KeptBack;
      line.text += ": a key of that name is there already, which is another one";
    } else if (*existing) {
      line.outcome = Outcome::AlreadyThere;
    } else {
      fresh.push_back(std::move(each));
    }
  }
  gathered_ = std::move(fresh);
  return {};
}

std::vector<KeyRecord> Migration::take_new_records() {
  std::vector<KeyRecord> records;
  records.reserve(gathered_.size());
  for (Gathered& each : gathered_)
    records.push_back(std::move(each.record));
  gathered_.clear();
  return records;
}

}  // namespace strongroom::parsec
