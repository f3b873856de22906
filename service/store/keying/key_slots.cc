#include "service/store/keying/key_slots.h"

#include <array>
#include <vector>

#include "base/log.h"
#include "service/store/disk/key_table.h"
#include "service/store/sealed/fields.h"

namespace strongroom {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kLongestName = 8192;
constexpr std::size_t kMostKept = 8192;

Result<std::optional<KeySlot>> read_next(Database& database) {
  std::optional<Bytes> wrapped = TRY(find_meta(database, "next_wrapped_key"));
  std::optional<Bytes> source = TRY(find_meta(database, "next_key_source"));
  if (!wrapped || !source) return std::nullopt;
  Result<KeySlot> slot = decode_key_source(*source);
  if (!slot) {
    log::warning("store", "the wrap for another key source: {}", slot.error().message());
    return std::nullopt;
  }
  slot->wrapped = *std::move(wrapped);
  return *std::move(slot);
}

Result<> write_or_erase(Database& database, const char* name, const std::optional<Bytes>& value) {
  return value ? write_meta(database, name, *value) : erase_meta(database, name);
}

Result<Sealer> open_slot(const KeySlot& slot, const KeySlots& slots, StoreKeySource& source) {
  SecretBuffer material = TRY(source.read(slot.kept));
  return unwrap_store_key(material.reveal(), {slot.wrapped, slots.check_value}, WrappedBy::Source);
}

// A TPM has its own way to a secret; files, credentials and commands are three to one, which may be
// moved from here to there.
bool is_sealed(std::string_view source) {
  return kind_of_source(source) == "tpm";
}

// Those that the source may open; first the one that bears its name, and of two the one to come,
// which the configuration has arrived at.
std::vector<OpenedBy> order_of(const KeySlots& slots, const std::string& source) {
  std::vector<OpenedBy> first;
  std::vector<OpenedBy> then;
  for (OpenedBy which : {OpenedBy::Next, OpenedBy::Current}) {
    const KeySlot* slot = which == OpenedBy::Current ? &slots.current
                          : slots.next               ? &*slots.next
                                                     : nullptr;
    if (slot == nullptr || is_sealed(slot->source) != is_sealed(source)) continue;
    (slot->source == source ? first : then).push_back(which);
  }
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

std::unexpected<Error> sealed_otherwise(const KeySlots& slots, const std::string& source,
                                        const std::string& database) {
  const std::string next =
      slots.next ? fmt::format(" or '{}'", escaped(slots.next->source)) : std::string();
  return fail(
      Status::KeyInfoManagerError,
      fmt::format("store '{}' is sealed by '{}'{}, and key_source is '{}': set it back and use "
                  "'strongroom store rekey' first, or open the store by its recovery secret with "
                  "'strongroom store recover'",
                  database, escaped(slots.current.source), next, source));
}

}  // namespace

Bytes encode_key_source(const KeySlot& slot) {
  auto describe = [&slot](FieldWriter& out) {
    out.u8(kFormat);
    out.string(view_of(slot.source));
    out.string(slot.kept);
  };
  FieldWriter count;
  describe(count);
  Bytes stored(count.size());
  FieldWriter out(stored);
  describe(out);
  return stored;
}

Result<KeySlot> decode_key_source(ByteView stored) {
  FieldReader in(stored);
  KeySlot slot;
  if (in.u8() != kFormat) in.fail();
  ByteView name = in.string();
  ByteView kept = in.string();
  if (!in.is_complete() || name.empty() || name.size() > kLongestName || kept.size() > kMostKept)
    return fail(Status::PsaErrorDataCorrupt, "what the store says of its key source is malformed");
  slot.source = text_of(name);
  slot.kept = copy_of(kept);
  return slot;
}

Result<KeySlots> read_key_slots(Database& database) {
  KeySlots slots;
  std::optional<Bytes> source = TRY(find_meta(database, "key_source"));
  Result<KeySlot> current = source ? decode_key_source(*source) : KeySlot{.source = "file:"};
  if (!current) return fail(Status::KeyInfoManagerError, current.error().message());
  slots.current = *std::move(current);
  slots.current.wrapped = TRY(read_meta(database, "wrapped_key"));
  slots.next = TRY(read_next(database));
  slots.recovery = TRY(find_meta(database, "recovery_key"));
  slots.check_value = TRY(read_meta(database, "key_check"));
  return slots;
}

Result<> write_key_slots(Database& database, const KeySlots& slots) {
  TRY(write_meta(database, "wrapped_key", slots.current.wrapped));
  TRY(write_meta(database, "key_source", encode_key_source(slots.current)));
  std::optional<Bytes> wrapped;
  std::optional<Bytes> source;
  if (slots.next) {
    wrapped = slots.next->wrapped;
    source = encode_key_source(*slots.next);
  }
  TRY(write_or_erase(database, "next_wrapped_key", wrapped));
  TRY(write_or_erase(database, "next_key_source", source));
  TRY(write_or_erase(database, "recovery_key", slots.recovery));
  return write_meta(database, "key_check", slots.check_value);
}

Result<KeySlot> make_key_slot(StoreKeySource& source, const Sealer& store_key) {
  StoreKeySource::Provided provided = TRY(source.provide());
  SecretBuffer again = TRY(in_context(source.read(provided.kept), "reading it back"));
  if (!(again == provided.material))
    return fail(Status::KeyInfoManagerError,
                fmt::format("'{}' does not give the same secret twice", source.name()));
  WrappedStoreKey wrapped =
      TRY(wrap_store_key(provided.material.reveal(), store_key, WrappedBy::Source));
  return KeySlot{std::move(wrapped.wrapped), source.name(), std::move(provided.kept)};
}

Result<OpenedKey> open_key_slots(const KeySlots& slots, StoreKeySource& source,
                                 const std::string& database) {
  std::optional<Error> why_not;
  for (OpenedBy which : order_of(slots, source.name())) {
    const KeySlot& slot = which == OpenedBy::Current ? slots.current : *slots.next;
    Result<Sealer> sealer = open_slot(slot, slots, source);
    if (sealer) return OpenedKey{*std::move(sealer), which};
    if (!why_not) why_not = std::move(sealer).error();
  }
  if (!why_not) return sealed_otherwise(slots, source.name(), database);
  if (why_not->status() == Status::PsaErrorDataCorrupt)
    return fail(
        Status::KeyInfoManagerError,
        fmt::format("'{}' does not open store '{}', which is sealed by '{}': {}", source.name(),
                    database, escaped(slots.current.source), why_not->message()));
  why_not->add_context(fmt::format("opening store '{}'", database));
  return std::unexpected(*std::move(why_not));
}

}  // namespace strongroom
