// Connections that are kept, and how their answers read.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/unit/connection/connection_fixture.h"
#include "tests/unit/connection/held_requests.h"

namespace strongroom::testing {

// "session:body", "status 15" of an error, "end", or "reset".
inline std::string next(TestClient& client) {
  std::optional<Response> response = client.receive_response();
  if (!response) return client.is_at_end() ? "end" : "reset";
  if (response->header.status != 0) return fmt::format("status {}", response->header.status);
  return fmt::format("{}:{}", response->header.session, text_of(response->body));
}
inline std::vector<std::string> all(TestClient& client) {
  std::vector<std::string> answers{next(client)};
  while (answers.back() != "end" && answers.back() != "reset")
    answers.push_back(next(client));
  return answers;
}

class KeptConnection : public ConnectionFixture {
 protected:
  void serve_held() { serve(held_.script()); }
  void TearDown() override {
    ConnectionFixture::TearDown();
    held_.drop_all();
  }
  // Whether there are as many requests, and the calls that brought them are over.
  bool hold(std::size_t count) {
    return held_.become(count) && in_loop([] { return true; });
  }

  HeldRequests held_;
};

}  // namespace strongroom::testing
