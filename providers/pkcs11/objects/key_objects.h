// The objects of keys, found by their random id.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "providers/key_record.h"
#include "providers/pkcs11/objects/calls.h"
#include "providers/pkcs11/objects/key_material.h"

namespace strongroom::pkcs11 {

// The private or secret objects of records. Each is checked when it is found: that there is one of
// the id, that its type and size are the record's, and its public key, as far as the token shows
// one. Handles are kept for a connection. They are numbers that a token may give to another object
// once theirs has been destroyed by somebody else, so that one is asked for its id again when the
// last look is older than a second. For any thread.
class KeyObjects {
 public:
  // PsaErrorDoesNotExist when the token has none, PsaErrorDataCorrupt when it has another key, or
  // several, under the id.
  Outcome<KeyObject> find(Session& session, const KeyRecord& key);
  // The private half has been seen to go with the recorded public key.
  void prove(const KeyRecord& key);
  // The next find() looks.
  void forget(const KeyRecord& key);

  static constexpr std::chrono::milliseconds kTrusted{1'000};
  static constexpr std::size_t kMost = 4096;

 private:
  using Clock = std::chrono::steady_clock;
  struct Kept {
    KeyObject object;
    Clock::time_point looked_at;
  };

  std::optional<Kept> kept(const Session& session, const ObjectId& id);
  void keep(const Session& session, const ObjectId& id, const KeyObject& object);

  std::mutex mutex_;  // never held during a call
  std::uint64_t connection_ = 0;
  std::map<ObjectId, Kept> objects_;
};

// Whatever the token has under an id made here: the halves of a pair, leftovers. Whether a private
// or secret object was there.
Outcome<bool> destroy_objects(Session& session, const ObjectId& id);
// The halves of a pair that others have made, and nothing else that has its id.
// PsaErrorDataCorrupt when the private one is of another key. Whether that was there.
Outcome<bool> destroy_foreign_pair(Session& session, const KeyRecord& key);

// What the token shows of the public key, in the export format, of a pair or a public key that
// others have made: there is one object of each class with the id, and the halves go together as
// far as that shows. PsaErrorDoesNotExist, PsaErrorDataCorrupt.
Outcome<Bytes> foreign_public_key(Session& session, const ObjectId& id,
                                  const psa::KeyAttributes& attributes);

// Of all objects of the token that have the label, each once; ids of another form are not ours.
Outcome<std::vector<ObjectId>> ids_labelled(Session& session, std::string_view label);

}  // namespace strongroom::pkcs11
