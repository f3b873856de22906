// Validation steps 8 to 18: what is wrong with a complete request before its body is looked at.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/frame.h"
#include "service/auth/authenticator.h"
#include "service/dispatch/dispatcher.h"
#include "service/front_end/front_end.h"
#include "service/front_end/request_server.h"

namespace strongroom {

// What the checks read, and what they find out for those after them.
struct CheckedRequest {
  const Request& request;
  const Caller& caller;
  const FrontEnd::Settings& settings;
  const std::vector<std::unique_ptr<Authenticator>>& authenticators;
  const Dispatcher& dispatcher;

  const Operation* operation = nullptr;          // found by step 11
  const Authenticator* authenticator = nullptr;  // found by step 13
  std::optional<ApplicationId> application;      // found by step 14; empty without authentication
};

// Which header an error is answered with: blank while the request's own is not to be trusted, but
// for session and opcode where the request asks to keep the connection.
enum class AnswerHeader { Blank, Echo };

struct Check {
  int step;
  std::string_view claim;
  AnswerHeader answer;
  Result<> (*run)(CheckedRequest& checked);
};

// In order; the first that fails decides.
std::span<const Check> checks() noexcept;

}  // namespace strongroom
