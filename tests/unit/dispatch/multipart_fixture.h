// Operations in parts, over fakes.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "multipart_abort.pb.h"
#include "multipart_finish.pb.h"
#include "multipart_setup.pb.h"
#include "multipart_update.pb.h"
#include "service/dispatch/parts/open_operations.h"
#include "tests/support/service_under_test.h"

namespace strongroom::testing {

// Runs in a lane.
inline constexpr std::size_t kLong = kInlineBody + 1;

template <typename Message>
Request request_with(Opcode opcode, const Message& message) {
  return request_of(opcode, *serialized(message));
}

inline Request update_of(std::uint64_t id, std::uint64_t number, std::string data = "x") {
  ::multipart_update::Operation message;
  message.set_operation_id(id);
  message.set_part_number(number);
  message.set_data(std::move(data));
  return request_with(Opcode::MultipartUpdate, message);
}

inline Request finish_of(std::uint64_t id, std::uint64_t number,
                         std::optional<std::string> expected = std::nullopt) {
  ::multipart_finish::Operation message;
  message.set_operation_id(id);
  message.set_part_number(number);
  if (expected) message.set_expected(*expected);
  return request_with(Opcode::MultipartFinish, message);
}

inline Request abort_of(std::uint64_t id) {
  ::multipart_abort::Operation message;
  message.set_operation_id(id);
  return request_with(Opcode::MultipartAbort, message);
}

inline Request setup_of_hash(psa::Hash hash = psa::Hash::Sha256) {
  ::multipart_setup::Operation message;
  message.mutable_hash()->set_alg(encode(hash));
  return request_with(Opcode::MultipartSetup, message);
}

inline ::multipart_setup::Operation encryption(std::string nonce = {}) {
  ::multipart_setup::Operation message;
  message.mutable_aead_encrypt()->set_key_name("web");
  *message.mutable_aead_encrypt()->mutable_alg() = encode(kAesGcm);
  message.mutable_aead_encrypt()->set_nonce(std::move(nonce));
  return message;
}

inline ::multipart_setup::Operation decryption() {
  ::multipart_setup::Operation message;
  message.mutable_aead_decrypt()->set_key_name("web");
  *message.mutable_aead_decrypt()->mutable_alg() = encode(kAesGcm);
  message.mutable_aead_decrypt()->set_nonce("nonce");
  return message;
}

inline Request without_identity(Request request) {
  request.header.auth_type = 0;
  request.auth.clear();
  return request;
}

class Multipart : public ::testing::Test {
 protected:
  explicit Multipart(ServiceOptions options = {}) : service_(std::move(options)) {}

  std::uint64_t begun(Request setup) {
    return result_in<::multipart_setup::Result>(service_.ask(std::move(setup))).operation_id();
  }
  std::uint64_t begun_hash() { return begun(setup_of_hash()); }
  void make_key() { service_.make_key_for(Opcode::PsaAeadEncrypt); }
  Status status_of(Request request) { return service_.status_of(std::move(request)); }
  std::string digest_of(std::uint64_t id, std::uint64_t parts) {
    return result_in<::multipart_finish::Result>(service_.ask(finish_of(id, parts + 1))).digest();
  }

  ServiceUnderTest service_;
};

}  // namespace strongroom::testing
