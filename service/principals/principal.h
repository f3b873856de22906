// To whom work and space are charged.
#pragma once

#include <string>
#include <sys/types.h>
#include <utility>

namespace strongroom {

// The peer's uid as the kernel gave it at accept; on a tenant's socket, the tenant. Never the name
// of an application, which is the client's to choose. The unit of fairness, limits and
// backpressure.
class Principal {
 public:
  static Principal user(uid_t uid) { return {uid, {}}; }
  // `name` is not empty.
  static Principal tenant(std::string name) { return {0, std::move(name)}; }

  bool operator==(const Principal&) const = default;
  // For logs: "uid:1000", "tenant:web".
  std::string to_string() const;

  struct Hash {
    std::size_t operator()(const Principal& principal) const noexcept {
      return std::hash<std::string>()(principal.tenant_) ^ std::hash<uid_t>()(principal.uid_);
    }
  };

 private:
  Principal(uid_t uid, std::string tenant) : uid_(uid), tenant_(std::move(tenant)) {}

  uid_t uid_;
  std::string tenant_;  // empty: a user
};

}  // namespace strongroom
