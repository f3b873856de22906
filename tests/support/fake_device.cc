#include "tests/support/fake_device.h"

namespace strongroom::testing {
namespace {

constexpr std::uint8_t kTokenId = 2;

Bytes id_of(const SecretBuffer& material) {
  return copy_of(material.reveal());
}

// So that each key has another.
Bytes public_key_of(const Bytes& id) {
  Bytes key = bytes_of("public ");
  key.insert(key.end(), id.begin(), id.end());
  return key;
}

}  // namespace

FakeDevice::FakeDevice(std::string instance)
    : description_{.id = kTokenId,
                   .identity = {.uuid = {std::byte{0xde}, std::byte{0x71}, std::byte{0xce}},
                                .instance = std::move(instance)},
                   .description = "Fake device",
                   .vendor = "Tests",
                   .version = {0, 1, 0}} {}

void FakeDevice::fail_next(Status status) {
  const std::lock_guard lock(mutex_);
  next_failure_ = status;
}

std::size_t FakeDevice::objects() {
  const std::lock_guard lock(mutex_);
  return objects_.size();
}

void FakeDevice::lose_objects() {
  const std::lock_guard lock(mutex_);
  objects_.clear();
}

void FakeDevice::replace_objects() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, public_key] : objects_)
    public_key = bytes_of("of another key");
}

void FakeDevice::add_object(std::string_view material) {
  const std::lock_guard lock(mutex_);
  objects_[bytes_of(material)] = bytes_of("of nobody");
}

Result<> FakeDevice::check_is_there() const {
  if (!is_away) return {};
  return fail(Status::PsaErrorHardwareFailure, "the device is away");
}

ProviderHealth FakeDevice::health() const {
  if (!is_away) return {};
  return {.state = ProviderState::Down, .since = {}, .reason = "the device is away"};
}

Result<SecretBuffer> FakeDevice::new_material() const {
  return SecretBuffer::copy_of(view_of(fmt::format("object {}", ++materials_given_)));
}

Result<NewKey> FakeDevice::generate(const psa::KeyAttributes& attributes, std::stop_token stop,
                                    SecretBuffer material) {
  if (material.is_empty())
    return fail(Status::PsaErrorGenericError, "keys of a device are made in two phases");
  TRY(check_is_there());
  const Bytes id = id_of(material);
  {
    const std::lock_guard lock(mutex_);
    objects_[id] = public_key_of(id);
  }
  if (!making.pass(stop)) return fail(Status::PsaErrorGenericError, "cancelled");
  TRY(check_is_there());
  const std::lock_guard lock(mutex_);
  if (const auto failure = std::exchange(next_failure_, std::nullopt))
    return fail(*failure, "the device was told to fail");
  return NewKey{
      .attributes = attributes, .material = std::move(material), .public_key = public_key_of(id)};
}

Result<NewKey> FakeDevice::import(const psa::KeyAttributes& attributes, ByteView data,
                                  SecretBuffer material) {
  if (attributes.type.is_public_key())
    return NewKey{.attributes = attributes, .material = {}, .public_key = copy_of(data)};
  psa::KeyAttributes known = attributes;
  if (known.bits == 0) known.bits = static_cast<std::uint32_t>(8 * data.size());
  return generate(known, {}, std::move(material));
}

Result<SecretBuffer> FakeDevice::export_key(const KeyRecord&) {
  return fail(Status::PsaErrorNotPermitted, "the key does not leave the device");
}

// As records cross to another process.
Result<> FakeDevice::destroy(const KeyRecord& key) {
  if (key.attributes.type.kind == psa::KeyType::Kind())
    return fail(Status::PsaErrorInvalidArgument, "no record of a key");
  TRY(check_is_there());
  ending.pass({});
  TRY(check_is_there());
  const std::lock_guard lock(mutex_);
  objects_.erase(id_of(key.material));
  return {};
}

Result<std::vector<SecretBuffer>> FakeDevice::materials() {
  TRY(check_is_there());
  const std::lock_guard lock(mutex_);
  std::vector<SecretBuffer> result;
  for (const auto& [id, public_key] : objects_) {
    auto material = TRY(SecretBuffer::copy_of(id));
    result.push_back(std::move(material));
  }
  return result;
}

Result<> FakeDevice::look_for(const KeyRecord& key) {
  TRY(check_is_there());
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(id_of(key.material));
  if (found == objects_.end()) return fail(Status::PsaErrorDoesNotExist, "there is no such object");
  if (found->second == key.public_key) return {};
  return fail(Status::PsaErrorDataCorrupt, "another key is in its place");
}

Result<std::string> FakeDevice::describe(const SecretBuffer& material) {
  TRY(check_is_there());
  return "object " + to_hex(material.reveal());
}

Result<Bytes> FakeDevice::sign_hash(const KeyRecord& key, const psa::AsymmetricSignature&,
                                    ByteView hash) {
  TRY(look_for(key));
  Bytes signature = bytes_of("signed:");
  signature.insert(signature.end(), hash.begin(), hash.end());
  return signature;
}

Result<> FakeDevice::verify_hash(const KeyRecord&, const psa::AsymmetricSignature&, ByteView,
                                 ByteView) {
  return {};
}

Result<Bytes> FakeDevice::sign_message(const KeyRecord& key,
                                       const psa::AsymmetricSignature& algorithm,
                                       ByteView message) {
  return sign_hash(key, algorithm, message);
}

Result<> FakeDevice::verify_message(const KeyRecord&, const psa::AsymmetricSignature&, ByteView,
                                    ByteView) {
  return {};
}

}  // namespace strongroom::testing
