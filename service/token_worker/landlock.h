// What a process may do with files, by Landlock (landlock(7)).
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace strongroom::landlock {

enum class Use {
  Read,   // files and directories
  Write,  // and change them, make and remove others, ask devices
};

// What lies below `path`, which may be a file.
struct Rule {
  std::string path;
  Use use;
};

// The kernel's; 0 where there is none, or it was switched off when the kernel was started.
int abi();

// PsaErrorNotPermitted for a kernel without it, naming the setting that allows that.
Result<> require(int abi);

// What a kernel of that ABI cannot refuse, in words for the operator; empty when nothing.
std::string lacking(int abi);

// Nothing but these from here on, for this thread and those that it starts: not even executing
// files, and no signals to other processes; no TCP, or none that is served with `may_use_network`;
// as far as `abi`, which the kernel has, goes. Paths that do not exist are passed over.
Result<> restrict_to(const std::vector<Rule>& rules, bool may_use_network, int abi);

// Whether one of `hidden` lies at, above or below `path`.
bool touches(const std::string& path, const std::vector<std::string>& hidden);

// `path` without what lies at or below one of `hidden`: itself, or those of its entries that are
// not among them. Absolute ones without symbolic links, as far as they exist.
std::vector<std::string> without(const std::string& path, const std::vector<std::string>& hidden);

}  // namespace strongroom::landlock
