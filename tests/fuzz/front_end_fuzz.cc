// Requests through the real front end, dispatcher and software provider, with bodies that are built
// from the contracts' own descriptors: the fuzzer's bytes choose fields and values, and sometimes
// damage the result. The requests of one input come on one kept connection, and those about an
// operation in parts are mostly about the one that was begun last, and its next part. Every request
// must be answered with a known status, an empty body on failure and a well-formed result on
// success.
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/message.h>

#include "base/log.h"
#include "multipart_setup.pb.h"
#include "providers/software/software_provider.h"
#include "service/front_end/front_end.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/attributes.h"
#include "tests/support/contract_requests.h"
#include "tests/support/in_memory_store.h"

namespace strongroom {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using testing::FuzzInput;

constexpr int kRequestsPerInput = 8;
constexpr int kDepth = 8;
constexpr std::array<std::string_view, 10> kNames = {
    "ecc", "ecdh", "aes", "rsa", "new", "secret", "edwards", "wrapping", "drawn", ""};

// The contract of an operation is the package of its name, but for the prefix of PSA operations.
const google::protobuf::Descriptor* contract(const Operation& operation, std::string_view message) {
  std::string package(operation.name);
  std::ranges::replace(package, '-', '_');
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  const auto* plain = pool->FindMessageTypeByName(fmt::format("{}.{}", package, message));
  if (plain != nullptr) return plain;
  return pool->FindMessageTypeByName(fmt::format("psa_{}.{}", package, message));
}

std::unique_ptr<Message> new_message(const Operation& operation, std::string_view message) {
  const auto* descriptor = contract(operation, message);
  if (descriptor == nullptr) std::abort();
  const auto* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
  return std::unique_ptr<Message>(prototype->New());
}

void fill(Message& message, FuzzInput& input, int depth);

std::string text_for(const FieldDescriptor& field, FuzzInput& input) {
  if (field.type() == FieldDescriptor::TYPE_STRING && !input.one_in(16))
    return std::string(kNames[input.below(kNames.size())]);
  constexpr std::size_t kUsualSizes[] = {0, 12, 16, 32, 48, 64, 65, 97, 256, 5000};
  return input.text(kUsualSizes[input.below(std::size(kUsualSizes))]);
}

void set(Message& message, const FieldDescriptor& field, FuzzInput& input, int depth) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: return reflection.SetBool(&message, &field, input.flip());
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.SetUInt32(&message, &field, input.number());
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.SetUInt64(&message, &field, input.number());
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.SetEnumValue(&message, &field, static_cast<int>(input.below(18)));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.SetString(&message, &field, text_for(field, input));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fill(*reflection.MutableMessage(&message, &field), input, depth - 1);
    default: std::abort();
  }
}

void add_one(Message& message, const FieldDescriptor& field, FuzzInput& input, int depth) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.AddUInt32(&message, &field, input.number());
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.AddString(&message, &field, text_for(field, input));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return fill(*reflection.AddMessage(&message, &field), input, depth - 1);
    default: std::abort();
  }
}

// Up to three.
void add(Message& message, const FieldDescriptor& field, FuzzInput& input, int depth) {
  for (std::size_t count = input.below(4); count > 0; --count)
    add_one(message, field, input, depth);
}

// Most fields are set; of a oneof, one.
void fill(Message& message, FuzzInput& input, int depth) {
  const auto& descriptor = *message.GetDescriptor();
  if (depth == 0) return;
  for (int i = 0; i < descriptor.oneof_decl_count(); ++i) {
    const auto& oneof = *descriptor.oneof_decl(i);
    auto choice = static_cast<int>(input.below(static_cast<std::size_t>(oneof.field_count())));
    if (!input.one_in(16)) set(message, *oneof.field(choice), input, depth);
  }
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.containing_oneof() != nullptr || input.one_in(16)) continue;
    if (field.is_repeated())
      add(message, field, input, depth);
    else
      set(message, field, input, depth);
  }
}

// Made once: generating one takes longer than a thousand inputs.
KeyRecord key(std::string_view name, const psa::KeyAttributes& attributes, Provider& provider) {
  auto made = provider.keys()->generate(attributes, {});
  if (!made) std::abort();
  return {.id = {.application = {.authenticator = 3, .name = std::to_string(::getuid())},
                 .provider = provider.description().identity,
                 .name = std::string(name)},
          .attributes = made->attributes,
          .material = std::move(made->material),
          .public_key = std::move(made->public_key)};
}

KeyRecord copy(const KeyRecord& key) {
  auto material = SecretBuffer::copy_of(key.material.reveal());
  return {.id = key.id,
          .attributes = key.attributes,
          .material = *std::move(material),
          .public_key = key.public_key};
}

class Service {
 public:
  Service() {
    log::set_level(log::Level::Off);
    google::protobuf::SetLogHandler(nullptr);
    auto provider = SoftwareProvider::create("fuzzed");
    if (!provider) std::abort();
    using Kind = psa::KeyType::Kind;
    keys_.push_back(key("ecc", testing::ecc_pair(), **provider));
    keys_.push_back(key("ecdh", testing::ecc_pair(testing::kRawEcdh), **provider));
    keys_.push_back(key("aes", testing::key_of(Kind::Aes, 128, testing::kAesGcm), **provider));
    keys_.push_back(
        key("rsa", testing::key_of(Kind::RsaKeyPair, 2048, testing::kOaepSha256), **provider));
    const psa::KeyDerivation hkdf{psa::KeyDerivation::Kind::Hkdf, psa::Hash::Sha256};
    keys_.push_back(key("secret", testing::key_of(Kind::Derive, 256, hkdf), **provider));
    psa::KeyAttributes edwards = testing::ecc_pair(
        psa::AsymmetricSignature{psa::AsymmetricSignature::Kind::PureEddsa, std::nullopt});
    edwards.type.curve_family = psa::EccFamily::TwistedEdwards;
    edwards.bits = 255;
    keys_.push_back(key("edwards", edwards, **provider));
    const psa::KeyWrap kwp{.kind = psa::KeyWrap::Kind::AesKwp, .hash = {}};
    keys_.push_back(key("wrapping", testing::key_of(Kind::Aes, 256, kwp), **provider));
    psa::KeyAttributes drawn = testing::key_of(Kind::Aes, 256, testing::kAesGcm);
    drawn.drawn_nonce_only = true;
    keys_.push_back(key("drawn", drawn, **provider));
    std::vector<std::unique_ptr<Authenticator>> authenticators;
    authenticators.push_back(make_peer_credentials_authenticator());
    Services services{.store = store_, .providers = {}, .authenticators = {}};
    services.authenticators.push_back(authenticators.front()->description());
    services.providers.emplace_back(*std::move(provider));
    if (!lanes_.start()) std::abort();
    auto dispatcher =
        Dispatcher::create(std::make_shared<const Services>(std::move(services)), lanes_);
    if (!dispatcher) std::abort();
    FrontEnd::Settings settings{.admin_uids = {::getuid()}, .admin_groups = {}};
    front_end_ =
        std::make_unique<FrontEnd>(settings, std::move(authenticators), *std::move(dispatcher));
  }
  ~Service() { lanes_.stop(); }

  // Back to the keys that every input starts with.
  void reset() {
    const auto left = store_.keys_of(keys_.front().id.application);
    for (const KeyRecordPtr& record : *left)
      store_.destroy(record->id, [](Result<>) {});
    for (const KeyRecord& record : keys_)
      store_.create(copy(record), [](Result<>) {});
  }

  Caller new_connection() const {
    static const auto process = std::make_shared<const PeerProcess>(
        UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0))));
    return {.peer = {.pid = ::getpid(),
                     .uid = ::getuid(),
                     .gid = ::getgid(),
                     .groups = {},
                     .process = process},
            .account = accounts_->account_of(Principal::user(::getuid())),
            .admin_socket = true};
  }

  Response ask(Request request, const Caller& caller) const {
    std::promise<Response> promise;
    auto answer = promise.get_future();
    Slice slice;
    front_end_->serve(std::move(request), caller, slice, {},
                      [&promise](Response response) { promise.set_value(std::move(response)); });
    return answer.get();
  }

  const FrontEnd& front_end() const noexcept { return *front_end_; }

 private:
  testing::InMemoryStore store_;
  std::shared_ptr<Accounts> accounts_ = Accounts::create({});
  std::vector<KeyRecord> keys_;
  Lanes lanes_{{}};
  std::unique_ptr<FrontEnd> front_end_;
};

// RSA generation would be all that the fuzzer ever does.
bool takes_long(const Message& message) {
  return message.GetTypeName() == "psa_generate_key.Operation" &&
         message.ShortDebugString().find("rsa_key_pair") != std::string::npos;
}

Bytes damaged(std::string body, FuzzInput& input) {
  if (input.one_in(8) && !body.empty()) body[input.below(body.size())] = input.byte();
  if (input.one_in(16)) body.resize(input.below(body.size() + 1));
  if (input.one_in(16)) body += input.text(32);
  return bytes_of(body);
}

void judge(const Operation& operation, const Response& response) {
  auto status = status_from(response.header.status);
  if (!status || response.header.body_size != response.body.size()) std::abort();
  if (*status != Status::Success) {
    if (!response.body.empty()) std::abort();
    return;
  }
  auto result = new_message(operation, "Result");
  if (!result->ParseFromArray(response.body.data(), static_cast<int>(response.body.size())))
    std::abort();
}

// One kept connection, and the operation in parts that was begun last.
struct KeptConnection {
  Caller caller;
  std::uint64_t operation = 0;
  std::uint64_t next_part = 1;

  void begun(const Response& response) {
    multipart_setup::Result result;
    if (!result.ParseFromArray(response.body.data(), static_cast<int>(response.body.size())))
      std::abort();
    operation = result.operation_id();
    next_part = 1;
  }
  void name_in(Message& message, FuzzInput& input) {
    const auto& descriptor = *message.GetDescriptor();
    const auto* id = descriptor.FindFieldByName("operation_id");
    const auto* part = descriptor.FindFieldByName("part_number");
    if (id != nullptr && !input.one_in(16))
      message.GetReflection()->SetUInt64(&message, id, operation);
    if (part != nullptr && !input.one_in(16))
      message.GetReflection()->SetUInt64(&message, part, next_part++);
  }
};

void ask_once(const Service& service, KeptConnection& connection, FuzzInput& input) {
  const Operation& operation = operations()[input.below(operations().size())];
  auto message = new_message(operation, "Operation");
  fill(*message, input, kDepth);
  connection.name_in(*message, input);
  if (takes_long(*message)) return;
  Request request =
      testing::request_of(operation.opcode, damaged(message->SerializePartialAsString(), input));
  if (input.one_in(16)) request.header.auth_type = static_cast<std::uint8_t>(input.byte());
  if (input.one_in(16)) request.header.provider = static_cast<std::uint8_t>(input.below(8));
  if (input.one_in(32)) request.auth = bytes_of(input.text(8));
  auto admitted = service.front_end().admit(encode(request.header));
  if (!admitted || !*admitted) return;
  const Response response = service.ask(std::move(request), connection.caller);
  judge(operation, response);
  const bool is_success = response.header.status == std::to_underlying(Status::Success);
  if (operation.opcode == Opcode::MultipartSetup && is_success) connection.begun(response);
}

}  // namespace
}  // namespace strongroom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static strongroom::Service service;
  service.reset();
  strongroom::testing::FuzzInput input(data, size);
  strongroom::KeptConnection connection{.caller = service.new_connection()};
  for (int i = 0; i < strongroom::kRequestsPerInput && !input.is_empty(); ++i)
    strongroom::ask_once(service, connection, input);
  return 0;
}
