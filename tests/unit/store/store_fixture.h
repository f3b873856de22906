// What the store's tests share: a store in a directory of its own, records, and changes that are
// waited for.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "service/key_sources/key_sources.h"
#include "service/store/sqlite_store.h"
#include "tests/support/eventually.h"
#include "tests/support/matchers.h"
#include "tests/support/temporary_directory.h"

namespace strongroom::testing {

// Of application "1000" with the software provider.
KeyId id_of(const std::string& name);
// A P-256 key pair for signing whose material begins with "secret of " and the name.
KeyRecord record_of(const KeyId& id);
inline KeyRecord record_of(const std::string& name) {
  return record_of(id_of(name));
}
std::string material_of(const KeyRecord& record);

// Calls a change of a store and waits for its Committed: done(store, &Store::create, record).
template <typename Call, typename Argument>
Result<> done(Store& store, Call call, Argument&& argument);

Result<> create(Store& store, const std::string& name);
Result<> destroy(Store& store, const std::string& name);
// Of whatever has the name.
Result<> begin_destroy(Store& store, const std::string& name);
// The serial of what was reserved.
Result<std::uint64_t> abandon(Store& store, KeyRecord reserved);

// A store in a directory of its own, opened and closed at will.
class StoreInDirectory {
 public:
  StoreInDirectory();
  Result<> open();
  void close() { store_.reset(); }
  SqliteStore& operator*() const { return *store_; }
  SqliteStore* operator->() const { return store_.get(); }

  std::string file(const std::string& name) const { return directory_ / name; }
  // On the closed file, as one who holds the disk would; "" or what the last statement gave first.
  std::string sql(const std::string& statements) const;

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<SqliteStore> store_;

 public:
  const std::string key_file = file("store.key");
  StoreSettings settings;
};

// Waits until the look at the whole store is over, at most 20 s.
StoreHealth settled_health(Store& store);

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content);

template <typename Call, typename Argument>
Result<> done(Store& store, Call call, Argument&& argument) {
  std::promise<Result<>> answer;
  (store.*call)(std::forward<Argument>(argument),
                [&answer](Result<> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

}  // namespace strongroom::testing
