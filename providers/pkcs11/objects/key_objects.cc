#include "providers/pkcs11/objects/key_objects.h"

#include <algorithm>
#include <array>
#include <set>

#include "providers/pkcs11/objects/dh_groups.h"
#include "providers/pkcs11/objects/key_templates.h"
#include "providers/pkcs11/objects/public_keys.h"
#include "providers/software/keys/der.h"
#include "providers/software/keys/numbers.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::size_t kLongestModulus = 2048;
constexpr std::size_t kLongestParameters = 1024;  // where a curve is spelled out
constexpr std::size_t kMostLabelled = std::size_t{1} << 20;

std::unexpected<Pkcs11Error> not_the_key(const char* what) {
  return std::unexpected(
      Pkcs11Error(Error(Status::PsaErrorDataCorrupt,
                        fmt::format("the token has another key in its place: {}", what))));
}

Outcome<std::vector<CK_OBJECT_HANDLE>> find_class(Session& session, const ObjectId& id,
                                                  CK_OBJECT_CLASS object_class) {
  Template wanted;
  wanted.add(CKA_ID, ByteView(id)).add(CKA_CLASS, object_class).add(CKA_TOKEN, true);
  return find_objects(session, wanted);
}

// Private EC objects show no point, the public one of the same id does.
Outcome<> check_point(Session& session, const ObjectId& id, const KeyRecord& key) {
  auto curve = token_curve_of(key.attributes.type, key.attributes.bits);
  if (!curve) return not_the_key("the curve is not known");
  auto publics = TRY(find_class(session, id, CKO_PUBLIC_KEY));
  for (CK_OBJECT_HANDLE object : publics) {
    auto point = TRY(ec_public_key_of(session, object, *curve));
    if (point != key.public_key) return not_the_key("the public point differs");
  }
  return {};
}

Outcome<> check_curve(Session& session, CK_OBJECT_HANDLE object, const KeyRecord& key) {
  auto curve = token_curve_of(key.attributes.type, key.attributes.bits);
  if (!curve) return not_the_key("the curve is not known");
  auto parameters = TRY(attribute(session, object, CKA_EC_PARAMS, kLongestParameters));
  if (parameters && !are_parameters_of(*curve, *parameters))
    return not_the_key("the curve differs");
  return {};
}

// The public exponent may be missing from private objects: PKCS#11 v2.40 §2.1.3. With another one
// the first signature that somebody verifies would tell.
Outcome<> check_modulus(Session& session, CK_OBJECT_HANDLE object, const KeyRecord& key) {
  std::array<ByteView, 2> recorded;
  TRY(software::parse_integers(key.public_key, recorded));
  auto modulus = TRY(attribute(session, object, CKA_MODULUS, kLongestModulus));
  if (!modulus || !std::ranges::equal(software::without_leading_zeros(*modulus), recorded[0]))
    return not_the_key("the modulus differs");
  return {};
}

// The public half is seen to go with it at the first agreement.
Outcome<> check_group(Session& session, CK_OBJECT_HANDLE object, const KeyRecord& key) {
  auto expected = TRY(dh_prime(key.attributes.bits));
  auto prime = TRY(attribute(session, object, CKA_PRIME, kLongestModulus));
  if (prime && !std::ranges::equal(software::without_leading_zeros(*prime), expected))
    return not_the_key("the group differs");
  return {};
}

Outcome<> check_object(Session& session, CK_OBJECT_HANDLE object, const ObjectId& id,
                       const KeyRecord& key) {
  const auto& [type, bits] = std::tie(key.attributes.type, key.attributes.bits);
  auto key_type = TRY(number_attribute(session, object, CKA_KEY_TYPE));
  if (key_type != key_type_of(key.attributes, session.connection.quirks))
    return not_the_key("the type differs");
  if (type.is_rsa()) return check_modulus(session, object, key);
  if (type.is_dh()) return check_group(session, object, key);
  if (type.is_ecc()) {
    TRY(check_curve(session, object, key));
    return check_point(session, id, key);
  }
  auto size = TRY(number_attribute(session, object, CKA_VALUE_LEN));
  if (size && *size != bits / 8) return not_the_key("the size differs");
  return {};
}

Outcome<KeyObject> look_up(Session& session, const ObjectId& id, const KeyRecord& key) {
  bool is_pair = key.attributes.type.is_key_pair();
  const CK_OBJECT_CLASS object_class = is_pair ? CKO_PRIVATE_KEY : CKO_SECRET_KEY;
  auto found = TRY(find_class(session, id, object_class));
  if (found.empty()) {
    // One of files whose directory has gone shows nothing to sessions that were open.
    TRY(check_present(session.functions, session.connection.token));
    return std::unexpected(
        Pkcs11Error(Error(Status::PsaErrorDoesNotExist,
                          fmt::format("the token has no key with CKA_ID {}", to_hex(id)))));
  }
  if (found.size() > 1) return not_the_key("there are several of one CKA_ID");
  TRY(check_object(session, found[0], id, key));
  const auto always = TRY(truth_attribute(session, found[0], CKA_ALWAYS_AUTHENTICATE));
  KeyObject object;
  object.handle = found[0];
  object.always_authenticate = always.value_or(false);
  // RSA objects have shown the modulus, symmetric ones have nothing to show.
  object.is_proven = !key.attributes.type.is_ecc() && !key.attributes.type.is_dh();
  return object;
}

Outcome<std::vector<CK_OBJECT_HANDLE>> find_of_type(Session& session, const ObjectId& id,
                                                    const psa::KeyAttributes& attributes,
                                                    CK_OBJECT_CLASS object_class) {
  Template wanted;
  wanted.add(CKA_ID, ByteView(id))
      .add(CKA_CLASS, object_class)
      .add(CKA_KEY_TYPE, key_type_of(attributes, session.connection.quirks))
      .add(CKA_TOKEN, true);
  return find_objects(session, wanted);
}

Outcome<Bytes> public_key_in(Session& session, CK_OBJECT_HANDLE object,
                             const psa::KeyAttributes& attributes) {
  if (attributes.type.is_rsa()) return rsa_public_key_of(session, object, attributes.bits);
  auto curve = token_curve_of(attributes.type, attributes.bits);
  if (!curve) return not_the_key("the curve is not known");
  return ec_public_key_of(session, object, *curve);
}

Outcome<> destroy_all(Session& session, const std::vector<CK_OBJECT_HANDLE>& objects) {
  for (CK_OBJECT_HANDLE object : objects) {
    auto destroyed = destroy_object(session, object);
    if (!destroyed && !is_of_no_object(destroyed.error().code())) return destroyed;
  }
  return {};
}

Outcome<bool> is_secret(Session& session, CK_OBJECT_HANDLE object) {
  auto object_class = number_attribute(session, object, CKA_CLASS);
  if (!object_class && is_of_no_object(object_class.error().code())) return false;
  auto value = TRY(std::move(object_class));
  return value == CKO_PRIVATE_KEY || value == CKO_SECRET_KEY;
}

// Whether the handle is still of the object with that id.
Outcome<bool> is_still(Session& session, CK_OBJECT_HANDLE object, const ObjectId& id) {
  auto has = attribute(session, object, CKA_ID, id.size());
  if (!has && is_of_no_object(has.error().code())) return false;
  auto value = TRY(std::move(has));
  return value && std::ranges::equal(*value, id);
}

}  // namespace

Outcome<KeyObject> KeyObjects::find(Session& session, const KeyRecord& key) {
  auto id = TRY(from_stored(key.material));
  if (auto known = kept(session, id)) {
    if (Clock::now() - known->looked_at < kTrusted) return known->object;
    bool is_same = TRY(is_still(session, known->object.handle, id));
    if (is_same) {
      keep(session, id, known->object);
      return known->object;
    }
  }
  auto object = TRY(look_up(session, id, key));
  keep(session, id, object);
  return object;
}

std::optional<KeyObjects::Kept> KeyObjects::kept(const Session& session, const ObjectId& id) {
  std::lock_guard lock(mutex_);
  if (connection_ != session.connection.number) return std::nullopt;
  auto found = objects_.find(id);
  return found == objects_.end() ? std::nullopt : std::optional(found->second);
}

void KeyObjects::keep(const Session& session, const ObjectId& id, const KeyObject& object) {
  std::lock_guard lock(mutex_);
  if (connection_ != session.connection.number || objects_.size() >= kMost) objects_.clear();
  connection_ = session.connection.number;
  objects_[id] = {object, Clock::now()};
}

void KeyObjects::prove(const KeyRecord& key) {
  auto id = from_stored(key.material);
  if (!id) return;
  std::lock_guard lock(mutex_);
  if (auto found = objects_.find(*id); found != objects_.end())
    found->second.object.is_proven = true;
}

void KeyObjects::forget(const KeyRecord& key) {
  auto id = from_stored(key.material);
  if (!id) return;
  std::lock_guard lock(mutex_);
  objects_.erase(*id);
}

Outcome<bool> destroy_objects(Session& session, const ObjectId& id) {
  Template wanted;
  wanted.add(CKA_ID, ByteView(id));
  auto found = TRY(find_objects(session, wanted));
  bool has_secret = false;
  for (CK_OBJECT_HANDLE object : found) {
    const bool is_one = TRY(is_secret(session, object));
    has_secret |= is_one;
  }
  TRY(destroy_all(session, found));
  return has_secret;
}

// The private one first: what is left of it then is found by the recorded public key.
Outcome<bool> destroy_foreign_pair(Session& session, const KeyRecord& key) {
  auto id = TRY(from_stored(key.material));
  auto private_halves = TRY(find_of_type(session, id, key.attributes, CKO_PRIVATE_KEY));
  if (private_halves.size() > 1) return not_the_key("there are several of one CKA_ID");
  for (CK_OBJECT_HANDLE object : private_halves)
    TRY(check_object(session, object, id, key));
  TRY(destroy_all(session, private_halves));
  auto public_halves = TRY(find_of_type(session, id, key.attributes, CKO_PUBLIC_KEY));
  for (CK_OBJECT_HANDLE object : public_halves) {
    auto shown = TRY(public_key_in(session, object, key.attributes));
    if (shown == key.public_key) TRY(destroy_all(session, {object}));
  }
  return !private_halves.empty();
}

Outcome<Bytes> foreign_public_key(Session& session, const ObjectId& id,
                                  const psa::KeyAttributes& attributes) {
  KeyRecord key{.id = {}, .attributes = attributes, .material = {}, .public_key = {}};
  auto found = TRY(find_class(session, id, CKO_PUBLIC_KEY));
  if (found.empty())
    return std::unexpected(
        Pkcs11Error(Error(Status::PsaErrorDoesNotExist,
                          fmt::format("the token has no public key with CKA_ID {}", to_hex(id)))));
  if (found.size() > 1) return not_the_key("there are several of one CKA_ID");
  key.public_key = TRY(public_key_in(session, found[0], attributes));
  if (attributes.type.is_key_pair()) std::ignore = TRY(look_up(session, id, key));
  return std::move(key.public_key);
}

Outcome<std::vector<ObjectId>> ids_labelled(Session& session, std::string_view label) {
  Template wanted;
  wanted.add(CKA_TOKEN, true).add(CKA_LABEL, view_of(label));
  auto objects = TRY(find_objects(session, wanted, kMostLabelled));
  std::set<ObjectId> ids;
  for (CK_OBJECT_HANDLE object : objects) {
    auto value = TRY(attribute(session, object, CKA_ID, kOwnIdSize));
    if (value && value->size() == kOwnIdSize) ids.insert(*std::move(value));
  }
  return std::vector(ids.begin(), ids.end());
}

}  // namespace strongroom::pkcs11
