#include "tests/conformance/socket/running_service.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <unistd.h>

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

// In memory where there is room for that: thousands of keys come and go, and what a disk does to
// them is for other tests to show. Belongs to the daemon's user.
class StorePlace {
 public:
  StorePlace() {
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
    if (!path_.empty() && ::geteuid() == 0) {
      EXPECT_EQ(::chown(path_.c_str(), testing::kDaemonUid, testing::kDaemonUid), 0);
    }
  }
  ~StorePlace() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  StorePlace(const StorePlace&) = delete;
  StorePlace& operator=(const StorePlace&) = delete;

  std::string path_or(const std::string& other) const { return path_.empty() ? other : path_; }

 private:
  std::string path_ = "/dev/shm/strongroom-XXXXXX";
};

std::string written(const ServiceConfiguration& configuration, const DaemonPlace& place,
                    const std::string& store) {
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
path = "{}/keys.db"
key_source = "file:{}/store.key"

[[provider]]
{}
)",
                     configuration.allow_deprecated, configuration.rsa_pkcs1v15_decryption,
                     place.socket(), store, store, configuration.provider);
}

class RunningService {
 public:
  explicit RunningService(const ServiceConfiguration& configuration) {
    std::ofstream(place_.file("strongroom.toml"))
        << written(configuration, place_, store_.path_or(place_.state()));
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
  StorePlace store_;
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
