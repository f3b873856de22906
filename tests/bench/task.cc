#include "tests/bench/task.h"

#include <array>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "protocol/psa_codec.h"
#include "psa_aead_encrypt.pb.h"
#include "psa_export_public_key.pb.h"
#include "psa_generate_key.pb.h"
#include "psa_generate_random.pb.h"
#include "psa_hash_compute.pb.h"
#include "psa_import_key.pb.h"
#include "psa_sign_hash.pb.h"
#include "sign_batch.pb.h"
#include "tests/bench/options.h"

namespace strongroom::bench {
namespace {

constexpr std::size_t kNameDigits = 16;
constexpr std::size_t kDigestSize = 32;
constexpr std::size_t kRandomSize = 32;
constexpr int kBatch = 64;  // signatures

constexpr psa::AsymmetricSignature kEcdsa{.kind = psa::AsymmetricSignature::Kind::Ecdsa,
                                          .hash = psa::Hash::Sha256};
constexpr psa::AsymmetricSignature kPkcs1{.kind = psa::AsymmetricSignature::Kind::RsaPkcs1v15,
                                          .hash = psa::Hash::Sha256};
constexpr psa::Aead kGcm{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = {}};

Bytes serialized(const google::protobuf::MessageLite& message) {
  return bytes_of(message.SerializeAsString());
}

// Of a message with one field of `content` bytes.
std::size_t size_with_one_field(std::size_t content) {
  psa_sign_hash::Result result;
  result.set_signature(std::string(content, '\0'));
  return result.ByteSizeLong();
}

psa::KeyAttributes attributes(psa::KeyType type, std::uint32_t bits, psa::Algorithm algorithm) {
  psa::UsageFlags usage{.encrypt = true, .sign_hash = true, .verify_hash = true};
  return {.type = type, .bits = bits, .usage = usage, .algorithm = algorithm};
}

psa::KeyAttributes p256_pair() {
  return attributes(
      {.kind = psa::KeyType::Kind::EccKeyPair, .curve_family = psa::EccFamily::SecpR1}, 256,
      kEcdsa);
}

psa::KeyAttributes rsa_pair(std::uint32_t bits) {
  return attributes({.kind = psa::KeyType::Kind::RsaKeyPair, .curve_family = {}}, bits, kPkcs1);
}

Bytes generation(std::string_view name, const psa::KeyAttributes& key) {
  psa_generate_key::Operation message;
  message.set_key_name(std::string(name));
  *message.mutable_attributes() = encode(key);
  return serialized(message);
}

Bytes import_of_aes_key() {
  psa_import_key::Operation message;
  message.set_key_name(std::string(kAesKey));
  *message.mutable_attributes() =
      encode(attributes({.kind = psa::KeyType::Kind::Aes, .curve_family = {}}, 256, kGcm));
  message.set_data(filler(32));
  return serialized(message);
}

Task core(std::string_view name, Opcode opcode, std::size_t answer_size, bool is_known) {
  return {.name = std::string(name),
          .opcode = opcode,
          .answer_size = answer_size,
          .is_answer_known = is_known};
}

Task software(std::string_view name, Opcode opcode, Bytes body, std::size_t answer_size) {
  return {.name = std::string(name),
          .opcode = opcode,
          .provider = ProviderId::Software,
          .body = std::move(body),
          .answer_size = answer_size};
}

Task signature(std::string_view name, std::string_view key,
               const psa::AsymmetricSignature& algorithm, std::size_t size) {
  psa_sign_hash::Operation message;
  message.set_key_name(std::string(key));
  *message.mutable_alg() = encode(algorithm);
  message.set_hash(filler(kDigestSize));
  return software(name, Opcode::PsaSignHash, serialized(message), size_with_one_field(size));
}

// In front of a task's name: with keys in a device.
struct Device {
  std::string_view prefix;
  ProviderId provider;
};
constexpr std::array kDevices = {Device{"tpm-", ProviderId::Tpm},
                                 Device{"token-", ProviderId::Pkcs11}};

Task in_device(std::string_view name, ProviderId provider, Task task) {
  task.name = name;
  task.provider = provider;
  return task;
}

Task batch(std::string_view name) {
  sign_batch::Operation message;
  message.set_key_name(std::string(kP256Key));
  *message.mutable_alg() = encode(kEcdsa);
  sign_batch::Result result;
  for (int i = 0; i < kBatch; ++i) {
    message.add_hashes(filler(kDigestSize));
    result.add_signatures(filler(64));
  }
  return software(name, Opcode::SignBatch, serialized(message), result.ByteSizeLong());
}

Task hash(std::string_view name) {
  psa_hash_compute::Operation message;
  message.set_alg(encode(psa::Hash::Sha256));
  message.set_input(filler(kMegabyte));
  return software(name, Opcode::PsaHashCompute, serialized(message),
                  size_with_one_field(kDigestSize));
}

Task encryption(std::string_view name) {
  psa_aead_encrypt::Operation message;
  message.set_key_name(std::string(kAesKey));
  *message.mutable_alg() = encode(kGcm);
  message.set_nonce(filler(12));
  message.set_plaintext(filler(kMegabyte));
  return software(name, Opcode::PsaAeadEncrypt, serialized(message),
                  size_with_one_field(kMegabyte + 16));
}

Task random(std::string_view name) {
  psa_generate_random::Operation message;
  message.set_size(kRandomSize);
  return software(name, Opcode::PsaGenerateRandom, serialized(message),
                  size_with_one_field(kRandomSize));
}

// Many keys: the digits are put into the name by body_and_auth().
Task generation_of_many(std::string_view name, const psa::KeyAttributes& key) {
  std::string key_name = fmt::format("many-{:0{}}", 0, kNameDigits);
  Task task = software(name, Opcode::PsaGenerateKey, generation(key_name, key), 0);
  task.makes_key = true;
  return task;
}

// Unique among the processes that run at a time, and fixed in length.
void number_name(Bytes& body, std::uint64_t number) {
  std::uint64_t unique = static_cast<std::uint64_t>(::getpid()) << 32 | (number & 0xFFFFFFFF);
  std::string digits = fmt::format("{:0{}x}", unique, kNameDigits);
  std::size_t place = text_of(body).find(std::string(kNameDigits, '0'));
  std::ranges::copy(view_of(digits), body.begin() + static_cast<std::ptrdiff_t>(place));
}

}  // namespace

std::string filler(std::size_t size) {
  std::string text(size, static_cast<char>(kFiller));
  return text;
}

Task task_named(std::string_view name) {
  for (const Device& device : kDevices)
    if (name.starts_with(device.prefix))
      return in_device(name, device.provider, task_named(name.substr(device.prefix.size())));
  if (name == "ping") return core(name, Opcode::Ping, 2, true);
  if (name == "list-keys") return core(name, Opcode::ListKeys, 0, false);
  if (name == "random") return random(name);
  if (name == "sign-p256") return signature(name, kP256Key, kEcdsa, 64);
  if (name == "sign-rsa2048") return signature(name, kRsaKey, kPkcs1, 256);
  if (name == "sign-p256-batch") return batch(name);
  if (name == "hash-1m") return hash(name);
  if (name == "aead-1m") return encryption(name);
  if (name == "generate-p256") return generation_of_many(name, p256_pair());
  if (name == "generate-rsa4096") return generation_of_many(name, rsa_pair(4096));
  die(2, fmt::format("unknown operation '{}'", name));
}

std::shared_ptr<const Bytes> body_and_auth(const Task& task, std::uint64_t number) {
  auto bytes = std::make_shared<Bytes>(task.body);
  if (task.makes_key) number_name(*bytes, number);
  for (unsigned shift = 0; shift < 32; shift += 8)
    bytes->push_back(static_cast<std::byte>(::geteuid() >> shift));
  return bytes;
}

RequestHeader header_of(const Task& task, std::uint16_t flags, std::uint64_t session) {
  return {.flags = flags,
          .provider = std::to_underlying(task.provider),
          .session = session,
          .auth_type = std::to_underlying(AuthType::UnixPeerCredentials),
          .body_size = static_cast<std::uint32_t>(task.body.size()),
          .auth_size = 4,
          .opcode = std::to_underlying(task.opcode)};
}

std::vector<Task> preparations(ProviderId provider) {
  std::vector<Task> tasks = {
      software("generate", Opcode::PsaGenerateKey, generation(kP256Key, p256_pair()), 0),
      software("generate", Opcode::PsaGenerateKey, generation(kRsaKey, rsa_pair(2048)), 0),
  };
  for (Task& task : tasks)
    task.provider = provider;
  if (provider == ProviderId::Software)
    tasks.push_back(software("import", Opcode::PsaImportKey, import_of_aes_key(), 0));
  return tasks;
}

Task export_public(std::string_view key, ProviderId provider) {
  psa_export_public_key::Operation message;
  message.set_key_name(std::string(key));
  Task task = software("export-public", Opcode::PsaExportPublicKey, serialized(message), 0);
  task.provider = provider;
  task.is_answer_known = false;
  return task;
}

}  // namespace strongroom::bench
