#include "service/process/hardening.h"

#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include "base/secret_buffer.h"
#include "base/unique_fd.h"
#include "tests/support/matchers.h"
#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

using testing::holds_in_child;

// An ordinary user with a finite limit.
bool must_not_lock() {
  constexpr rlim_t kMebibyte = 1UL << 20;
  const rlimit limit{.rlim_cur = kMebibyte, .rlim_max = kMebibyte};
  if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
  return geteuid() != 0 || setresuid(64001, 64001, 64001) == 0;
}

TEST(Hardening, ClosedStandardStreamsAreNotTakenByOthers) {
  EXPECT_TRUE(holds_in_child([] {
    close(STDIN_FILENO);
    close(STDERR_FILENO);
    if (!occupy_standard_streams()) return false;
    const UniqueFd next(open("/dev/zero", O_RDONLY | O_CLOEXEC));
    return next.get() > STDERR_FILENO && write(STDERR_FILENO, "x", 1) == 1 &&
           read(STDIN_FILENO, std::string(1, ' ').data(), 1) == 0;
  }));
}

TEST(Hardening, WritingToAPeerThatHasGoneIsAnErrorCode) {
  EXPECT_TRUE(holds_in_child([] {
    int ends[2];
    if (!ignore_broken_pipes() || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return false;
    close(ends[1]);
    return write(ends[0], "x", 1) == -1 && errno == EPIPE;
  }));
}

TEST(Hardening, RootIsRefusedUnlessAllowed) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_THAT(refuse_root(), testing::FailsWith(Status::PsaErrorGenericError));
  EXPECT_TRUE(holds_in_child([] {
    return !harden({.allow_root = false, .require_locked_memory = false}) &&
           harden({.allow_root = true, .require_locked_memory = false});
  }));
}

TEST(Hardening, AnyRemainderOfRootIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_TRUE(holds_in_child([] { return setresuid(64001, 64001, 0) == 0 && !refuse_root(); }));
  EXPECT_TRUE(holds_in_child([] { return setresuid(64001, 64001, 64001) == 0 && refuse_root(); }));
}

TEST(Hardening, LeavesNoCoreFile) {
  EXPECT_TRUE(holds_in_child([] {
    rlimit limit{.rlim_cur = 1, .rlim_max = 1};
    return forbid_core_dumps() && getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
           limit.rlim_max == 0;
  }));
}

// Sanitizers have to read the memory of their process, and do not lock it.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Hardening, KeepsOtherProcessesOfTheUserOut) {
  EXPECT_TRUE(holds_in_child([] {
    return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 && forbid_inspection() &&
           prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
  }));
}

TEST(Hardening, LocksMemoryOrSaysThatItDoesNot) {
  EXPECT_TRUE(holds_in_child([] {
    const auto is_locked = lock_memory();
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmLck:"))
        return is_locked && *is_locked == (line.find(" 0 kB") == line.npos);
    return false;
  }));
}
#endif

TEST(Hardening, NewFilesAreOursAlone) {
  EXPECT_TRUE(holds_in_child([] {
    keep_new_files_private();
    const UniqueFd file(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666));
    struct stat status{};
    return file && fstat(file.get(), &status) == 0 && (status.st_mode & 0777) == 0600;
  }));
}

TEST(Hardening, DoesNotLockWhatAFiniteLimitMayRefuseLater) {
  EXPECT_TRUE(holds_in_child([] {
    if (!must_not_lock()) return false;
    const auto locked = lock_memory();
    return locked && !*locked;
  }));
}

TEST(Hardening, AFiniteLimitIsRefusedWhereLockingIsRequired) {
  EXPECT_TRUE(holds_in_child([] {
    if (!must_not_lock()) return false;
    const auto result = harden({.allow_root = false, .require_locked_memory = true});
    return !result && result.error().message() ==
                          "locking memory: RLIMIT_MEMLOCK is 1024 KiB and has to be unlimited; "
                          "'require_locked_memory = false' in [service] would go on without";
  }));
}

TEST(Hardening, AFiniteLimitIsAWarningElsewhere) {
  EXPECT_TRUE(holds_in_child([] {
    return must_not_lock() && harden({.allow_root = false, .require_locked_memory = false});
  }));
}

TEST(Hardening, SecretsLiveOnTheSecureHeapAfterwards) {
  EXPECT_TRUE(holds_in_child([] {
    if (!create_secure_heap()) return false;
    const auto secret = SecretBuffer::of_size(32);
    return secret && CRYPTO_secure_allocated(secret->reveal().data()) == 1;
  }));
}

TEST(Hardening, NothingExecutedGainsPrivileges) {
  EXPECT_TRUE(holds_in_child(
      [] { return forbid_new_privileges() && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }));
}

}  // namespace
}  // namespace strongroom
