// How the keys of a client are deleted when there are many of them.
#include <unistd.h>

#include "delete_client.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::IsOk;
using testing::request_of;
using testing::ServiceUnderTest;

class DeletionOfAClient : public ::testing::Test {
 protected:
  void SetUp() override {
    service_.caller.admin_socket = true;
    for (std::size_t i = 0; i < kKeys; ++i)
      service_.store().create(
          KeyRecord{.id = service_.id_of(fmt::format("k{}", i)), .attributes = ecc_pair()},
          [](const Result<>& created) { EXPECT_THAT(created, IsOk()); });
    service_.store().hold_answers();
  }

  std::future<Response> begin() {
    delete_client::Operation request;
    request.set_client(std::to_string(::getuid()));
    std::future<Response> answer =
        service_.begin(request_of(Opcode::DeleteClient, *serialized(request)));
    while (service_.store().held_answers() < kSlice &&
           answer.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    }
    return answer;
  }

  static constexpr std::size_t kKeys = 150;
  static constexpr std::size_t kSlice = 64;
  ServiceUnderTest service_{{.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}}}};
};

TEST_F(DeletionOfAClient, LeavesRoomInTheStoresQueue) {
  std::future<Response> answer = begin();
  for (std::size_t slice : {kSlice, kSlice, kKeys - 2 * kSlice})
    EXPECT_EQ(service_.store().give_held_answers(), slice);
  EXPECT_EQ(answer.get().header.status, std::to_underlying(Status::Success));
  EXPECT_EQ(service_.provider().ended, static_cast<int>(kKeys));
}

TEST_F(DeletionOfAClient, EndsAndSaysSoWhenTheStoreDoesNotAnswer) {
  service_.store().fail_changes_with(Status::KeyInfoManagerError);
  std::future<Response> answer = begin();
  EXPECT_EQ(service_.store().give_held_answers(), kSlice);
  EXPECT_EQ(service_.store().held_answers(), 0U);
  EXPECT_EQ(answer.get().header.status, std::to_underlying(Status::KeyInfoManagerError));
}

}  // namespace
}  // namespace strongroom
