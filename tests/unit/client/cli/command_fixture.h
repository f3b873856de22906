// Runs of `strongroom` against a service in the test's own process that answers as the test says.
#pragma once

#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "client/cli/run.h"
#include "list_keys.pb.h"
#include "list_providers.pb.h"
#include "protocol/opcode.h"
#include "protocol/psa_codec.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom::cli::testing {

using strongroom::testing::refusal;
using strongroom::testing::success;
using strongroom::testing::success_with;

template <typename Message>
Message body_of(const Request& request) {
  Message message;
  message.ParseFromArray(request.body.data(), static_cast<int>(request.body.size()));
  return message;
}

class CommandTest : public ::testing::Test {
 protected:
  using Answer = std::function<Bytes(const Request&)>;

  // What the service says beside its lists; operations without an answer are not supported.
  std::map<Opcode, Answer> answers_;
  // Software keys of the caller.
  std::map<std::string, psa::KeyAttributes> keys_;
  bool is_at_a_terminal_ = false;

  ExitCode run(std::vector<std::string> tokens, std::string_view input = "") {
    return run_at(service_.socket_path(), std::move(tokens), input);
  }
  ExitCode run_at(const std::string& socket, std::vector<std::string> tokens,
                  std::string_view input = "") {
    tokens.insert(tokens.begin(), {"--socket", socket});
    return run_as_is(tokens, input);
  }
  ExitCode run_as_is(const std::vector<std::string>& tokens, std::string_view input = "") {
    std::istringstream in{std::string(input)};
    std::ostringstream out;
    std::ostringstream err;
    Streams streams{.in = in,
                    .out = out,
                    .err = err,
                    .out_is_terminal = is_at_a_terminal_,
                    .in_is_terminal = is_at_a_terminal_};
    ExitCode code = cli::run(tokens, streams);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::string write_file(std::string_view name, std::string_view content) const {
    std::string path = directory_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<Request> requests() const { return service_.requests(); }

  strongroom::testing::TemporaryDirectory directory_;
  std::string out_;
  std::string err_;

 private:
  Bytes answer(const Request& request) const {
    auto opcode = static_cast<Opcode>(request.header.opcode);
    if (auto found = answers_.find(opcode); found != answers_.end()) return found->second(request);
    if (opcode == Opcode::ListKeys) return list_keys(request);
    if (opcode == Opcode::ListProviders) return list_providers(request);
    return refusal(request, Status::PsaErrorNotSupported);
  }

  Bytes list_keys(const Request& request) const {
    ::list_keys::Result result;
    for (const auto& [name, attributes] : keys_) {
      auto* info = result.add_keys();
      info->set_name(name);
      info->set_provider_id(1);
      *info->mutable_attributes() = encode(attributes);
    }
    return success_with(request, result);
  }

  static Bytes list_providers(const Request& request) {
    ::list_providers::Result result;
    result.add_providers()->set_id(1);
    result.add_providers()->set_id(0);
    return success_with(request, result);
  }

  strongroom::testing::FakeService service_{
      [this](const Request& request) { return answer(request); }};
};

}  // namespace strongroom::cli::testing
