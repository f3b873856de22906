// A service that knows operations in parts, and does nothing to the data.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "multipart_finish.pb.h"
#include "multipart_setup.pb.h"
#include "multipart_update.pb.h"
#include "tests/unit/client/scripted_service.h"

namespace strongroom::testing {

inline constexpr std::uint64_t kOperation = 0x1122334455667788;

template <typename Message>
Message body_of(const Request& request) {
  Message message;
  message.ParseFromArray(request.body.data(), static_cast<int>(request.body.size()));
  return message;
}

inline std::string data_in(const Request& request) {
  return body_of<multipart_update::Operation>(request).data();
}

inline Bytes begun_answer(const Request& request) {
  multipart_setup::Result result;
  result.set_operation_id(kOperation);
  if (body_of<multipart_setup::Operation>(request).has_aead_encrypt()) result.set_nonce("drawn");
  return success_with(request, result);
}

// The output is the data.
inline Bytes part_answer(const Request& request) {
  multipart_update::Result result;
  result.set_output(data_in(request));
  return success_with(request, result);
}

// "digest" and "tag"; expects one of the two.
inline Bytes end_answer(const Request& request) {
  const auto operation = body_of<multipart_finish::Operation>(request);
  if (operation.has_expected() && operation.expected() != "tag" && operation.expected() != "digest")
    return refusal(request, Status::PsaErrorInvalidSignature);
  multipart_finish::Result result;
  if (!operation.has_expected()) {
    result.set_digest("digest");
    result.set_tag("tag");
  }
  return success_with(request, result);
}

inline Bytes multipart_answer(const Request& request) {
  if (is_for(request, Opcode::MultipartSetup)) return begun_answer(request);
  if (is_for(request, Opcode::MultipartUpdate)) return part_answer(request);
  if (is_for(request, Opcode::MultipartFinish)) return end_answer(request);
  return proper_answer(request);
}

inline void keep_multipart(Conversation& conversation) {
  while (auto request = conversation.next())
    conversation.send(multipart_answer(*request));
}

// As above for hashes, whose parts have no output.
inline void keep_hashing(Conversation& conversation) {
  while (auto request = conversation.next())
    conversation.send(is_for(*request, Opcode::MultipartUpdate) ? success(*request)
                                                                : multipart_answer(*request));
}

}  // namespace strongroom::testing
