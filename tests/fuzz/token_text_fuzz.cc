// What is written of tokens by others: URIs, what the store has noted, SoftHSM's configuration.
// Whatever it says, nothing of the service's is opened to a worker.
//
// The first byte of an input chooses, the rest is the text.

#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/unique_fd.h"
#include "providers/pkcs11/token/token_address.h"
#include "providers/pkcs11/upkeep/stored_identity.h"
#include "service/token_worker/confinement.h"

namespace strongroom {
namespace {

constexpr std::size_t kMost = 4'096;

void parse_uri(ByteView text) {
  const std::string uri(text_of(text));
  const auto address = pkcs11::TokenAddress::parse(uri);
  if (!address) {
    if (address.error().status() != Status::PsaErrorInvalidArgument) std::abort();
    return;
  }
  if (address->text() != uri) std::abort();
  std::ignore = address->matches(CK_TOKEN_INFO{});
}

void recall(ByteView stored) {
  const auto identity = pkcs11::identity_from_stored(stored);
  if (identity && !std::ranges::equal(pkcs11::to_stored(*identity), stored)) std::abort();
}

void read_configuration(ByteView text) {
  const UniqueFd file(::memfd_create("softhsm2.conf", MFD_CLOEXEC));
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    std::abort();
  token_worker::Start start;
  start.uri = "pkcs11:token=keys?module-path=/usr/lib/softhsm/libsofthsm2.so";
  start.environment = {{"SOFTHSM2_CONF", fmt::format("/proc/self/fd/{}", file.get())}};
  start.hidden = {"/usr/share/strongroom", "/etc/strongroom", "/var/lib/strongroom"};
  const auto rules = file_rules(start);
  if (!rules) return;
  for (const landlock::Rule& rule : *rules)
    if (!rule.path.starts_with('/') || landlock::touches(rule.path, start.hidden)) std::abort();
}

}  // namespace
}  // namespace strongroom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom;
  log::set_level(log::Level::Off);
  if (size < 1 || size > kMost) return 0;
  const ByteView rest = std::as_bytes(std::span(data, size).subspan(1));
  switch (data[0] % 3) {
    case 0: parse_uri(rest); break;
    case 1: recall(rest); break;
    default: read_configuration(rest);
  }
  return 0;
}
