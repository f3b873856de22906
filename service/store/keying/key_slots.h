// The wraps of the store key that a store holds.
#pragma once

#include <optional>
#include <string>

#include "service/store/disk/sqlite_database.h"
#include "service/store/keying/key_source.h"
#include "service/store/sealed/store_key.h"

namespace strongroom {

// The store key as one source opens it. In meta: 'wrapped_key' and 'key_source', which is
//   u8 format 1 · string name · string kept      (integers big-endian, `string` as in fields.h)
// in the clear. A store of before there were sources has no 'key_source': it is a file's.
struct KeySlot {
  Bytes wrapped;
  std::string source;  // StoreKeySource::name()
  Bytes kept;
  bool operator==(const KeySlot&) const = default;
};

// Beside the wrap in use there may be one for the source that is to come, 'next_wrapped_key' and
// 'next_key_source': whichever the configuration names opens the store. The first start under the
// new source makes it the one in use. 'recovery_key' is wrapped under the recovery secret.
struct KeySlots {
  KeySlot current;
  std::optional<KeySlot> next;
  std::optional<Bytes> recovery;
  Bytes check_value;
};

Bytes encode_key_source(const KeySlot& slot);
// Sets all but the wrap. Total: PsaErrorDataCorrupt for anything else.
Result<KeySlot> decode_key_source(ByteView stored);

// A wrap that is to come and is malformed counts as none.
Result<KeySlots> read_key_slots(Database& database);
// Within a transaction of the caller's: leaves in meta what is here, and nothing else of this kind.
Result<> write_key_slots(Database& database, const KeySlots& slots);

// What `source` provides, wrapping `store_key`; it has been read back from the source.
Result<KeySlot> make_key_slot(StoreKeySource& source, const Sealer& store_key);

enum class OpenedBy { Current, Next };
struct OpenedKey {
  Sealer sealer;
  OpenedBy by;
};
// KeyInfoManagerError, naming the source and the store, when it opens none of them.
Result<OpenedKey> open_key_slots(const KeySlots& slots, StoreKeySource& source,
                                 const std::string& database);

}  // namespace strongroom
