// Whatever the service does, every call ends exactly once, with its own answer or an error, and no
// request that changes something arrives twice.
#include <chrono>
#include <map>
#include <mutex>
#include <poll.h>
#include <random>
#include <thread>

#include "psa_destroy_key.pb.h"
#include "strongroom/async_client.h"
#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/scripted_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::Conversation;
using testing::ScriptedService;

// How often each key was asked to be destroyed.
class Ledger {
 public:
  void note(const Request& request) {
    if (!testing::is_for(request, Opcode::PsaDestroyKey)) return;
    psa_destroy_key::Operation operation;
    operation.ParseFromArray(request.body.data(), static_cast<int>(request.body.size()));
    std::scoped_lock lock(mutex_);
    ++counts_[operation.key_name()];
  }
  // A success has arrived; what certainly was not done has not.
  void expect_agreement(const std::string& key, const ClientResult<>& answer) const {
    std::scoped_lock lock(mutex_);
    const auto found = counts_.find(key);
    const int count = found == counts_.end() ? 0 : found->second;
    if (answer.has_value()) {
      EXPECT_EQ(count, 1) << key;
    } else if (!answer.error().outcome_is_unknown()) {
      EXPECT_EQ(count, 0) << key << ": " << answer.error().message();
    }
  }
  int most() const {
    std::scoped_lock lock(mutex_);
    int most = 0;
    for (const auto& [key, count] : counts_)
      most = std::max(most, count);
    return most;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

// Holds requests back, answers them in any order and in any pieces, and now and then hangs up.
class Whims {
 public:
  Whims(unsigned seed, Ledger& ledger) : seed_(seed), ledger_(ledger) {}

  void operator()(Conversation& conversation) const {
    std::minstd_rand random(seed_ * 1000 + static_cast<unsigned>(conversation.number()));
    std::vector<Request> held;
    while (true) {
      const bool comes = conversation.anything_within(held.empty() ? 10s : 1ms);
      if (comes) {
        auto request = conversation.next();
        if (!request) return;
        ledger_.note(*request);
        held.push_back(*std::move(request));
      }
      if (random() % 150 == 0) return;
      if (!held.empty() && (!comes || random() % 3 == 0)) answer_one(conversation, held, random);
    }
  }

 private:
  static void answer_one(Conversation& conversation, std::vector<Request>& held,
                         std::minstd_rand& random) {
    const auto chosen = held.begin() + static_cast<std::ptrdiff_t>(random() % held.size());
    const Bytes answer = testing::proper_answer(*chosen);
    held.erase(chosen);
    if (random() % 200 == 0)
      conversation.send(ByteView(answer).first(random() % answer.size()));  // and hang up
    else
      return conversation.send_in_pieces(answer, 1 + random() % 60,
                                         static_cast<unsigned>(random()));
    conversation.half_close();
  }

  unsigned seed_;
  Ledger& ledger_;
};

bool is_loss(const ClientError& error) {
  return error.source() == ErrorSource::Connection;
}

class RandomService : public ::testing::TestWithParam<unsigned> {};

TEST_P(RandomService, GivesEachThreadOfAClientItsAnswers) {
  constexpr int kThreads = 6;
  constexpr int kCalls = 60;
  Ledger ledger;
  ScriptedService service(Whims(GetParam(), ledger));
  Client client =
      Client::open(
          {.endpoint = service.socket_path(), .provider = ProviderId::Software, .timeout = 50s})
          .value();
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread)
    threads.emplace_back([&, thread] {
      std::minstd_rand random(GetParam() + static_cast<unsigned>(thread) * 77);
      for (int i = 0; i < kCalls; ++i) {
        if (i % 3 == 0) {
          const std::string key = std::to_string(thread) + "-" + std::to_string(i);
          ClientResult<> answer = client.destroy_key(key);
          EXPECT_TRUE(answer || is_loss(answer.error())) << answer.error().message();
          ledger.expect_agreement(key, answer);
        } else {
          const Bytes input(random() % 3000, static_cast<std::byte>(i));
          ClientResult<Bytes> answer = client.hash_compute(psa::Hash::Sha256, input);
          EXPECT_TRUE(answer || is_loss(answer.error())) << answer.error().message();
          EXPECT_EQ(answer.value_or(input), input);
        }
      }
    });
  threads.clear();
  EXPECT_LE(ledger.most(), 1);
}

TEST_P(RandomService, LetsEachCallbackRunOnce) {
  constexpr int kCalls = 300;
  Ledger ledger;
  ScriptedService service(Whims(GetParam(), ledger));
  AsyncClient client =
      AsyncClient::open(
          {.endpoint = service.socket_path(), .provider = ProviderId::Software, .timeout = 50s})
          .value();
  std::minstd_rand random(GetParam());
  std::vector<int> ends(kCalls, 0);
  std::vector<CallId> started;
  int ended = 0;
  const auto pump = [&](int span) {
    pollfd one{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
    if (::poll(&one, 1, span) > 0) client.process();
  };
  for (int i = 0; i < kCalls; ++i) {
    const CallOptions options = random() % 10 == 0 ? CallOptions{.timeout = 2ms} : CallOptions{};
    const Bytes input(random() % 3000, static_cast<std::byte>(i));
    ClientResult<CallId> id = i % 3 == 0 ? client.start(
                                               requests::destroy_key(std::to_string(i)),
                                               [&, i](ClientResult<> answer) {
                                                 ++ends.at(static_cast<std::size_t>(i));
                                                 ++ended;
                                                 ledger.expect_agreement(std::to_string(i), answer);
                                               },
                                               options)
                                         : client.start(
                                               requests::hash_compute(psa::Hash::Sha256, input),
                                               [&, i, input](ClientResult<Bytes> answer) {
                                                 ++ends.at(static_cast<std::size_t>(i));
                                                 ++ended;
                                                 EXPECT_EQ(answer.value_or(input), input);
                                               },
                                               options);
    ASSERT_TRUE(id.has_value());
    started.push_back(*id);
    if (random() % 8 == 0) client.cancel(started.at(random() % started.size()));
    if (random() % 4 == 0) pump(0);
  }
  const auto limit = std::chrono::steady_clock::now() + 40s;
  while (ended < kCalls && std::chrono::steady_clock::now() < limit)
    pump(100);
  pump(0);
  EXPECT_THAT(ends, ::testing::Each(1));
  EXPECT_LE(ledger.most(), 1);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomService, ::testing::Range(1U, 7U));

}  // namespace
}  // namespace strongroom
