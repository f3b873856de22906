// The service behind a connection, whole but for store and provider, which are fakes.
#pragma once

#include <future>
#include <memory>

#include "service/dispatch/device_keys/device_keys.h"
#include "service/dispatch/handlers/message.h"
#include "service/front_end/front_end.h"
#include "tests/support/contract_requests.h"
#include "tests/support/fake_provider.h"
#include "tests/support/in_memory_store.h"
#include "tests/support/matchers.h"

namespace strongroom::testing {

struct ServiceOptions {
  FrontEnd::Settings front_end;
  bool allow_deprecated = false;
  bool rsa_pkcs1v15_decryption = true;
  bool direct_authenticator = false;  // beside peer credentials
  bool new_provider = false;          // in the place of the software one
  bool device = false;                // a provider with the id of a TPM, after the software one
  std::vector<std::shared_ptr<Provider>> others = {};  // after these
  Lanes::Settings lanes = {};
  std::shared_ptr<HealthSource> health = nullptr;
  std::shared_ptr<Reloads> reloads = nullptr;
  std::size_t response_limit = std::size_t{1024} * 1024;
};

class ServiceUnderTest {
 public:
  explicit ServiceUnderTest(ServiceOptions options = {});
  ~ServiceUnderTest() {
    device_keys_->stop();
    lanes_.stop();
  }

  InMemoryStore& store() noexcept { return store_; }
  FakeProvider& provider() noexcept { return *provider_; }
  FakeProvider& device() noexcept { return *device_; }
  const FrontEnd& front_end() const noexcept { return *front_end_; }
  Lanes& lanes() noexcept { return lanes_; }
  DeviceKeys& device_keys() noexcept { return *device_keys_; }

  // Puts a new generation of the configuration in the place of the current one.
  void reload(ServiceOptions options = {});
  std::weak_ptr<const Services> generation() const noexcept { return generation_; }

  // The identity of the caller's key of that name.
  KeyId id_of(std::string_view name) const;

  // Who asks, by default this process on an ordinary socket.
  Caller caller;
  void ask_as(uid_t uid);

  // Serves the request and waits for its answer.
  Response ask(Request request, std::stop_token gone = {}) const;
  Status status_of(Request request) const;
  // As the operation's valid request.
  Status status_of(Opcode opcode) const;
  // Does not wait; broken_promise when the request is dropped unanswered.
  std::future<Response> begin(Request request, std::stop_token gone = {}) const;

  // Makes the key `name` with attributes that let `opcode` use it.
  void make_key_for(Opcode opcode, std::string_view name = "web");

 private:
  std::shared_ptr<Accounts> accounts_ = Accounts::create({});
  InMemoryStore store_;
  std::shared_ptr<DrawnNonces> nonces_ = std::make_shared<DrawnNonces>();
  std::shared_ptr<OperationsByKey> operations_by_key_ = std::make_shared<OperationsByKey>();
  std::shared_ptr<FakeProvider> provider_ = std::make_shared<FakeProvider>();
  std::shared_ptr<FakeProvider> device_ = std::make_shared<FakeProvider>(3, "device");
  Lanes lanes_;
  std::shared_ptr<DeviceKeys> device_keys_ = std::make_shared<DeviceKeys>(
      store_, lanes_,
      DeviceKeys::Pauses{std::chrono::milliseconds(10), std::chrono::milliseconds(20)});
  std::weak_ptr<const Services> generation_;
  std::shared_ptr<const FrontEnd> front_end_;
};

// The parsed body of a successful response.
template <typename Message>
Message result_in(const Response& response) {
  Message message;
  EXPECT_EQ(response.header.status, std::to_underlying(Status::Success));
  EXPECT_THAT(parse(response.body, message), IsOk());
  return message;
}

}  // namespace strongroom::testing
