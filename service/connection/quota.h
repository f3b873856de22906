// How many connections may be open at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <sys/types.h>
#include <unordered_map>
#include <utility>

namespace strongroom {

class ConnectionQuota;

// The right to one open connection, given back on release. Does not outlive its quota.
class Seat {
 public:
  Seat(Seat&& other) noexcept
      : quota_(std::exchange(other.quota_, nullptr)), principal_(other.principal_) {}
  Seat& operator=(Seat&&) = delete;
  ~Seat();

 private:
  friend class ConnectionQuota;
  Seat(ConnectionQuota& quota, uid_t principal) noexcept : quota_(&quota), principal_(principal) {}

  ConnectionQuota* quota_;
  uid_t principal_;
};

// Shared by the loops; any thread.
class ConnectionQuota {
 public:
  struct Limits {
    std::size_t in_total = 4096;
    std::size_t per_principal = 256;
  };

  explicit ConnectionQuota(Limits limits) noexcept : limits_(limits) {}
  ConnectionQuota(const ConnectionQuota&) = delete;
  ConnectionQuota& operator=(const ConnectionQuota&) = delete;

  // nullopt, and counted as refused, at a limit.
  std::optional<Seat> admit(uid_t principal);

  std::size_t taken() const;
  std::size_t refused() const noexcept { return refused_; }

 private:
  friend class Seat;
  void give_back(uid_t principal);

  const Limits limits_;
  std::atomic<std::size_t> refused_ = 0;
  mutable std::mutex mutex_;  // guards the rest
  std::size_t taken_ = 0;
  std::unordered_map<uid_t, std::size_t> taken_by_;  // no zeros
};

}  // namespace strongroom
