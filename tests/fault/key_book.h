// What a client knows of the keys it makes, while the service may die at any moment.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>

#include "strongroom/client.h"

namespace strongroom::testing {

// A client of the software provider that trusts the socket of a test.
Client client_of(const std::string& socket);

// A key is the one that was made, not only one of its name, when its fingerprint is the same: a
// public key, or what a secret key makes of fixed input. Works only if the key works.
ClientResult<Bytes> fingerprint_of(Client& client, const std::string& name);

// One thread at a time. Creates and destroys keys of a small pool of names, and holds the service
// to its word: what was acknowledged is so for ever, what was not is one way or the other.
class KeyBook {
 public:
  KeyBook(const std::string& socket, std::string prefix, unsigned seed);

  // Creates or destroys one key of the pool. False when the service has gone.
  bool step();
  bool create(const std::string& name);
  bool destroy(const std::string& name);
  std::string name(std::size_t number) const;
  // Of that name nothing is known any more, nor expected.
  void forget(const std::string& name) { entries_.erase(name); }

  // Expects every name to be what is known of it, and settles those in doubt: their key is wholly
  // there, or the name is free and takes a new one.
  void verify();
  // After verify(): the keys that the service must list.
  std::set<std::string> present() const;

  std::size_t acknowledged() const noexcept { return acknowledged_; }
  std::size_t doubtful() const noexcept { return doubtful_; }

 private:
  enum class State { Absent, Present, InDoubt };
  struct Entry {
    State state = State::Absent;
    Bytes fingerprint;  // empty until it was seen
  };

  // Whether the service answered; sets the state of `entry` accordingly.
  bool note(const ClientResult<>& outcome, Entry& entry, State wanted);
  void verify(const std::string& name, Entry& entry);
  void take_name(const std::string& name, Entry& entry);

  Client client_;
  std::string prefix_;
  std::mt19937 random_;
  std::map<std::string, Entry> entries_;
  std::size_t acknowledged_ = 0;
  std::size_t doubtful_ = 0;
};

}  // namespace strongroom::testing
