// A device for tests: it is unplugged, can be unlocked, and has no root to be accepted.
#pragma once

#include "providers/maintenance.h"

namespace strongroom::testing {

class FakeMaintenance final : public Maintenance {
 public:
  ProviderHealth health() const override {
    return {.state = ProviderState::Down,
            .since = std::chrono::sys_seconds(std::chrono::seconds(1'700'000'040)),
            .reason = "unplugged"};
  }
  void unlock(Done done) override { done("unlocked"); }
  void accept_root(Done done) override {
    done(fail(Status::PsaErrorHardwareFailure, "there is none"));
  }
};

}  // namespace strongroom::testing
