// What an answer's header says of a call.
#pragma once

#include <string_view>

#include "base/status.h"
#include "client/channel/answer_reader.h"
#include "client/channel/call.h"
#include "protocol/frame.h"
#include "strongroom/client_error.h"

namespace strongroom::client {

// A refusal that says nothing of the request: opcode Ping, provider core, no session.
bool is_blank(const ResponseHeader& header) noexcept;

// Fails with source Answer when it is the answer to something else.
ClientResult<> check_echo(const ResponseHeader& header, const Call& call);

// The body, or the service's refusal, or source Answer for what is no answer.
ClientResult<SecretBytes> judge(AnswerReader::Answer answer);

ClientError refusal(Status status);
// What was begun on a connection that is no more.
ClientError gone_with_connection(std::string_view cause);
// To a request that was not sent to its end.
ClientError premature_answer();
ClientError unexpected_session(const ResponseHeader& header, bool keeps);

}  // namespace strongroom::client
