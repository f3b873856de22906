// Memory that ends at any point of a call ends in an error, never in an exception, and the client
// goes on. This program's allocator fails when it is told to.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <poll.h>
#include <string>
#include <string_view>

#include "strongroom/async_client.h"
#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/decoded.h"
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

constexpr std::size_t kMoreThanThereIs = std::size_t{1} << 40;

// What no memory that is given back may hold.
constexpr std::string_view kSecret = "a secret that is longer than a string holds itself";
thread_local int secrets_left = 0;

void look_into(const void* memory) noexcept {
  if (memory == nullptr) return;
  const std::string_view bytes(static_cast<const char*>(memory),
                               ::malloc_usable_size(const_cast<void*>(memory)));
  if (bytes.find(kSecret.substr(16)) != bytes.npos) ++secrets_left;
}

}  // namespace

void* operator new(std::size_t size) {
  // A sanitizer's malloc would end the process where others say no.
  void* memory = size < kMoreThanThereIs && may_allocate() ? std::malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return may_allocate() ? std::malloc(size) : nullptr;
}
void operator delete(void* memory) noexcept {
  look_into(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  look_into(memory);
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
  look_into(memory);
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

template <typename Work>
void expect_nothing_left(const Work& work) {
  secrets_left = 0;
  work();
  EXPECT_EQ(secrets_left, 0);
}

TEST(SecretsOfTheClient, AreWipedWhereverTheyWent) {
  const ByteView secret = view_of(kSecret);
  expect_nothing_left([&] { (void)requests::sign_message("k", {}, secret); });
  expect_nothing_left([&] { (void)requests::mac_compute("k", {}, secret); });
  expect_nothing_left([&] { (void)requests::hash_compute(psa::Hash::Sha256, secret); });
}

TEST(SecretsOfTheClient, AreWipedWhenTheAnswerIsNoneOrHasSeveral) {
  auto request = requests::export_key("k").value();
  std::array<char, 2 * (kSecret.size() + 2) + 1> answer{};
  answer[0] = answer[kSecret.size() + 2] = 0x0a;
  answer[1] = answer[kSecret.size() + 3] = static_cast<char>(kSecret.size());
  std::ranges::copy(kSecret, answer.begin() + 2);
  std::ranges::copy(kSecret, answer.begin() + kSecret.size() + 4);
  answer.back() = 0x0a;
  const ByteView bytes = view_of(std::string_view(answer.data(), answer.size()));
  expect_nothing_left([&] { (void)testing::decoded(request, bytes); });
  expect_nothing_left([&] { (void)testing::decoded(request, bytes.first(bytes.size() - 1)); });
}

}  // namespace
}  // namespace strongroom
