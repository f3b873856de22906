// What stands behind a Client.
#pragma once

#include <atomic>
#include <optional>

#include "client/caller.h"
#include "strongroom/client.h"

namespace strongroom {

struct Client::State {
  State(client::Settings settings, std::optional<ProviderId> chosen)
      : caller(std::move(settings)), provider(number_of(chosen)) {}

  static constexpr int kUnknown = -1;
  static int number_of(std::optional<ProviderId> chosen) {
    return chosen ? static_cast<int>(*chosen) : kUnknown;
  }

  client::Caller caller;
  // Asked for at the first need. Two threads that ask at once get the same answer.
  std::atomic<int> provider;
};

}  // namespace strongroom
