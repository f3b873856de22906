#include "service/store/sealed/sealed_row.h"

#include "service/store/sealed/fields.h"
#include "service/store/sealed/record_codec.h"

namespace strongroom {
namespace {

constexpr std::uint8_t kFormat = 1;

void write_clear_columns(FieldWriter& out, const SealedRow& row) {
  out.u8(kFormat);
  out.u64(row.serial);
  out.u8(row.key.application.authenticator);
  out.string(view_of(row.key.application.name));
  out.raw(row.key.provider.uuid);
  out.string(view_of(row.key.provider.instance));
  out.string(view_of(row.key.name));
  out.u8(static_cast<std::uint8_t>(row.state));
  out.u64(static_cast<std::uint64_t>(row.created));
  out.string(view_of(row.owner_name));
}

void write_element(FieldWriter& out, const SealedRow& row, ByteView clear) {
  out.string(clear);
  out.string(row.salt);
  out.string(row.sealed);
}

}  // namespace

Bytes associated_data(const SealedRow& row) {
  FieldWriter counter;
  write_clear_columns(counter, row);
  Bytes bytes(counter.size());
  FieldWriter out(bytes);
  write_clear_columns(out, row);
  return bytes;
}

Result<> seal_row(const Sealer& sealer, const KeyRecord& record, SealedRow& row) {
  SecretBuffer content =
      TRY(encode_content(record.attributes, record.material.reveal(), record.public_key));
  Sealed sealed = TRY(sealer.seal(SealedKind::Record, associated_data(row), content.reveal()));
  row.salt = std::move(sealed.salt);
  row.sealed = std::move(sealed.sealed);
  return {};
}

Result<KeyRecordPtr> unseal_row(const Sealer& sealer, const SealedRow& row) {
  SecretBuffer plaintext =
      TRY(sealer.unseal(SealedKind::Record, associated_data(row), row.salt, row.sealed));
  RecordContent content = TRY(decode_content(plaintext.reveal()));
  auto record = std::make_shared<KeyRecord>();
  record->id = row.key;
  record->attributes = content.attributes;
  record->material = std::move(content.material);
  record->public_key = std::move(content.public_key);
  record->serial = row.serial;
  record->created = std::chrono::sys_seconds(std::chrono::seconds(row.created));
  return record;
}

Result<Sealer::Mac> multiset_element(const Sealer& sealer, const SealedRow& row) {
  Bytes clear = associated_data(row);
  FieldWriter counter;
  write_element(counter, row, clear);
  Bytes bytes(counter.size());
  FieldWriter out(bytes);
  write_element(out, row, clear);
  return sealer.mac(bytes);
}

Result<Sealer::Mac> malformed_element(const Sealer& sealer, const std::vector<Bytes>& as_stored) {
  auto write = [&as_stored](FieldWriter& out) {
    out.string({});
    for (const Bytes& column : as_stored)
      out.string(column);
  };
  FieldWriter counter;
  write(counter);
  Bytes bytes(counter.size());
  FieldWriter out(bytes);
  write(out);
  return sealer.mac(bytes);
}

}  // namespace strongroom
