// The spawner: what it starts, what that inherits, and how all of it ends.
#include "service/spawner/spawner.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/eventually.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::FailsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

const std::set<std::string> kOwn{"0", "1", "2", "3"};  // streams and socket

bool is_alive(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(status, line)) return false;
  return line.substr(line.rfind(')') + 2, 1) != "Z";
}

bool ends_soon(pid_t pid) {
  return eventually([pid] { return !is_alive(pid); });
}

std::size_t children_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", pid));
  return static_cast<std::size_t>(
      std::distance(std::istream_iterator<pid_t>(file), std::istream_iterator<pid_t>()));
}

std::string file_of(pid_t pid, const char* name) {
  std::ifstream file(fmt::format("/proc/{}/{}", pid, name));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> descriptors_of(pid_t pid) {
  std::set<std::string> found;
  std::error_code failure;
  for (const auto& each :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), failure))
    found.insert(each.path().filename());
  return found;
}

std::string descriptor_of(pid_t pid, int number) {
  std::error_code failure;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/fd/{}", pid, number), failure);
}

// A program that waits for the end of its socket, which is what workers do.
class SpawnerTest : public ::testing::Test {
 protected:
  static std::shared_ptr<Spawner> forked(
      const std::string& program, std::chrono::milliseconds patience = std::chrono::seconds(5)) {
    auto spawner = Spawner::fork(program, patience);
    EXPECT_THAT(spawner, IsOk());
    return *std::move(spawner);
  }

  std::unique_ptr<token_worker::WorkerProcess> start(Spawner& spawner) {
    auto process = try_to_start(spawner);
    EXPECT_THAT(process, IsOk());
    return *std::move(process);
  }
  Result<std::unique_ptr<token_worker::WorkerProcess>> try_to_start(Spawner& spawner) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    ours = UniqueFd(ends[0]);
    return spawner.start(UniqueFd(ends[1]));
  }

  UniqueFd ours;
};

TEST_F(SpawnerTest, AWorkerHasItsSocketAndNothingElseOfTheService) {
  UniqueFd secret(::open("/dev/zero", O_RDONLY));  // would be inherited
  ::setenv("SPAWNER_TEST", "1", 1);
  auto spawner = forked(WAITING_PROGRAM);
  UniqueFd later(::open("/dev/zero", O_RDONLY));
  auto worker = start(*spawner);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they have files of their own
  // Once the program has been loaded, and what it consists of is closed again.
  EXPECT_TRUE(eventually([&] { return descriptors_of(worker->pid()) == kOwn; }));
#endif
  // A pipe of its own: whatever it does to that, the service's stays as it is.
  for (int number : {STDIN_FILENO, STDOUT_FILENO})
    EXPECT_EQ(descriptor_of(worker->pid(), number), "/dev/null");
  EXPECT_THAT(descriptor_of(worker->pid(), STDERR_FILENO), HasSubstr("pipe:"));
  EXPECT_NE(descriptor_of(worker->pid(), STDERR_FILENO), descriptor_of(::getpid(), STDERR_FILENO));
  EXPECT_THAT(file_of(worker->pid(), "environ"), IsEmpty());
  EXPECT_EQ(file_of(worker->pid(), "cmdline"), std::string(WAITING_PROGRAM) + '\0');
  EXPECT_THAT(file_of(worker->pid(), "status"), HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(file_of(worker->pid(), "limits"),
              ::testing::ContainsRegex("Max core file size +0 +0"));
}

TEST_F(SpawnerTest, AWorkerIsLimitedAndTheFirstToGoWhenMemoryEnds) {
  auto spawner = forked(WAITING_PROGRAM);
  auto worker = start(*spawner);
  const std::string limits = file_of(worker->pid(), "limits");
  const auto is_at_most = [&](const char* name, long most) {
    const auto at = limits.find(name);
    return at != limits.npos && std::strtol(limits.c_str() + at + 26, nullptr, 10) <= most &&
           limits.substr(at + 26, 9) != "unlimited";
  };
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_TRUE(is_at_most("Max data size", 1L << 30U)) << limits;
#endif
  EXPECT_TRUE(is_at_most("Max file size", 1L << 28U)) << limits;
  EXPECT_TRUE(is_at_most("Max locked memory", 1L << 24U)) << limits;
  EXPECT_TRUE(is_at_most("Max processes", 2048)) << limits;
  EXPECT_TRUE(is_at_most("Max open files", 1024)) << limits;
  EXPECT_GE(std::stoi(file_of(worker->pid(), "oom_score_adj")), 500);
}

TEST_F(SpawnerTest, TheSpawnerHasNothingButItsSocket) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root";
  UniqueFd secret(::open("/dev/zero", O_RDONLY));
  auto spawner = forked(WAITING_PROGRAM);
  auto worker = start(*spawner);
  // The last is what the worker says.
  EXPECT_THAT(descriptors_of(spawner->pid()), SizeIs(kOwn.size() + 1));
  std::ignore = worker->kill();
  EXPECT_TRUE(eventually([&] { return descriptors_of(spawner->pid()) == kOwn; }));
#if !defined(__SANITIZE_THREAD__)  // it has a thread of its own
  EXPECT_THAT(file_of(spawner->pid(), "status"), HasSubstr("Threads:\t1\n"));
#endif
}

TEST_F(SpawnerTest, HowAWorkerEndedIsTold) {
  auto spawner = forked(WAITING_PROGRAM);
  auto crashed = start(*spawner);
  ASSERT_EQ(::kill(crashed->pid(), SIGSEGV), 0);
  EXPECT_TRUE(ends_soon(crashed->pid()));
  EXPECT_THAT(crashed->kill(), HasSubstr("killed by signal 11"));
  auto stopped = start(*spawner);
  ASSERT_EQ(::kill(stopped->pid(), SIGSTOP), 0);
  EXPECT_THAT(stopped->kill(), HasSubstr("killed by signal 9"));
  EXPECT_FALSE(is_alive(stopped->pid()));
}

TEST_F(SpawnerTest, AWorkerThatIsLetEndMayDoSoInOrder) {
  auto spawner = forked(WAITING_PROGRAM);
  auto worker = start(*spawner);
  worker->let_end();
  EXPECT_TRUE(is_alive(worker->pid()));
  ours.reset();
  EXPECT_TRUE(ends_soon(worker->pid()));
}

TEST_F(SpawnerTest, AWorkerThatDoesNotEndIsKilled) {
  auto spawner = forked(WAITING_PROGRAM);
  auto worker = start(*spawner);
  const pid_t pid = worker->pid();
  ASSERT_EQ(::kill(pid, SIGSTOP), 0);
  worker.reset();
  EXPECT_TRUE(ends_soon(pid));
}

TEST_F(SpawnerTest, SignalsToAllProcessesOfTheServiceEndNeitherSpawnerNorWorkers) {
  auto spawner = forked(WAITING_PROGRAM);
  auto worker = start(*spawner);
  for (int signal : {SIGTERM, SIGINT, SIGHUP})
    for (pid_t pid : {spawner->pid(), worker->pid()})
      ASSERT_EQ(::kill(pid, signal), 0);
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(is_alive(worker->pid()));
  auto another = start(*spawner);
  EXPECT_TRUE(is_alive(another->pid()));
}

TEST_F(SpawnerTest, WorkersEndWithTheirSpawnerAndAnotherStartsThemFromThen) {
  auto spawner = forked(WAITING_PROGRAM);
  auto lost = start(*spawner);
  const pid_t first = spawner->pid();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  EXPECT_TRUE(ends_soon(lost->pid()));
  auto worker = start(*spawner);
  EXPECT_TRUE(is_alive(worker->pid()));
  EXPECT_NE(spawner->pid(), first);
  EXPECT_FALSE(std::filesystem::exists(fmt::format("/proc/{}", first)));  // it is reaped
  EXPECT_FALSE(spawner->is_gone());
  EXPECT_THAT(lost->kill(), HasSubstr("its workers with it"));
  EXPECT_TRUE(is_alive(worker->pid()));
}

TEST_F(SpawnerTest, WithoutASpawnerNobodyStartsWorkers) {
  auto spawner = forked(WAITING_PROGRAM);
  for (int i = 0; i < 2; ++i) {
    auto worker = start(*spawner);
    ASSERT_EQ(::kill(spawner->pid(), SIGKILL), 0);
    EXPECT_TRUE(ends_soon(worker->pid()));
    EXPECT_FALSE(spawner->is_gone());
  }
  auto refused = try_to_start(*spawner);
  ASSERT_THAT(refused, FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_THAT(refused.error().message(), HasSubstr("the service ends"));
  EXPECT_TRUE(spawner->is_gone());
}

TEST_F(SpawnerTest, ASpawnerThatDoesNotAnswerIsReplacedIfThereIsAnother) {
  auto spawner = forked(WAITING_PROGRAM, 3s);
  auto worker = start(*spawner);
  const pid_t stopped = spawner->pid();
  ASSERT_EQ(::kill(stopped, SIGSTOP), 0);
  EXPECT_THAT(try_to_start(*spawner), FailsWith(Status::PsaErrorCommunicationFailure));
  EXPECT_EQ(spawner->pid(), stopped);
  auto another = start(*spawner);
  EXPECT_TRUE(is_alive(another->pid()));
  EXPECT_FALSE(is_alive(stopped));
  EXPECT_TRUE(ends_soon(worker->pid()));
}

TEST_F(SpawnerTest, AnAnswerThatComesLateIsPassedOver) {
  auto spawner = forked(WAITING_PROGRAM, 3s);
  auto before = start(*spawner);
  const UniqueFd kept = std::move(ours);  // without it the worker ends
  ASSERT_EQ(::kill(spawner->pid(), SIGSTOP), 0);
  EXPECT_THAT(try_to_start(*spawner), FailsWith(Status::PsaErrorCommunicationFailure));
  const UniqueFd its = std::move(ours);
  EXPECT_FALSE(spawner->is_gone());
  ASSERT_EQ(::kill(spawner->pid(), SIGCONT), 0);
  auto another = start(*spawner);
  EXPECT_TRUE(is_alive(before->pid()));
  // Nobody has it, and it has a socket that is still open.
  EXPECT_TRUE(eventually([&] { return children_of(spawner->pid()) == 2; }));
  EXPECT_THAT(another->kill(), HasSubstr("killed by signal 9"));
}

TEST_F(SpawnerTest, ASpawnerThatCannotEndIsNotWaitedForForEver) {
  auto spawner = forked(WAITING_PROGRAM);
  const pid_t pid = spawner->pid();
  ASSERT_EQ(::kill(pid, SIGSTOP), 0);
  spawner.reset();
  EXPECT_FALSE(is_alive(pid));
}

// Inline PINs of a configuration are in its memory.
TEST_F(SpawnerTest, NobodyLooksIntoTheSpawner) {
  auto spawner = forked(WAITING_PROGRAM);
  std::ignore = start(*spawner)->kill();  // it has begun
  struct stat owner{};
  ASSERT_EQ(::stat(fmt::format("/proc/{}/environ", spawner->pid()).c_str(), &owner), 0);
  EXPECT_EQ(owner.st_uid, 0U);  // proc(5): of one that is not dumpable
  if (::getuid() == 0) {
    EXPECT_EQ(descriptor_of(spawner->pid(), STDIN_FILENO), "/dev/null");
    EXPECT_EQ(descriptor_of(spawner->pid(), STDOUT_FILENO), "/dev/null");
  } else {
    EXPECT_THAT(descriptors_of(spawner->pid()), IsEmpty());
  }
}

// A service that is killed: its spawner, and the workers of that, go with it.
TEST_F(SpawnerTest, TheSpawnerAndItsWorkersEndWithTheService) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const pid_t service = ::fork();
  ASSERT_GE(service, 0);
  if (service == 0) {
    auto spawner = forked(WAITING_PROGRAM);
    auto worker = start(*spawner);
    const std::array<pid_t, 2> pids{spawner->pid(), worker->pid()};
    std::ignore = ::write(ends[1], pids.data(), sizeof pids);
    ::pause();
    ::_exit(0);
  }
  std::array<pid_t, 2> pids{};
  ASSERT_EQ(::read(ends[0], pids.data(), sizeof pids), static_cast<ssize_t>(sizeof pids));
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_EQ(::kill(service, SIGKILL), 0);
  ::waitpid(service, nullptr, 0);
  EXPECT_TRUE(ends_soon(pids[0]));
  EXPECT_TRUE(ends_soon(pids[1]));
}

TEST_F(SpawnerTest, AProgramThatCannotBeExecutedIsSaidToBeSo) {
  auto spawner = forked("/nonexistent/program");
  for (int i = 0; i < 2; ++i) {
    auto started = try_to_start(*spawner);
    ASSERT_THAT(started, FailsWith(Status::PsaErrorCommunicationFailure));
    EXPECT_THAT(started.error().message(), HasSubstr("/nonexistent/program"));
    EXPECT_THAT(started.error().message(), HasSubstr("errno 2"));
  }
}

}  // namespace
}  // namespace strongroom
