// One row of table `key`: a record's clear columns and its seal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "providers/key_record.h"
#include "service/store/sealed/sealing.h"
#include "service/store/store.h"

namespace strongroom {

struct SealedRow {
  // The row's number: as long as nobody meddles the serial, so that it is not used again while a
  // reader still has it in hand. Not sealed, for nothing depends on it.
  std::int64_t row = 0;
  KeyId key;
  KeyState state = KeyState::Present;
  std::uint64_t serial = 0;
  std::int64_t created = 0;  // seconds since 1970
  std::string owner_name;    // the user's name at the application's first key; empty when unknown
  Bytes salt;
  Bytes sealed;  // record_codec.h
};

// What the seal covers beside the content: every clear column but the row's number, so that a row
// edited, moved to another key's name, or left behind by a change of state does not verify.
// Integers big-endian, `string` = 4 bytes of length and as many bytes:
//   u8 format 1 · u64 serial · u8 authenticator · string application · 16 bytes provider UUID ·
//   string provider instance · string name · u8 state · u64 created · string owner name
Bytes associated_data(const SealedRow& row);

// Draws a new salt. `row` has its clear columns set; its salt and seal are replaced.
Result<> seal_row(const Sealer& sealer, const KeyRecord& record, SealedRow& row);
// PsaErrorDataCorrupt when the seal does not verify or its content is not a record.
Result<KeyRecordPtr> unseal_row(const Sealer& sealer, const SealedRow& row);

// The row's addend in the head's multiset hash: over string associated data, string salt, string
// sealed. It needs no seal opened, and changes with any column.
Result<Sealer::Mac> multiset_element(const Sealer& sealer, const SealedRow& row);

// The same of a row that is none: over an empty string, which no associated data is, then its
// columns as they are stored.
Result<Sealer::Mac> malformed_element(const Sealer& sealer, const std::vector<Bytes>& as_stored);

}  // namespace strongroom
