// The files that settings name for secrets, looked at without reading one.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <sys/stat.h>

#include "config/settings.h"

namespace strongroom::config {

struct ProviderSecret {
  std::string_view key;
  SecretSource Provider::* source;
};
inline constexpr ProviderSecret kOwnerAuth{"owner_auth", &Provider::owner_auth};
inline constexpr ProviderSecret kEndorsementAuth{"endorsement_auth", &Provider::endorsement_auth};
inline constexpr ProviderSecret kPin{"pin", &Provider::pin};
inline constexpr std::array kProviderSecrets = {kOwnerAuth, kEndorsementAuth, kPin};

inline constexpr std::size_t kLongestSecret = 1024;  // bytes

// Why the secret in a file like that is not to be used, or an empty text: it must be a regular
// file, of root's or of this process's user's, and be closed to its group and to others. Who may
// read a credential is the service manager's business: it may use access control lists, which look
// like permissions of the group.
std::string unfit_secret(const struct stat& file, SecretSource::Kind kind);

// Each completes "secret file '/etc/pin': …", or is empty.
struct SecretFile {
  std::string unfit;  // why it is not to be used
  std::string doubt;  // what this process cannot see of it
};

// Root sees to no owner, as the daemon is another user.
SecretFile look_at_secret_file(const std::string& path);

}  // namespace strongroom::config
