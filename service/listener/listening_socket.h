// A socket that clients connect to: bound by us, or passed to us by the service manager.
#pragma once

#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <vector>

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
};

// Listens, does not block, is closed on exec. All failures are ConnectionError.
class ListeningSocket {
 public:
  // Nobody can connect before owner and mode are set. Takes the place of a socket that nobody
  // listens on any more; anything else at the path is left alone and is an error. The file goes
  // with this object, unless it is another's by then.
  static Result<ListeningSocket> bind(const SocketSettings& settings);
  // For a descriptor made by another; its file, owner and mode are that one's affair.
  static Result<ListeningSocket> adopt(PassedDescriptor passed, const SocketSettings& settings);

  ListeningSocket(ListeningSocket&&) noexcept = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int descriptor() const noexcept { return descriptor_.get(); }
  // For logs: the path, or the descriptor's name.
  const std::string& name() const noexcept { return name_; }
  bool is_admin() const noexcept { return is_admin_; }
  const std::string& tenant() const noexcept { return tenant_; }

 private:
  // The file we made, so that nobody else's is removed, nor ours by a forked child.
  struct OwnFile {
    dev_t device;
    ino_t inode;
    pid_t maker;
  };

  ListeningSocket(UniqueFd descriptor, std::string name, const SocketSettings& settings)
      : descriptor_(std::move(descriptor)),
        name_(std::move(name)),
        is_admin_(settings.is_admin),
        tenant_(settings.tenant) {}
  Result<> take_path(const SocketSettings& settings);

  UniqueFd descriptor_;
  std::string name_;
  bool is_admin_;
  std::string tenant_;
  std::optional<OwnFile> file_;
};

// One for each of the settings, in their order: the passed descriptor of its name, else the next
// passed one without a name, else bound at its path. A descriptor that none of them takes is an
// error: somebody expects to be served there.
Result<std::vector<ListeningSocket>> open_listening_sockets(
    const std::vector<SocketSettings>& settings, std::vector<PassedDescriptor> passed);

}  // namespace strongroom
