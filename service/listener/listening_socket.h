// A socket that clients connect to: bound by us, or passed to us by the service manager.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"
#include "service/listener/passed_descriptors.h"

namespace strongroom {

struct SocketSettings {
  std::string path;  // at most 107 bytes; its directory exists
  mode_t mode = 0660;
  std::optional<uid_t> owner;  // empty: the daemon's
  std::optional<gid_t> group;
  std::string passed_name;  // by which the service manager may pass it instead; may be empty
  bool is_admin = false;    // serves administrators
  std::string tenant;       // whose requests all that come in here are; empty: the peers' own users
  bool operator==(const SocketSettings&) const = default;
};

// Listens, does not block, is closed on exec. Whom it serves is fixed; the descriptor may be shared
// with another that serves others, and is closed with the last. All failures are ConnectionError.
class ListeningSocket {
 public:
  // Nobody can connect before owner and mode are set. Takes the place of a socket that nobody
  // listens on any more; anything else at the path is left alone and is an error. The file goes
  // with the descriptor, unless it is another's by then.
  static Result<ListeningSocket> bind(const SocketSettings& settings);
  // For a descriptor made by another; its file, owner and mode are that one's affair.
  static Result<ListeningSocket> adopt(PassedDescriptor passed, const SocketSettings& settings);

  ListeningSocket(ListeningSocket&&) noexcept = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;

  // Another on the same descriptor, for those whom `settings` name.
  ListeningSocket serving(const SocketSettings& settings) const;
  // Gives the file the owner, group and mode of `now` where they differ from those of `before`. A
  // passed one's are not ours to give.
  Result<> permit(const SocketSettings& before, const SocketSettings& now) const;
  // Takes the file away: who is connected, or waits to be accepted, stays.
  void hide() const;

  int descriptor() const noexcept { return open_->descriptor.get(); }
  // No other has it, whatever the descriptor.
  std::uint64_t number() const noexcept { return number_; }
  bool is_passed() const noexcept { return !open_->file; }
  // For logs: the path, or the descriptor's name.
  const std::string& name() const noexcept { return name_; }
  bool is_admin() const noexcept { return is_admin_; }
  const std::string& tenant() const noexcept { return tenant_; }

 private:
  // The file we made, so that nobody else's is touched, nor ours by a forked child.
  struct OwnFile {
    dev_t device;
    ino_t inode;
    pid_t maker;
  };
  struct Open {
    explicit Open(UniqueFd opened) noexcept : descriptor(std::move(opened)) {}
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() { remove_file(); }
    Result<> take_path(const std::string& wanted);
    bool has_file() const;
    void remove_file() const;

    const UniqueFd descriptor;
    std::string path;
    std::optional<OwnFile> file;  // once the path is taken
  };

  ListeningSocket(std::shared_ptr<const Open> open, std::string name,
                  const SocketSettings& settings);

  std::shared_ptr<const Open> open_;
  std::string name_;
  bool is_admin_;
  std::string tenant_;
  std::uint64_t number_;
};
using ListeningSocketPtr = std::shared_ptr<const ListeningSocket>;

}  // namespace strongroom
