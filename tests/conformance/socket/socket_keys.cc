#include "tests/conformance/socket/socket_keys.h"

#include <atomic>

#include <gtest/gtest.h>

namespace strongroom::conformance {
namespace {

std::string new_prefix() {
  static std::atomic<int> last = 0;
  return fmt::format("case {} key ", ++last);
}

// What a key's policy says so that `algorithm` may be used with it.
psa::Algorithm policy_for(const psa::Algorithm& algorithm) {
  const auto* signature = std::get_if<psa::AsymmetricSignature>(&algorithm);
  if (signature == nullptr) return algorithm;
  return psa::AsymmetricSignature{signature->kind, std::nullopt};
}

}  // namespace

Error error_of(const ClientError& error) {
  EXPECT_EQ(error.source(), ErrorSource::Service) << error.message();
  return {error.status(), error.message()};
}

Result<SecretBuffer> secret_in(ClientResult<SecretBytes> result) {
  if (!result) return std::unexpected(error_of(result.error()));
  return SecretBuffer::copy_of(*result);
}

SocketKeys::SocketKeys(Client client) : client_(std::move(client)), prefix_(new_prefix()) {}

SocketKeys::~SocketKeys() {
  for (const auto& [name, variants] : made_) {
    std::ignore = client_.destroy_key(name);
    for (const auto& [algorithm, variant] : variants)
      std::ignore = client_.destroy_key(variant);
  }
}

std::string SocketKeys::new_name() {
  std::lock_guard lock(mutex_);
  return fmt::format("{}{}", prefix_, ++last_);
}

std::string SocketKeys::name_of(const KeyRecord& key) {
  return std::string(text_of(key.material.reveal()));
}

Result<NewKey> SocketKeys::made_by(const Make& make) {
  const std::string name = new_name();
  TRY(answer_in(make(name)));
  {
    std::lock_guard lock(mutex_);
    made_.try_emplace(name);
  }
  KeyDetails details = TRY(answer_in(client_.key_info(name)));
  SecretBuffer material = TRY(SecretBuffer::copy_of(view_of(name)));
  return NewKey{.attributes = details.key.attributes,
                .material = std::move(material),
                .public_key = std::move(details.public_key)};
}

Result<NewKey> SocketKeys::generate(const psa::KeyAttributes& attributes, std::stop_token,
                                    SecretBuffer /*material*/) {
  return made_by([&](const std::string& name) { return client_.generate_key(name, attributes); });
}

Result<NewKey> SocketKeys::import(const psa::KeyAttributes& attributes, ByteView data,
                                  SecretBuffer /*material*/) {
  auto made = TRY(
      made_by([&](const std::string& name) { return client_.import_key(name, attributes, data); }));
  std::lock_guard lock(mutex_);
  imported_[std::string(text_of(made.material.reveal()))] = copy_of(data);
  return made;
}

Result<SecretBuffer> SocketKeys::export_key(const KeyRecord& key) {
  return secret_in(client_.export_key(name_of(key)));
}

Result<> SocketKeys::destroy(const KeyRecord& key) {
  Variants variants;
  {
    std::lock_guard lock(mutex_);
    if (auto found = made_.extract(name_of(key))) variants = std::move(found.mapped());
    imported_.erase(name_of(key));
  }
  for (const auto& [algorithm, variant] : variants)
    TRY(answer_in(client_.destroy_key(variant)));
  return answer_in(client_.destroy_key(name_of(key)));
}

Result<std::string> SocketKeys::usable(const KeyRecord& key, const psa::Algorithm& algorithm) {
  psa::Algorithm policy = policy_for(algorithm);
  const psa::Algorithm& permitted = key.attributes.algorithm;
  if (permitted == algorithm || permitted == policy) return name_of(key);
  std::string wanted = psa::to_string(policy);
  {
    std::lock_guard lock(mutex_);
    const Variants& variants = made_[name_of(key)];
    if (auto found = variants.find(wanted); found != variants.end()) return found->second;
  }
  std::string name = TRY(import_again(key, policy));
  std::lock_guard lock(mutex_);
  // Another thread may have been faster; its key is as good, and this one goes with the rest.
  auto [row, is_first] = made_[name_of(key)].try_emplace(wanted, name);
  if (!is_first) made_.try_emplace(name);
  return row->second;
}

Result<std::string> SocketKeys::import_again(const KeyRecord& key, const psa::Algorithm& policy) {
  SecretBuffer data = TRY(data_of(key));
  psa::KeyAttributes attributes = key.attributes;
  attributes.algorithm = policy;
  std::string name = new_name();
  TRY(answer_in(client_.import_key(name, attributes, data.reveal())));
  return name;
}

Result<SecretBuffer> SocketKeys::data_of(const KeyRecord& key) {
  {
    std::lock_guard lock(mutex_);
    if (auto found = imported_.find(name_of(key)); found != imported_.end())
      return SecretBuffer::copy_of(found->second);
  }
  return export_key(key);
}

}  // namespace strongroom::conformance
