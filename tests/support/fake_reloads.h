// Reloads that are over at once, as the test says.
#pragma once

#include "service/dispatch/reloads.h"

namespace strongroom::testing {

class FakeReloads final : public Reloads {
 public:
  void ask(Done done) override {
    if (drops) return;
    done({.is_applied = is_applied, .generation = 4, .message = "what came of it"});
  }
  bool is_applied = true;
  bool drops = false;
};

}  // namespace strongroom::testing
