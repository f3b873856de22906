#include <gmock/gmock.h>

#include "tests/unit/token_worker/workers_fixture.h"

namespace strongroom::testing {
namespace {

std::shared_ptr<Spawner>& held() {
  static std::shared_ptr<Spawner> spawner;
  return spawner;
}

}  // namespace

std::shared_ptr<Spawner> spawner_of_the_test() {
  return held();
}

}  // namespace strongroom::testing

int main(int argc, char** argv) {
  using strongroom::testing::held;
  auto forked = strongroom::Spawner::fork(TOKEN_WORKER);
  if (!forked) return 1;
  held() = *std::move(forked);
  ::testing::InitGoogleMock(&argc, argv);
  const int code = RUN_ALL_TESTS();
  held().reset();
  return code;
}
