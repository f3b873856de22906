// All sockets that are listened to under one configuration, and under the next.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "service/listener/listening_socket.h"

namespace strongroom {

// Bound at their paths, or passed by the service manager. A passed descriptor stays open for as
// long as this lives, whether a configuration uses it or not: it is the manager's. Belongs to one
// thread. All failures are ConnectionError.
class ListeningSockets {
 public:
  // One for each of the settings, in their order: the passed descriptor of its name, else the next
  // passed one without a name, else bound at its path. A descriptor that none of them takes is an
  // error: somebody expects to be served there.
  static Result<ListeningSockets> open(const std::vector<SocketSettings>& settings,
                                       std::vector<PassedDescriptor> passed);

  std::vector<ListeningSocketPtr> in_use() const;

  // For other settings. A socket whose settings are what they were is the same object. One of the
  // same path, or of the same passed descriptor, keeps that descriptor, with the file's owner and
  // mode changed in place. The others are bound. A passed descriptor that went by order belongs to
  // the path that took it.
  class Replacement;
  Result<Replacement> prepare(const std::vector<SocketSettings>& settings) const;
  // The files of those that go out of use vanish; their descriptors close with their listeners.
  void put_to_use(Replacement replacement);

 private:
  struct Entry {
    SocketSettings settings;
    ListeningSocketPtr socket;
  };
  struct Passed {
    std::string name;
    std::string path;  // of the settings that took it by order; empty: it goes by name
    ListeningSocketPtr socket;
  };

  ListeningSockets() = default;
  const Passed* passed_for(const SocketSettings& settings) const;
  const Entry* entry_of(const ListeningSocket& descriptor) const;
  const Entry* entry_at(const std::string& path) const;
  Result<ListeningSocketPtr> socket_for(const SocketSettings& settings,
                                        Replacement& replacement) const;

  std::vector<Entry> entries_;
  std::vector<Passed> passed_;
};

// Takes back what it has changed in the file system, unless it is put to use.
class ListeningSockets::Replacement {
 public:
  Replacement(Replacement&&) noexcept = default;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

 private:
  friend class ListeningSockets;
  struct Permitted {
    ListeningSocketPtr socket;
    SocketSettings before;
    SocketSettings now;
  };

  Replacement() = default;

  std::vector<Entry> entries_;
  std::vector<Permitted> permitted_;
};

}  // namespace strongroom
