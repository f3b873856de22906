#include "service/auth/peer_processes.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

constexpr uid_t kAnother = 64001;

// A process that does nothing until it is told to end, which it is at the latest with this object.
class Child {
 public:
  explicit Child(pid_t pid) noexcept : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  pid_t pid() const noexcept { return pid_; }
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

class PeerProcessesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    listening_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // An abstract name of the kernel's choice (unix(7), autobind).
    address_.sun_family = AF_UNIX;
    ASSERT_EQ(::bind(listening_.get(), generic(), sizeof(sa_family_t)), 0);
    size_ = sizeof address_;
    ASSERT_EQ(::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address_), &size_), 0);
    ASSERT_EQ(::listen(listening_.get(), 16), 0);
  }

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&address_); }

  UniqueFd connected() const {
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(socket.get(), generic(), size_) == 0 ? std::move(socket) : UniqueFd();
  }
  // A process that has connected as many times.
  pid_t connecting(int times) const {
    int done[2];
    EXPECT_EQ(::pipe(done), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      bool is_well = true;
      for (int i = 0; i < times; ++i)
        is_well = connected().release() >= 0 && is_well;
      if (::write(done[1], is_well ? "y" : "n", 1) == 1) ::pause();
      ::_exit(0);
    }
    char answer = 'n';
    EXPECT_EQ(::read(done[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    ::close(done[0]);
    ::close(done[1]);
    return child;
  }

  struct Accepted {
    UniqueFd socket;
    ucred peer{};
  };
  Accepted accept() const {
    Accepted accepted{.socket = UniqueFd(::accept(listening_.get(), nullptr, nullptr))};
    socklen_t size = sizeof accepted.peer;
    EXPECT_EQ(::getsockopt(accepted.socket.get(), SOL_SOCKET, SO_PEERCRED, &accepted.peer, &size),
              0);
    return accepted;
  }

  UniqueFd listening_;
  sockaddr_un address_{};
  socklen_t size_ = 0;
};

ProcessLookup kernel_without_peer_descriptors() {
  ProcessLookup lookup = ProcessLookup::of_the_kernel();
  lookup.peer_of = [](int) { return ProcessLookup::PeerDescriptor{{}, ENOPROTOOPT}; };
  return lookup;
}
ProcessLookup kernel_without_unique_inodes() {
  ProcessLookup lookup = ProcessLookup::of_the_kernel();
  lookup.has_unique_inodes = false;
  return lookup;
}

bool gives_descriptors_of_peers(int socket) {
  return static_cast<bool>(ProcessLookup::of_the_kernel().peer_of(socket).pidfd);
}

TEST_F(PeerProcessesTest, ConnectionsOfOneProcessShareItAndItGoesWithTheLast) {
  for (const ProcessLookup& lookup :
       {ProcessLookup::of_the_kernel(), kernel_without_unique_inodes(),
        kernel_without_peer_descriptors()}) {
    const auto processes = PeerProcesses::create(lookup);
    const Child one(connecting(2));
    const Child other(connecting(1));
    const Accepted sockets[] = {accept(), accept(), accept()};
    auto first = processes->process_of(sockets[0].socket.get(), sockets[0].peer);
    auto second = processes->process_of(sockets[1].socket.get(), sockets[1].peer);
    auto third = processes->process_of(sockets[2].socket.get(), sockets[2].peer);
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first, second);
    ASSERT_NE(third, nullptr);
    EXPECT_NE(first, third);
    EXPECT_EQ(processes->size(), 2U);
    first.reset();
    EXPECT_EQ(processes->size(), 2U);
    second.reset();
    EXPECT_EQ(processes->size(), 1U);
    third.reset();
    EXPECT_EQ(processes->size(), 0U);
  }
}

TEST_F(PeerProcessesTest, ProcessHasExitedForAllItsConnections) {
  for (const ProcessLookup& lookup :
       {ProcessLookup::of_the_kernel(), kernel_without_unique_inodes(),
        kernel_without_peer_descriptors()}) {
    const auto processes = PeerProcesses::create(lookup);
    Child child(connecting(1));
    const Accepted accepted = accept();
    const auto process = processes->process_of(accepted.socket.get(), accepted.peer);
    ASSERT_NE(process, nullptr);
    EXPECT_FALSE(process->has_exited());
    child.end();
    EXPECT_TRUE(process->has_exited());
  }
}

TEST_F(PeerProcessesTest, ProcessGoneBeforeItIsAskedForIsNotAlive) {
  for (const ProcessLookup& lookup :
       {ProcessLookup::of_the_kernel(), kernel_without_unique_inodes(),
        kernel_without_peer_descriptors()}) {
    const auto processes = PeerProcesses::create(lookup);
    Child child(connecting(1));
    child.end();
    const Accepted accepted = accept();
    const auto process = processes->process_of(accepted.socket.get(), accepted.peer);
    EXPECT_TRUE(process == nullptr || process->has_exited());
  }
}

// fork() that gives the child the number `pid`; as another user, if that is asked.
pid_t fork_numbered(pid_t pid, uid_t uid) {
  clone_args how{};
  how.exit_signal = SIGCHLD;
  how.set_tid = reinterpret_cast<std::uint64_t>(&pid);
  how.set_tid_size = 1;
  const auto child = static_cast<pid_t>(::syscall(SYS_clone3, &how, sizeof how));
  if (child != 0) return child;
  if (::syscall(SYS_setresuid, uid, uid, uid) == 0) ::pause();
  ::_exit(1);
}

TEST_F(PeerProcessesTest, RecycledNumberIsNeverThePeer) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Child peer(connecting(1));
  const pid_t number = peer.pid();
  peer.end();
  const Accepted accepted = accept();
  ASSERT_EQ(accepted.peer.pid, number);
  if (!gives_descriptors_of_peers(accepted.socket.get()))
    GTEST_SKIP() << "needs SO_PEERPIDFD of processes that are gone";

  const Child usurper(fork_numbered(number, 0));
  ASSERT_EQ(usurper.pid(), number) << "errno " << errno;
  for (const ProcessLookup& lookup :
       {ProcessLookup::of_the_kernel(), kernel_without_unique_inodes()}) {
    const auto process =
        PeerProcesses::create(lookup)->process_of(accepted.socket.get(), accepted.peer);
    EXPECT_TRUE(process == nullptr || process->has_exited());
  }
}

TEST_F(PeerProcessesTest, WithoutPeerDescriptorsAnotherUsersProcessIsNeverThePeer) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Child peer(connecting(1));
  const pid_t number = peer.pid();
  peer.end();
  const Accepted accepted = accept();
  const Child usurper(fork_numbered(number, kAnother));
  ASSERT_EQ(usurper.pid(), number) << "errno " << errno;
  const auto processes = PeerProcesses::create(kernel_without_peer_descriptors());
  while (ProcessLookup::of_the_kernel().read_facts(number)->uid != kAnother)
    ::sched_yield();
  EXPECT_EQ(processes->process_of(accepted.socket.get(), accepted.peer), nullptr);
}

// A kernel without SO_PEERPIDFD, on which the number of this process changes hands.
class RecyclingKernel {
 public:
  ProcessLookup lookup() {
    return {
        .peer_of = [](int) { return ProcessLookup::PeerDescriptor{{}, ENOPROTOOPT}; },
        .open = [this](pid_t) { return UniqueFd(::dup(pidfd_.get())); },
        .read_facts = [this](pid_t) { return facts_.at(std::min(asked_++, facts_.size() - 1)); },
        .has_unique_inodes = false};
  }
  std::shared_ptr<const PeerProcess> answer(std::vector<std::optional<ProcessFacts>> facts) {
    facts_ = std::move(facts);
    asked_ = 0;
    return PeerProcesses::create(lookup())->process_of(-1, {.pid = 5, .uid = 1000, .gid = 1000});
  }
  void exit() { child_.end(); }

 private:
  static pid_t idle() {
    const pid_t child = ::fork();
    if (child == 0) {
      ::pause();
      ::_exit(0);
    }
    return child;
  }

  Child child_{idle()};
  const UniqueFd pidfd_{static_cast<int>(::syscall(SYS_pidfd_open, child_.pid(), 0))};
  std::vector<std::optional<ProcessFacts>> facts_;
  std::size_t asked_ = 0;
};

TEST(PeerProcesses, WithoutPeerDescriptorsOnlyTheUndoubtedOneIsTaken) {
  const ProcessFacts peer{.started = 10, .uid = 1000};
  const ProcessFacts later{.started = 11, .uid = 1000};
  const ProcessFacts foreign{.started = 10, .uid = 1001};
  RecyclingKernel kernel;
  EXPECT_NE(kernel.answer({peer}), nullptr);
  EXPECT_EQ(kernel.answer({peer, later}), nullptr) << "recycled while it was looked at";
  EXPECT_EQ(kernel.answer({std::nullopt, peer}), nullptr);
  EXPECT_EQ(kernel.answer({peer, std::nullopt}), nullptr);
  EXPECT_EQ(kernel.answer({foreign}), nullptr) << "of another user";
  kernel.exit();
  EXPECT_EQ(kernel.answer({peer}), nullptr) << "gone by the time it was known";
}

TEST(PeerProcesses, NumberThatCannotBeSeenFromHereIsNotLookedUp) {
  const auto processes = PeerProcesses::create(kernel_without_peer_descriptors());
  EXPECT_EQ(processes->process_of(-1, {.pid = 0, .uid = 0, .gid = 0}), nullptr);
}

TEST(PeerProcesses, FailureToGetADescriptorLeavesItUnknown) {
  ProcessLookup exhausted = ProcessLookup::of_the_kernel();
  exhausted.peer_of = [](int) { return ProcessLookup::PeerDescriptor{{}, EMFILE}; };
  const auto processes = PeerProcesses::create(exhausted);
  EXPECT_EQ(processes->process_of(-1, {.pid = ::getpid(), .uid = ::getuid(), .gid = 0}), nullptr);
}

}  // namespace
}  // namespace strongroom
