// What the store is told when it is opened.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace strongroom {

enum class StoreStart {
  Ordinary,
  // Makes an empty store although a key file is there and the database is gone. Never overwrites.
  Init,
};

struct StoreSettings {
  std::string database;  // keys.db; beside it '-wal', '-shm', '.lock' and, at birth, '.creating'
  std::string key_file;  // see disk/key_file.h
  StoreStart start = StoreStart::Ordinary;
  std::chrono::milliseconds store_timeout{5000};
  std::size_t cache_bytes = std::size_t{2} << 20;  // of opened records
};

}  // namespace strongroom
