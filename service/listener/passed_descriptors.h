// Descriptors that the service manager passes to the process it starts (sd_listen_fds(3)).
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace strongroom {

struct PassedDescriptor {
  std::string name;  // as FileDescriptorName= gives it
  UniqueFd descriptor;

  // systemd names a descriptor after its unit, or "unknown", when nobody chose a name.
  bool is_unnamed() const noexcept;
};

// Takes them all and their announcement out of the environment, so that a second call and child
// processes find none. Before other threads start. ConnectionError.
Result<std::vector<PassedDescriptor>> take_passed_descriptors();

}  // namespace strongroom
