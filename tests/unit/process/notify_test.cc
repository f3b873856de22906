#include "service/process/notify.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "tests/unit/process/in_child.h"

namespace strongroom {
namespace {

using testing::holds_in_child;

// A service manager's end, on a name in the abstract namespace.
class Manager {
 public:
  Manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string name = "strongroom-notify-test-" + std::to_string(getpid());
    name.copy(address.sun_path + 1, name.size());
    const auto length = offsetof(sockaddr_un, sun_path) + 1 + name.size();
    is_bound_ = bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address),
                     static_cast<socklen_t>(length)) == 0 &&
                setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1) == 0;
  }
  std::string received() const {
    std::string message(256, '\0');
    const ssize_t length = recv(socket_.get(), message.data(), message.size(), MSG_DONTWAIT);
    message.resize(is_bound_ && length > 0 ? static_cast<std::size_t>(length) : 0);
    return message;
  }

 private:
  UniqueFd socket_;
  bool is_bound_ = false;
};

TEST(Notify, TellsTheServiceManager) {
  EXPECT_TRUE(holds_in_child([] {
    const Manager manager;
    notify_ready("serving 2 sockets");
    const bool is_ready = manager.received() == "READY=1\nSTATUS=serving 2 sockets";
    notify_stopping("draining");
    const bool is_stopping = manager.received() == "STOPPING=1\nSTATUS=draining";
    notify_status("well");
    const bool has_status = manager.received() == "STATUS=well";
    notify_alive("well");
    const bool is_alive = manager.received() == "WATCHDOG=1\nSTATUS=well";
    return is_ready && is_stopping && has_status && is_alive;
  }));
}

TEST(Notify, TellsSinceWhenItReloads) {
  EXPECT_TRUE(holds_in_child([] {
    const Manager manager;
    const auto now = [] {
      timespec time{};
      clock_gettime(CLOCK_MONOTONIC, &time);
      return time.tv_sec * 1'000'000 + time.tv_nsec / 1000;
    };
    const auto before = now();
    notify_reloading("reloading");
    const std::string message = manager.received();
    const std::string begin = "RELOADING=1\nMONOTONIC_USEC=";
    if (!message.starts_with(begin) || !message.ends_with("\nSTATUS=reloading")) return false;
    const long long said = std::stoll(message.substr(begin.size()));
    return before <= said && said <= now();
  }));
}

TEST(Notify, KnowsWhenALifeSignIsAwaited) {
  EXPECT_TRUE(holds_in_child([] {
    unsetenv("WATCHDOG_USEC");
    if (watchdog_patience()) return false;
    setenv("WATCHDOG_USEC", "3000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    if (watchdog_patience()) return false;  // another's
    setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
    return watchdog_patience() == std::chrono::seconds(3);
  }));
}

TEST(Notify, IsQuietWhereThereIsNone) {
  EXPECT_TRUE(holds_in_child([] {
    unsetenv("NOTIFY_SOCKET");
    notify_ready("serving");
    return true;
  }));
}

}  // namespace
}  // namespace strongroom
