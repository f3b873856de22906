#include "service/listener/passed_descriptors.h"

#include <cstdlib>
#include <memory>
#include <string_view>

#include <systemd/sd-daemon.h>

#include "service/loop/system_error.h"

namespace strongroom {
namespace {

struct Free {
  void operator()(void* memory) const noexcept { std::free(memory); }
};
using OwnedText = std::unique_ptr<char, Free>;
using OwnedTexts = std::unique_ptr<char*, Free>;

}  // namespace

bool PassedDescriptor::is_unnamed() const noexcept {
  return name.empty() || name == "unknown" || std::string_view(name).ends_with(".socket");
}

Result<std::vector<PassedDescriptor>> take_passed_descriptors() {
  char** raw = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &raw);
  OwnedTexts names(raw);
  if (count < 0) return std::unexpected(system_error("taking passed descriptors", -count));
  std::vector<PassedDescriptor> passed;
  for (int i = 0; i < count; ++i) {
    OwnedText name(names.get()[i]);
    passed.push_back({name.get(), UniqueFd(SD_LISTEN_FDS_START + i)});
  }
  return passed;
}

}  // namespace strongroom
