#include "tests/conformance/socket/running_service.h"

#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/daemon_process.h"
#include "tests/support/matchers.h"

namespace strongroom::conformance {
namespace {

using testing::DaemonPlace;
using testing::DaemonProcess;
using testing::IsOk;

// Where many tests share a core, slow work waits long for its turn.
constexpr std::chrono::minutes kPatience(5);

std::string written(const ServiceConfiguration& configuration, const DaemonPlace& place) {
  return fmt::format(R"([service]
strict = false
require_locked_memory = false
allow_deprecated = {}
rsa_pkcs1v15_decryption = {}

[[socket]]
path = "{}"
mode = "0666"

[limits]
queue_timeout = "60s"

[admin]
groups = []

[store]
path = "{}"
key_source = "file:{}"

[[provider]]
{}
)",
                     configuration.allow_deprecated, configuration.rsa_pkcs1v15_decryption,
                     place.socket(), place.file("keys.db"), place.file("store.key"),
                     configuration.provider);
}

class RunningService {
 public:
  explicit RunningService(const ServiceConfiguration& configuration) {
    std::ofstream(place_.file("strongroom.toml")) << written(configuration, place_);
    start();
  }

  void start() {
    daemon_.emplace(place_,
                    testing::DaemonOptions{.configuration = place_.file("strongroom.toml")});
    EXPECT_TRUE(daemon_->await_ready()) << place_.log_text();
  }
  void restart() {
    EXPECT_EQ(daemon_->stop(), 0) << place_.log_text();
    start();
  }
  const DaemonPlace& place() const noexcept { return place_; }

 private:
  DaemonPlace place_;
  std::optional<DaemonProcess> daemon_;
};

// Ends all when the program's last case is over.
class RunningServices final : public ::testing::Environment {
 public:
  RunningService& of(const ServiceConfiguration& configuration) {
    auto& service = running_[configuration];
    if (!service) service = std::make_unique<RunningService>(configuration);
    return *service;
  }
  void TearDown() override { running_.clear(); }

 private:
  std::map<ServiceConfiguration, std::unique_ptr<RunningService>> running_;
};

// googletest owns it, and calls it whether a case failed or not.
RunningServices* const services =
    static_cast<RunningServices*>(::testing::AddGlobalTestEnvironment(new RunningServices));

}  // namespace

Client client_of(const ServiceConfiguration& configuration) {
  ClientResult<Client> client =
      Client::open({.endpoint = services->of(configuration).place().socket(),
                    .application_name = {},
                    .provider = configuration.id,
                    .timeout = kPatience,
                    .trust_any_socket = true});
  EXPECT_THAT(client, IsOk());
  return *std::move(client);
}

void restart(const ServiceConfiguration& configuration) {
  services->of(configuration).restart();
}

std::string log_of(const ServiceConfiguration& configuration) {
  return services->of(configuration).place().log_text();
}

}  // namespace strongroom::conformance
