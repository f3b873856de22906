// One request and its answer on a connection.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "client/connection.h"
#include "protocol/opcode.h"
#include "strongroom/client_error.h"
#include "strongroom/secret_bytes.h"

namespace strongroom::client {

struct Question {
  Opcode opcode;
  ProviderId provider;
  AuthType auth_type;
  ByteView auth;
  ByteView body;
};

// The body of the answer, at most `max_answer_size` bytes. Total for whatever arrives: an answer to
// something else, a status that no service has, a body larger than announced or allowed are errors
// of source Answer; a status other than Success is one of source Service.
ClientResult<SecretBytes> exchange(Connection& connection, const Question& question,
                                   std::uint32_t max_answer_size);

}  // namespace strongroom::client
