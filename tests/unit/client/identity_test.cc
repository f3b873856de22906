// Connections belong to one process and one effective user.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <poll.h>
#include <stop_token>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "client/process_identity.h"
#include "strongroom/async_client.h"
#include "strongroom/client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/scripted_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::Conversation;
using testing::FailsFrom;
using testing::IsOk;
using testing::keep_answering;
using testing::ScriptedService;

Client client_of(const ScriptedService& service) {
  return Client::open({.endpoint = service.socket_path(),
                       .provider = ProviderId::Software,
                       .timeout = 50s,
                       .trust_any_socket = true})
      .value();
}

// What a child of fork() says by its exit status; -1 when it does not end in time.
template <typename Work>
int in_child(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    ::_exit(work());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ClientAfterFork, ChildHasAConnectionOfItsOwn) {
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(in_child([&] { return client.ping() && client.destroy_key("web") ? 0 : 1; }), 0);
  EXPECT_THAT(client.destroy_key("web"), IsOk());
  EXPECT_EQ(service.connections(), 2);
}

TEST(ClientAfterFork, SoHasAGrandchild) {
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(in_child([&] {
              if (!client.ping()) return 1;
              return in_child([&] { return client.ping() ? 0 : 2; });
            }),
            0);
  EXPECT_EQ(service.connections(), 3);
}

// Some of the threads hold locks when the process forks.
TEST(ClientAfterFork, ChildOfAProcessWhoseThreadsAreCallingIsNotStuck) {
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  std::atomic<bool> is_over = false;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      while (!is_over)
        if (!client.destroy_key("web")) ++failed;
    });
  for (int round = 0; round < 30; ++round) {
    // Nothing of the testing framework in the child: its locks may be held, too.
    EXPECT_EQ(in_child([&] { return client.ping() && client.destroy_key("web") ? 0 : 1; }), 0);
  }
  is_over = true;
  threads.clear();
  EXPECT_EQ(failed, 0);
}

TEST(ClientAfterFork, ChildThatDestroysItDisturbsNothing) {
  ScriptedService service(keep_answering);
  std::optional<Client> client = client_of(service);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(client->ping(), IsOk());
  EXPECT_EQ(in_child([&] {
              client.reset();
              return 0;
            }),
            0);
  EXPECT_THAT(client->destroy_key("web"), IsOk());
  EXPECT_EQ(service.connections(), 1);
}

// The child's copy of a descriptor would keep the connection alive after its parent closed it.
TEST(ClientAfterFork, ChildClosesWhatItInheritedWithItsFirstCall) {
  std::atomic<int> ended = 0;
  ScriptedService service([&](Conversation& conversation) {
    keep_answering(conversation);
    ++ended;
  });
  std::optional<Client> client = client_of(service);
  EXPECT_THAT(client->ping(), IsOk());
  std::array<int, 2> channel{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, channel.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    char byte = client->ping() ? 'y' : 'n';
    ::write(channel[1], &byte, 1);
    ::read(channel[1], &byte, 1);  // until the parent is satisfied
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(channel[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  client.reset();
  const auto end = std::chrono::steady_clock::now() + 40s;
  while (ended == 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(ended, 1) << "the parent's connection, while the child lives";
  ASSERT_EQ(::write(channel[0], &byte, 1), 1);
  ::waitpid(child, nullptr, 0);
}

// As a child that becomes a daemon: what it inherited is closed, and the numbers are used again.
class Reopened {
 public:
  Reopened() {
    ::closefrom(3);
    for (int& file : files_)
      file = ::memfd_create("the program's own", MFD_CLOEXEC);
  }
  bool are_untouched() const {
    return std::ranges::all_of(files_, [](int file) {
      struct stat status{};
      return ::fstat(file, &status) == 0 && status.st_size == 0;
    });
  }

 private:
  std::array<int, 40> files_{};
};

TEST(ClientAfterFork, ChildClosesNothingThatIsNotTheLibrarys) {
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(in_child([&] {
              const Reopened files;
              if (!client.ping()) return 1;
              return files.are_untouched() ? 0 : 2;
            }),
            0);
}

TEST(ClientAfterFork, ChildThatDestroysAnAsyncClientClosesNothingElse) {
  ScriptedService service(keep_answering);
  std::optional<AsyncClient> client =
      AsyncClient::open({.endpoint = service.socket_path(), .trust_any_socket = true}).value();
  ASSERT_THAT(client->start(requests::ping(), [](auto) {}), IsOk());
  EXPECT_EQ(in_child([&] {
              const Reopened files;
              client.reset();
              return files.are_untouched() ? 0 : 1;
            }),
            0);
}

TEST(ClientAfterFork, StopRequestedInAChildWritesNowhere) {
  std::atomic<bool> is_received = false;
  ScriptedService service([&](Conversation& conversation) {
    conversation.next();
    is_received = true;
    conversation.next();
  });
  std::stop_source stop;
  Client client = client_of(service).with_cancellation(stop.get_token());
  std::jthread calling([&] { EXPECT_FALSE(client.ping().has_value()); });
  while (!is_received)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(in_child([&] {
              const Reopened files;
              stop.request_stop();
              return files.are_untouched() ? 0 : 1;
            }),
            0);
  stop.request_stop();
}

TEST(ClientAfterFork, CancellingInAChildLeavesTheParentsTimerAlone) {
  ScriptedService service([](Conversation& conversation) {
    conversation.next();
    conversation.next();
  });
  AsyncClient client =
      AsyncClient::open({.endpoint = service.socket_path(), .trust_any_socket = true}).value();
  const auto late = client.start(requests::ping(), [](auto) {}, {.timeout = 50s});
  ASSERT_THAT(late, IsOk());
  client.process();
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    client.cancel(*late);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  pollfd one{.fd = client.descriptor(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&one, 1, 100), 0);
}

// The numbers of processes are used again, and each namespace has its own.
TEST(Process, ChildIsAnotherOneWhateverItsNumber) {
  const client::Process here = client::Process::current();
  EXPECT_EQ(here, client::Process::current());
  EXPECT_EQ(in_child([&] {
              const auto child = client::Process::current().forks;
              if (child == here.forks) return 1;
              return in_child([&] {
                const auto grandchild = client::Process::current().forks;
                return grandchild == child || grandchild == here.forks ? 2 : 0;
              });
            }),
            0);
}

TEST(ClientWithoutDescriptors, FailsAndWorksWhenThereAreSomeAgain) {
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int first_free = ::dup(0);
  ::close(first_free);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(first_free), .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  ClientResult<WireVersion> without = client.ping();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_THAT(without, FailsFrom(ErrorSource::Endpoint, Status::ConnectionError));
  EXPECT_THAT(client.ping(), IsOk());
}

TEST(ClientOfAnotherUser, HasAConnectionForEachEffectiveUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  constexpr uid_t kOther = 64001;
  std::atomic<uid_t> last_peer = 0;
  ScriptedService service([&](Conversation& conversation) {
    last_peer = conversation.peer();
    keep_answering(conversation);
  });
  const std::string path = service.socket_path();
  ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
  ASSERT_EQ(::chmod(path.substr(0, path.rfind('/')).c_str(), 0755), 0);
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(last_peer, 0);
  ASSERT_EQ(::seteuid(kOther), 0);
  ClientResult<WireVersion> as_other = client.ping();
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_THAT(as_other, IsOk());
  EXPECT_EQ(last_peer, kOther);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_EQ(service.connections(), 2) << "the first user's connection is used again";
}

TEST(ClientOfAnotherUser, HasNoMoreDescriptorsThanAFewUsersNeed) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ScriptedService service(keep_answering);
  const std::string path = service.socket_path();
  ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
  ASSERT_EQ(::chmod(path.substr(0, path.rfind('/')).c_str(), 0755), 0);
  Client client = client_of(service);
  const auto descriptors = [] {
    return std::ranges::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                 std::filesystem::directory_iterator());
  };
  const auto before = descriptors();
  for (int round = 0; round < 2; ++round)
    for (uid_t user = 64001; user < 64051; ++user) {
      ASSERT_EQ(::seteuid(user), 0);
      ClientResult<WireVersion> answer = client.ping();
      ASSERT_EQ(::seteuid(0), 0);
      EXPECT_THAT(answer, IsOk());
    }
  // The service's ends close when it sees that the client's have.
  for (int i = 0; i < 500 && descriptors() > before + 30; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_LE(descriptors(), before + 30);
}

// poll(2) refuses more descriptors than the limit allows.
TEST(ClientThatCannotPoll, SaysSo) {
  ScriptedService service([](Conversation& conversation) {
    for (int i = 0; i < 2; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
    conversation.next();
    conversation.next();
  });
  Client client = client_of(service);
  EXPECT_THAT(client.ping(), IsOk());
  EXPECT_THAT(client.ping(), IsOk());
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  ClientResult<> answer = client.with_timeout(5s).destroy_key("web");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_THAT(answer, FailsFrom(ErrorSource::Connection, Status::ConnectionError));
  EXPECT_TRUE(answer.error().outcome_is_unknown());
  EXPECT_EQ(answer.error().system_error(), EINVAL);
}

TEST(AsyncClientOfAnotherUser, StartsNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  ScriptedService service(keep_answering);
  AsyncClient client = AsyncClient::open({.endpoint = service.socket_path()}).value();
  ASSERT_EQ(::seteuid(64001), 0);
  const bool has_started = client.start(requests::ping(), [](auto) {}).has_value();
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_FALSE(has_started);
}

std::vector<std::string> descriptors_after_exec() {
  std::array<int, 2> pipe_ends{};
  if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe_ends[1], STDOUT_FILENO);
    ::execl("/bin/sh", "sh", "-c", "for f in /proc/$$/fd/*; do readlink $f; done", nullptr);
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t size = 0; (size = ::read(pipe_ends[0], buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(size));
  ::close(pipe_ends[0]);
  ::waitpid(child, nullptr, 0);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TEST(DescriptorsOfClients, AreNotInheritedByExec) {
  const auto kinds_held = [] {
    std::vector<std::string> held = descriptors_after_exec();
    return std::ranges::count_if(held, [](const std::string& target) {
      return target.starts_with("socket:") || target.starts_with("pipe:") ||
             target.starts_with("anon_inode:");
    });
  };
  const auto before = kinds_held();
  ScriptedService service(keep_answering);
  Client client = client_of(service);
  AsyncClient async = AsyncClient::open({.endpoint = service.socket_path()}).value();
  EXPECT_THAT(client.ping(), IsOk());
  bool is_done = false;
  ASSERT_THAT(async.start(requests::ping(), [&](auto) { is_done = true; }), IsOk());
  while (!is_done)
    async.process();
  EXPECT_EQ(kinds_held(), before);
}

TEST(ClientOfAServiceThatIsGone, IsNotKilledBySigpipe) {
  ASSERT_NE(std::signal(SIGPIPE, SIG_DFL), SIG_ERR);
  ScriptedService service([](Conversation& conversation) {
    for (int i = 0; i < 2; ++i)
      if (auto request = conversation.next()) conversation.answer(*request);
  });
  Client client = client_of(service);
  for (int i = 0; i < 8; ++i) {
    EXPECT_THAT(client.ping(), IsOk());
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace
}  // namespace strongroom
