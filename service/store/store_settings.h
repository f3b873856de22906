// What the store is told when it is opened.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "service/store/keying/epoch_counter.h"
#include "service/store/keying/key_source.h"

namespace strongroom {

enum class StoreStart {
  Ordinary,
  // Makes an empty store although the key source may have sealed one that is gone. Never
  // overwrites.
  Init,
};

struct StoreSettings {
  std::string database;  // keys.db; beside it '-wal', '-shm', '.lock' and, at birth, '.creating'
  std::shared_ptr<StoreKeySource> key_source;
  std::shared_ptr<EpochCounter> rollback_counter;  // none: old copies of the store pass for it
  StoreStart start = StoreStart::Ordinary;
  std::chrono::milliseconds store_timeout{5000};
  std::size_t cache_bytes = std::size_t{2} << 20;  // of opened records
};

}  // namespace strongroom
