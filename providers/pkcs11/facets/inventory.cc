#include "providers/pkcs11/facets/inventory.h"

#include "providers/pkcs11/objects/description.h"

namespace strongroom::pkcs11 {

Result<std::vector<SecretBuffer>> TokenInventory::materials() {
  auto ids = TRY(access_.token().run(
      [&](Session& session) { return ids_labelled(session, access_.creation().label); }));
  std::vector<SecretBuffer> result;
  result.reserve(ids.size());
  for (const ObjectId& id : ids) {
    auto material = TRY(to_stored(id));
    result.push_back(std::move(material));
  }
  return result;
}

Result<> TokenInventory::look_for(const KeyRecord& key) {
  access_.objects().forget(key);
  TRY(access_.token().run([&](Session& session) { return access_.objects().find(session, key); }));
  return {};
}

Result<std::string> TokenInventory::describe(const SecretBuffer& material) {
  auto id = TRY(from_stored(material));
  return TRY(access_.token().run([&](Session& session) { return description_of(session, id); }));
}

}  // namespace strongroom::pkcs11
