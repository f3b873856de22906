// Memory that ends at any point of a call ends in an error, never in an exception, and the client
// goes on. This program's allocator fails when it is told to.
#include <cstdlib>
#include <new>
#include <poll.h>

#include "strongroom/async_client.h"
#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/scripted_service.h"

namespace {

constexpr int kNever = -1;
thread_local int allocations_left = kNever;

bool may_allocate() noexcept {
  if (allocations_left == kNever) return true;
  if (allocations_left == 0) return false;
  --allocations_left;
  return true;
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = may_allocate() ? std::malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return may_allocate() ? std::malloc(size) : nullptr;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
  std::free(memory);
}

namespace strongroom {
namespace {

using testing::Conversation;
using testing::FailsFrom;
using testing::IsOk;
using testing::keep_answering;
using testing::ScriptedService;

constexpr int kMostAllocations = 300;

ClientOptions options_for(const ScriptedService& service) {
  return {.endpoint = service.socket_path(),
          .provider = ProviderId::Software,
          .timeout = std::chrono::seconds(10)};
}

// What `work` yields when its n-th allocation fails, for each n that it reaches.
template <typename Work, typename Check>
void with_each_allocation_failing(const Work& work, const Check& check) {
  for (int n = 0; n < kMostAllocations; ++n) {
    allocations_left = n;
    auto result = work();
    const bool was_reached = allocations_left == 0;
    allocations_left = kNever;
    check(result);
    if (!was_reached) return;
  }
  FAIL() << "more allocations than were expected";
}

template <typename T>
void expect_success_or_lack_of_memory(const ClientResult<T>& result) {
  if (result) return;
  EXPECT_EQ(result.error().status(), Status::PsaErrorInsufficientMemory)
      << result.error().message();
  EXPECT_EQ(result.error().source(), ErrorSource::Caller);
}

TEST(ClientWithoutMemory, OpensOrSaysWhyNot) {
  with_each_allocation_failing(
      [] { return Client::open({.endpoint = "/x"}); },
      [](const ClientResult<Client>& result) { expect_success_or_lack_of_memory(result); });
}

TEST(ClientWithoutMemory, FirstCallFailsWithoutAnException) {
  ScriptedService service(keep_answering);
  const Bytes input(2000);
  for (int n = 0; n < kMostAllocations; ++n) {
    Client client = Client::open(options_for(service)).value();
    allocations_left = n;
    ClientResult<Bytes> result = client.hash_compute(psa::Hash::Sha256, input);
    const bool was_reached = allocations_left == 0;
    allocations_left = kNever;
    expect_success_or_lack_of_memory(result);
    EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, input), IsOk());
    if (!was_reached) return;
  }
}

TEST(ClientWithoutMemory, LaterCallFailsWithoutAnExceptionAndLeavesTheClientUsable) {
  ScriptedService service(keep_answering);
  Client client = Client::open(options_for(service)).value();
  const Bytes input(2000);
  with_each_allocation_failing([&] { return client.hash_compute(psa::Hash::Sha256, input); },
                               [&](const ClientResult<Bytes>& result) {
                                 expect_success_or_lack_of_memory(result);
                                 EXPECT_THAT(client.destroy_key("web"), IsOk());
                               });
}

TEST(ClientWithoutMemory, LossOfAConnectionIsStillTold) {
  ScriptedService service([](Conversation& conversation) {
    for (int i = 0; i < 2; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
    conversation.next();
  });
  for (int n = 0; n < kMostAllocations; ++n) {
    Client client = Client::open(options_for(service)).value();
    ASSERT_THAT(client.ping(), IsOk());
    ASSERT_THAT(client.ping(), IsOk());
    allocations_left = n;
    ClientResult<> result = client.destroy_key("web");
    const bool was_reached = allocations_left == 0;
    allocations_left = kNever;
    ASSERT_FALSE(result.has_value());
    EXPECT_TRUE(result.error().source() == ErrorSource::Connection ||
                result.error().status() == Status::PsaErrorInsufficientMemory);
    if (!was_reached) return;
  }
}

TEST(ClientWithoutMemory, RequestOfAnImpossibleSizeIsTheCallersError) {
  ScriptedService service(keep_answering);
  Client client = Client::open(options_for(service)).value();
  // Never read: copying it fails first.
  const std::byte one{};
  const ByteView endless(&one, std::size_t{1} << 62);
  EXPECT_THAT(client.hash_compute(psa::Hash::Sha256, endless),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInsufficientMemory));
  EXPECT_THAT(client.ping(), IsOk());
}

TEST(AsyncClientWithoutMemory, FailsToStartOrEndsInTheCallback) {
  ScriptedService service(keep_answering);
  AsyncClient client = AsyncClient::open(options_for(service)).value();
  for (int n = 0; n < kMostAllocations; ++n) {
    int ended = 0;
    allocations_left = n;
    auto started = client.start(requests::ping(), [&](ClientResult<WireVersion> answer) {
      ++ended;
      expect_success_or_lack_of_memory(answer);
    });
    for (int i = 0; started && ended == 0 && i < 100; ++i) {
      pollfd one{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
      if (::poll(&one, 1, 100) > 0) client.process();
    }
    const bool was_reached = allocations_left == 0;
    allocations_left = kNever;
    EXPECT_EQ(ended, started ? 1 : 0);
    if (!was_reached) return;
  }
}

}  // namespace
}  // namespace strongroom
