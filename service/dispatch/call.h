// One admitted request on its way through the dispatcher.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "base/bytes.h"
#include "base/error.h"
#include "protocol/opcode.h"
#include "providers/key_record.h"
#include "service/principals/accounts.h"

namespace strongroom {

class OpenOperations;

// The body of a response, or why there is none. Called exactly once, on whichever thread finished.
using Reply = std::move_only_function<void(Result<Bytes>)>;

struct Call {
  Opcode opcode;
  std::uint8_t provider;                     // of the wire, registered
  std::optional<ApplicationId> application;  // empty: the client did not authenticate
  std::shared_ptr<Account> account;          // to which the work is charged
  bool extended;                             // the client knows more than Parsec has
  // What the connection has open with the provider. Empty: nothing, and this request opens nothing.
  std::shared_ptr<OpenOperations> operations;
  Bytes body;            // not yet parsed
  std::stop_token gone;  // requested once nobody waits for the answer
};

}  // namespace strongroom
