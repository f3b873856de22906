// What the grammar says of one key of the configuration.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.h"

namespace strongroom::config {

// Where a key's value goes; the member's type is the key's type.
template <typename Section>
using Field =
    std::variant<bool Section::*, std::uint32_t Section::*, ByteSize Section::*,
                 std::chrono::milliseconds Section::*, std::string Section::*,
                 std::filesystem::path Section::*, FileMode Section::*, User Section::*,
                 Group Section::*, Tenant Section::*, std::vector<User> Section::*,
                 std::vector<Group> Section::*, std::vector<Authenticator> Section::*,
                 ProviderType Section::*, KeySource Section::*, log::Level Section::*,
                 Tcti Section::*, TpmRoot Section::*, SecretSource Section::*, Pcrs Section::*,
                 ProviderName Section::*, TokenUri Section::*, TokenName Section::*,
                 TokenSlot Section::*, std::vector<TokenQuirk> Section::*,
                 TokenIsolation Section::*, TokenSandbox Section::*,
                 std::vector<TokenPath> Section::*, std::vector<TokenVariable> Section::*>;

// Inclusive; of a number, or of a size in bytes, or of a duration in milliseconds.
struct Bounds {
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
};

enum class Presence { Optional, Required };
// When another value is in force.
enum class Effect { Reload, Restart };

template <typename Section>
struct Key {
  std::string_view name;
  Field<Section> field;
  std::string_view documentation;
  Bounds bounds = {};
  Presence presence = Presence::Optional;
  Effect effect = Effect::Reload;
  // Of [[provider]]: the type that it is for; none for all of them.
  std::optional<ProviderType> of = {};
};

}  // namespace strongroom::config
