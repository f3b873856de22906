#include "strongroom/async_client.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "list_providers.pb.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/scripted_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::Conversation;
using ::testing::Eq;
using testing::FailsFrom;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::keep_answering;
using testing::ScriptedService;

AsyncClient client_of(const ScriptedService& service, ClientOptions options = {}) {
  options.endpoint = service.socket_path();
  if (!options.provider) options.provider = ProviderId::Software;
  if (options.timeout == 60s) options.timeout = 30s;
  return AsyncClient::open(std::move(options)).value();
}

bool is_readable(const AsyncClient& client, std::chrono::milliseconds span = 0ms) {
  pollfd one{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, static_cast<int>(span.count())) == 1;
}

// The caller's poll loop.
template <typename Condition>
void run_until(AsyncClient& client, const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + 40s;
  while (!condition() && std::chrono::steady_clock::now() < end)
    if (is_readable(client, 100ms)) client.process();
  EXPECT_TRUE(condition());
}

TEST(AsyncClient, CallEndsInItsCallbackAndNotBefore) {
  ScriptedService service(keep_answering);
  AsyncClient client = client_of(service);
  std::optional<ClientResult<Bytes>> result;
  ASSERT_THAT(client.start(requests::hash_compute(psa::Hash::Sha256, view_of("abc")),
                           [&](ClientResult<Bytes> answer) { result = std::move(answer); }),
              IsOk());
  EXPECT_FALSE(result);
  run_until(client, [&] { return result.has_value(); });
  EXPECT_THAT(*result, IsOkAndHolds(Eq(bytes_of("abc"))));
}

TEST(AsyncClient, ManyCallsShareOneConnectionAndGetTheirOwnAnswers) {
  constexpr std::size_t kCalls = 500;
  ScriptedService service(keep_answering);
  AsyncClient client = client_of(service);
  std::size_t ended = 0;
  for (std::size_t i = 0; i < kCalls; ++i) {
    Bytes input(i, std::byte{7});
    ASSERT_THAT(client.start(requests::hash_compute(psa::Hash::Sha256, input),
                             [&ended, input](ClientResult<Bytes> answer) {
                               ++ended;
                               EXPECT_THAT(answer, IsOkAndHolds(Eq(input)));
                             }),
                IsOk());
  }
  run_until(client, [&] { return ended == kCalls; });
  EXPECT_EQ(service.connections(), 1);
  EXPECT_FALSE(is_readable(client)) << "there is nothing to do";
}

TEST(AsyncClient, RequestThatCannotBePreparedEndsInTheCallback) {
  ScriptedService service(keep_answering);
  AsyncClient client = client_of(service);
  std::optional<ClientResult<>> result;
  ASSERT_THAT(client.start(requests::destroy_key("\xff"),
                           [&](ClientResult<> answer) { result = std::move(answer); }),
              IsOk());
  EXPECT_FALSE(result);
  EXPECT_TRUE(is_readable(client));
  client.process();
  EXPECT_THAT(*result, FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
}

TEST(AsyncClient, MissingSocketIsToldByTheCallback) {
  testing::TemporaryDirectory directory;
  AsyncClient client = AsyncClient::open({.endpoint = directory / "none"}).value();
  std::optional<ClientResult<WireVersion>> result;
  ASSERT_THAT(client.start(requests::ping(), [&](auto answer) { result = std::move(answer); }),
              IsOk());
  EXPECT_FALSE(result);
  run_until(client, [&] { return result.has_value(); });
  EXPECT_THAT(*result, FailsFrom(ErrorSource::Endpoint, Status::ConnectionError));
}

TEST(AsyncClient, ServiceIsAskedOnceForItsProvidersWhenNoneIsChosen) {
  std::atomic<int> lists = 0;
  std::atomic<int> at_tpm = 0;
  ScriptedService service([&](Conversation& conversation) {
    while (auto request = conversation.next()) {
      if (!testing::is_for(*request, Opcode::ListProviders)) {
        at_tpm += request->header.provider == 3;
        conversation.answer(*request);
        continue;
      }
      ++lists;
      std::this_thread::sleep_for(20ms);
      list_providers::Result result;
      result.add_providers()->set_id(3);
      conversation.send(testing::success_with(*request, result));
    }
  });
  AsyncClient client =
      AsyncClient::open({.endpoint = service.socket_path(), .timeout = 30s}).value();
  int ended = 0;
  for (int i = 0; i < 5; ++i)
    ASSERT_THAT(client.start(requests::destroy_key("web"),
                             [&](ClientResult<> answer) {
                               ++ended;
                               EXPECT_THAT(answer, IsOk());
                             }),
                IsOk());
  run_until(client, [&] { return ended == 5; });
  EXPECT_EQ(lists, 1);
  EXPECT_EQ(at_tpm, 5);
}

TEST(AsyncClient, CallsThatWaitForTheProviderEndInTime) {
  ScriptedService service([](Conversation& conversation) {
    while (conversation.next()) {
    }
  });
  AsyncClient client =
      AsyncClient::open({.endpoint = service.socket_path(), .timeout = 30ms}).value();
  std::optional<ClientResult<>> result;
  ASSERT_THAT(
      client.start(requests::destroy_key("web"), [&](auto answer) { result = std::move(answer); }),
      IsOk());
  run_until(client, [&] { return result.has_value(); });
  EXPECT_THAT(*result, FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  EXPECT_FALSE(result->error().outcome_is_unknown());
}

TEST(AsyncClient, FailedSearchForAProviderFailsAllThatWaitForIt) {
  ScriptedService service([](Conversation& conversation) {
    while (auto request = conversation.next())
      conversation.send(testing::refusal(*request, Status::PsaErrorInsufficientMemory));
  });
  AsyncClient client = AsyncClient::open({.endpoint = service.socket_path()}).value();
  int refused = 0;
  for (int i = 0; i < 3; ++i)
    ASSERT_THAT(client.start(requests::destroy_key("web"),
                             [&](ClientResult<> answer) {
                               EXPECT_THAT(answer, FailsFrom(ErrorSource::Service,
                                                             Status::PsaErrorInsufficientMemory));
                               ++refused;
                             }),
                IsOk());
  run_until(client, [&] { return refused == 3; });
}

TEST(AsyncClient, CallEndsWhenItsTimeIsUpWhateverElseHappens) {
  ScriptedService service([](Conversation& conversation) {
    while (conversation.next()) {
    }
  });
  AsyncClient client = client_of(service);
  std::optional<ClientResult<>> result;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_THAT(client.start(requests::destroy_key("web"),
                           [&](auto answer) { result = std::move(answer); }, {.timeout = 30ms}),
              IsOk());
  run_until(client, [&] { return result.has_value(); });
  EXPECT_THAT(*result, FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  EXPECT_TRUE(result->error().outcome_is_unknown());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 25ms);
}

TEST(AsyncClient, BacklogThatIsFullIsTriedAgainUntilTheTimeIsUp) {
  testing::TemporaryDirectory directory;
  UniqueFd listener = testing::listen_at(directory / "full");
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  AsyncClient first = AsyncClient::open({.endpoint = directory / "full"}).value();
  AsyncClient second = AsyncClient::open({.endpoint = directory / "full"}).value();
  std::optional<ClientResult<WireVersion>> result;
  ASSERT_THAT(first.start(requests::ping(), [](auto) {}), IsOk());
  ASSERT_THAT(second.start(requests::ping(), [&](auto answer) { result = std::move(answer); },
                           {.timeout = 50ms}),
              IsOk());
  run_until(second, [&] { return result.has_value(); });
  EXPECT_THAT(*result, FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  result.reset();
  ASSERT_THAT(second.start(requests::ping(), [&](auto answer) { result = std::move(answer); },
                           {.timeout = 200ms}),
              IsOk());
  std::jthread accepting([&] {
    std::this_thread::sleep_for(30ms);
    UniqueFd one(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    UniqueFd two(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::this_thread::sleep_for(300ms);
  });
  run_until(second, [&] { return result.has_value(); });
  // It was connected and had no answer.
  EXPECT_THAT(*result, FailsFrom(ErrorSource::Timeout, Status::ConnectionError));
  EXPECT_THAT(result->error().message(), ::testing::HasSubstr("waiting for the answer"));
}

TEST(AsyncClient, CancelledCallEndsOnceAndItsAnswerIsDropped) {
  ScriptedService service([](Conversation& conversation) {
    while (auto request = conversation.next()) {
      std::this_thread::sleep_for(10ms);
      conversation.answer(*request);
    }
  });
  AsyncClient client = client_of(service);
  int cancelled = 0;
  int answered = 0;
  CallId first =
      client
          .start(requests::ping(),
                 [&](ClientResult<WireVersion> answer) {
                   EXPECT_THAT(answer, FailsFrom(ErrorSource::Cancelled, Status::ConnectionError));
                   ++cancelled;
                 })
          .value();
  client.cancel(first);
  EXPECT_EQ(cancelled, 0) << "callbacks run in process() alone";
  ASSERT_THAT(client.start(requests::ping(), [&](auto) { ++answered; }), IsOk());
  run_until(client, [&] { return answered == 1; });
  client.cancel(first);
  client.cancel(CallId{12345});
  EXPECT_EQ(cancelled, 1);
}

TEST(AsyncClient, StopFromAnotherThreadMakesTheDescriptorReadable) {
  ScriptedService service([](Conversation& conversation) {
    while (conversation.next()) {
    }
  });
  AsyncClient client = client_of(service);
  std::stop_source stop;
  std::optional<ClientResult<WireVersion>> result;
  ASSERT_THAT(client.start(requests::ping(), [&](auto answer) { result = std::move(answer); },
                           {.cancellation = stop.get_token()}),
              IsOk());
  std::jthread canceller([&] {
    std::this_thread::sleep_for(10ms);
    stop.request_stop();
  });
  run_until(client, [&] { return result.has_value(); });
  EXPECT_THAT(*result, FailsFrom(ErrorSource::Cancelled, Status::ConnectionError));
}

TEST(AsyncClient, CallbackMayStartAndCancelCalls) {
  ScriptedService service(keep_answering);
  AsyncClient client = client_of(service);
  int ended = 0;
  std::function<void()> start_another = [&] {
    ASSERT_THAT(client.start(requests::ping(),
                             [&](ClientResult<WireVersion> answer) {
                               EXPECT_THAT(answer, IsOk());
                               if (++ended < 20) start_another();
                             }),
                IsOk());
    CallId unwanted =
        client.start(requests::ping(), [](auto answer) { EXPECT_FALSE(answer.has_value()); })
            .value();
    client.cancel(unwanted);
  };
  start_another();
  run_until(client, [&] { return ended == 20; });
}

TEST(AsyncClient, CallbackMayDestroyTheClientAndTheOthersAreDropped) {
  ScriptedService service(keep_answering);
  std::optional<AsyncClient> client = client_of(service);
  const auto kept_alive = std::make_shared<int>();
  int ran = 0;
  for (int i = 0; i < 3; ++i)
    ASSERT_THAT(client->start(requests::destroy_key("\xff"),
                              [&, kept_alive](ClientResult<>) {
                                ++ran;
                                client.reset();
                                EXPECT_EQ(kept_alive.use_count(), 2);
                              }),
                IsOk());
  ASSERT_THAT(client->start(requests::ping(), [&, kept_alive](auto) { ++ran; }), IsOk());
  client->process();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(kept_alive.use_count(), 1);
}

TEST(AsyncClient, DestroyingItDropsTheCallbacks) {
  ScriptedService service(keep_answering);
  const auto kept_alive = std::make_shared<int>();
  {
    AsyncClient client = client_of(service);
    ASSERT_THAT(client.start(requests::ping(), [kept_alive](auto) { ADD_FAILURE(); }), IsOk());
  }
  EXPECT_EQ(kept_alive.use_count(), 1);
}

TEST(AsyncClient, ThrowingCallbackLeavesTheOthersForTheNextTime) {
  ScriptedService service(keep_answering);
  AsyncClient client = client_of(service);
  int ran = 0;
  for (int i = 0; i < 3; ++i)
    ASSERT_THAT(client.start(requests::destroy_key("\xff"),
                             [&](ClientResult<>) {
                               if (++ran == 1) throw std::runtime_error("a test's");
                             }),
                IsOk());
  EXPECT_THROW(client.process(), std::runtime_error);
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(is_readable(client));
  client.process();
  EXPECT_EQ(ran, 3);
}

TEST(AsyncClient, DescriptorStaysTheSameWhenTheConnectionIsLost) {
  ScriptedService service([](Conversation& conversation) {
    for (int i = 0; i < 3; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
  });
  AsyncClient client = client_of(service);
  const int descriptor = client.descriptor();
  for (int i = 0; i < 10; ++i) {
    std::optional<ClientResult<>> result;
    ASSERT_THAT(client.start(requests::destroy_key("web"),
                             [&](auto answer) { result = std::move(answer); }),
                IsOk());
    run_until(client, [&] { return result.has_value(); });
    EXPECT_THAT(*result, IsOk());
    std::this_thread::sleep_for(2ms);  // the service closes after each third answer
  }
  EXPECT_EQ(client.descriptor(), descriptor);
}

TEST(AsyncClient, LargeRequestsArePartlySentAndGoOn) {
  ScriptedService service(keep_answering);
  AsyncClient client = client_of(service, {.timeout = 50s});
  int ended = 0;
  for (int i = 0; i < 3; ++i) {
    Bytes input(600'000, static_cast<std::byte>(i));
    ASSERT_THAT(client.start(requests::hash_compute(psa::Hash::Sha256, input),
                             [&ended, input](ClientResult<Bytes> answer) {
                               EXPECT_THAT(answer, IsOkAndHolds(Eq(input)));
                               ++ended;
                             }),
                IsOk());
  }
  run_until(client, [&] { return ended == 3; });
}

// What a child of fork() says by its exit status.
template <typename Work>
int in_child(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(AsyncClient, ChildOfAForkStartsNothingAndDisturbsNothing) {
  std::atomic<bool> may_answer = false;
  ScriptedService service([&](Conversation& conversation) {
    while (auto request = conversation.next()) {
      while (!may_answer)
        std::this_thread::sleep_for(1ms);
      conversation.answer(*request);
    }
  });
  std::optional<AsyncClient> client = client_of(service);
  std::optional<ClientResult<WireVersion>> result;
  ASSERT_THAT(client->start(requests::ping(), [&](auto answer) { result = std::move(answer); }),
              IsOk());
  EXPECT_EQ(in_child([&] {
              if (client->start(requests::ping(), [](auto) {})) return 1;
              client->process();
              client.reset();
              return result ? 2 : 0;
            }),
            0);
  may_answer = true;
  run_until(*client, [&] { return result.has_value(); });
  EXPECT_THAT(*result, IsOk());
  EXPECT_EQ(service.connections(), 1);
}

}  // namespace
}  // namespace strongroom
