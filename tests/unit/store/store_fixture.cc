#include "tests/unit/store/store_fixture.h"

#include <chrono>
#include <fstream>
#include <sqlite3.h>
#include <sstream>
#include <stdlib.h>
#include <thread>

namespace strongroom::testing {
namespace {

int keep_first_value(void* value, int, char** values, char**) {
  auto* kept = static_cast<std::string*>(value);
  if (kept->empty() && values[0] != nullptr) *kept = values[0];
  return 0;
}

}  // namespace

KeyId id_of(const std::string& name) {
  Uuid uuid{};
  uuid.fill(std::byte{0x42});
  return {.application = {.authenticator = 3, .name = "1000"},
          .provider = {.uuid = uuid, .instance = "software"},
          .name = name};
}

KeyRecord record_of(const KeyId& id) {
  KeyRecord record;
  record.id = id;
  record.attributes = {
      .type = {.kind = psa::KeyType::Kind::EccKeyPair, .curve_family = psa::EccFamily::SecpR1},
      .bits = 256,
      .usage = {.sign_message = true, .sign_hash = true},
      .algorithm = psa::AsymmetricSignature{.kind = psa::AsymmetricSignature::Kind::Ecdsa,
                                            .hash = psa::Hash::Sha256}};
  Result<SecretBuffer> material = SecretBuffer::copy_of(view_of("secret of " + id.name));
  if (material) record.material = *std::move(material);
  record.public_key = bytes_of("public part of " + id.name);
  return record;
}

std::string material_of(const KeyRecord& record) {
  return std::string(text_of(record.material.reveal()));
}

Result<> create(Store& store, const std::string& name) {
  return done(store, &Store::create, record_of(name));
}

Result<std::uint64_t> abandon(Store& store, KeyRecord reserved) {
  std::promise<Result<KeyRecordPtr>> answer;
  store.abandon(std::move(reserved),
                [&answer](Result<KeyRecordPtr> record) { answer.set_value(std::move(record)); });
  const KeyRecordPtr record = TRY(answer.get_future().get());
  return record->serial;
}

Result<> destroy(Store& store, const std::string& name) {
  return done(store, &Store::destroy, id_of(name));
}

Result<> begin_destroy(Store& store, const std::string& name) {
  KeyRecord key;
  key.id = id_of(name);
  return done(store, &Store::begin_destroy, key);
}

StoreInDirectory::StoreInDirectory() {
  settings.database = file("keys.db");
  settings.key_source = file_key_source(key_file);
}

Result<> StoreInDirectory::open() {
  store_.reset();
  store_ = TRY(SqliteStore::open(settings));
  return {};
}

std::string StoreInDirectory::sql(const std::string& statements) const {
  sqlite3* connection = nullptr;
  std::string value;
  sqlite3_open(settings.database.c_str(), &connection);
  char* message = nullptr;
  if (sqlite3_exec(connection, statements.c_str(), &keep_first_value, &value, &message) !=
      SQLITE_OK)
    ADD_FAILURE() << statements << ": " << message;
  sqlite3_free(message);
  sqlite3_close(connection);
  return value;
}

StoreHealth settled_health(Store& store) {
  eventually([&store] { return !store.health().is_checking; });
  return store.health();
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
}

}  // namespace strongroom::testing
