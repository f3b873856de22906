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

// Why that file is not to be used, as far as this process can see: root sees to no owner, as the
// daemon is another user; what only another user may look at is as it is. Or an empty text.
std::string unfit_secret_file(const std::string& path);

}  // namespace strongroom::config
