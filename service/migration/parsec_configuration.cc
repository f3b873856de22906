#include "service/migration/parsec_configuration.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "config/document.h"

namespace strongroom::parsec {
namespace {

using config::Node;

struct KnownProvider {
  ProviderId kind;
  std::string_view type;
  std::string_view default_name;
  std::string_view uuid;
};
constexpr std::array kProviders = {
    KnownProvider{ProviderId::Software, "MbedCrypto", "mbed-crypto-provider",
                  "1c1139dc-ad7c-47dc-ad6b-db6fdb466552"},
    KnownProvider{ProviderId::Pkcs11, "Pkcs11", "pkcs11-provider",
                  "30e39502-eba6-4d60-a4af-c518b7f5e38f"},
    KnownProvider{ProviderId::Tpm, "Tpm", "tpm-provider", "1e4954a4-ff21-46d3-ab0c-661eeb667e1d"},
    KnownProvider{ProviderId::TrustedService, "TrustedService", "trusted-service-provider",
                  "71129441-508a-4da6-b6e8-7b98a777e4c0"},
    KnownProvider{ProviderId::CryptoAuthLib, "CryptoAuthLib", "cryptoauthlib-provider",
                  "b8ba81e2-e9f7-4bdd-b096-a29d0019960c"},
};

struct KnownAuthenticator {
  std::string_view type;
  AuthType number;
};
constexpr std::array kAuthenticators = {
    KnownAuthenticator{"Direct", AuthType::Direct},
    KnownAuthenticator{"UnixPeerCredentials", AuthType::UnixPeerCredentials},
    KnownAuthenticator{"JwtSvid", AuthType::JwtSvid},
};

struct KnownKeyInfoManager {
  std::string_view type;
  KeyInfoManager::Kind kind;
  std::string_view path_key;
  std::string_view default_path;
};
constexpr std::array kKeyInfoManagers = {
    KnownKeyInfoManager{"SQLite", KeyInfoManager::Kind::Sqlite, "sqlite_db_path",
                        "/var/lib/parsec/kim-mappings/sqlite/sqlite-key-info-manager.sqlite3"},
    KnownKeyInfoManager{"OnDisk", KeyInfoManager::Kind::OnDisk, "store_path",
                        "/var/lib/parsec/mappings"},
};

// Reads one document.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<Configuration> configuration(const Node& root) const {
    Configuration result;
    const Node* authenticator = TRY(member(root, "authenticator"));
    if (authenticator == nullptr) return refused(root, "[authenticator] is missing");
    result.authenticator = TRY(authenticator_in(*authenticator));
    const auto managers = TRY(tables(root, "key_manager"));
    for (const Node* node : managers) {
      KeyInfoManager each = TRY(key_manager(*node));
      result.key_managers.push_back(std::move(each));
    }
    const auto providers = TRY(tables(root, "provider"));
    for (const Node* node : providers) {
      SourceProvider each = TRY(provider(*node));
      result.providers.push_back(std::move(each));
    }
    TRY(check_names(root, result));
    return result;
  }

 private:
  std::unexpected<Error> refused(const Node& node, std::string text) const {
    return fail(Status::PsaErrorInvalidArgument,
                to_string(config::Problem{file_, node.where, std::move(text)}));
  }

  Result<const Node*> member(const Node& table, std::string_view name) const {
    const auto* members = std::get_if<Node::Table>(&table.value);
    if (members == nullptr)
      return refused(table, fmt::format("{} stands where a table is wanted", kind_of(table)));
    const auto found = std::ranges::find(*members, name, &config::Member::name);
    return found == members->end() ? nullptr : &found->value;
  }

  Result<std::string> text(const Node& table, std::string_view name,
                           std::string_view otherwise) const {
    const Node* node = TRY(member(table, name));
    if (node == nullptr) return std::string(otherwise);
    if (const auto* value = std::get_if<std::string>(&node->value)) return *value;
    return refused(*node, fmt::format("'{}' is {}, and must be a string", name, kind_of(*node)));
  }

  Result<std::string> needed_text(const Node& table, std::string_view name) const {
    std::string value = TRY(text(table, name, ""));
    if (value.empty()) return refused(table, fmt::format("'{}' is missing", name));
    return value;
  }

  Result<std::vector<const Node*>> tables(const Node& root, std::string_view name) const {
    std::vector<const Node*> found;
    const Node* node = TRY(member(root, name));
    if (node == nullptr) return found;
    const auto* all = std::get_if<Node::Array>(&node->value);
    if (all == nullptr)
      return refused(*node, fmt::format("'{}' must be an array of tables, [[{}]]", name, name));
    for (const Node& each : *all)
      found.push_back(&each);
    return found;
  }

  // The row of `known` whose type the table names.
  template <typename Rows>
  Result<const typename Rows::value_type*> row_for(const Node& table, std::string_view key,
                                                   const Rows& known) const {
    const std::string type = TRY(needed_text(table, key));
    const auto* row =
        std::ranges::find_if(known, [&](const auto& each) { return each.type == type; });
    if (row != known.end()) return row;
    return refused(table, fmt::format("'{}' is no {} of Parsec's", escaped(type), key));
  }

  Result<std::uint8_t> authenticator_in(const Node& table) const {
    const auto* row = TRY(row_for(table, "auth_type", kAuthenticators));
    return std::to_underlying(row->number);
  }

  Result<KeyInfoManager> key_manager(const Node& table) const {
    KeyInfoManager result;
    result.name = TRY(needed_text(table, "name"));
    const auto* row = TRY(row_for(table, "manager_type", kKeyInfoManagers));
    result.kind = row->kind;
    result.path = TRY(text(table, row->path_key, row->default_path));
    return result;
  }

  Result<SourceProvider> provider(const Node& table) const {
    SourceProvider result;
    const auto* row = TRY(row_for(table, "provider_type", kProviders));
    result.kind = row->kind;
    result.name = TRY(text(table, "name", row->default_name));
    result.key_manager = TRY(needed_text(table, "key_info_manager"));
    if (row->kind == ProviderId::Pkcs11)
      result.token_serial = TRY(text(table, "serial_number", ""));
    return result;
  }

  Result<> check_names(const Node& root, const Configuration& all) const {
    std::set<std::string_view> seen;
    for (const SourceProvider& each : all.providers) {
      if (!seen.insert(each.name).second)
        return refused(root, fmt::format("there are two providers '{}'", escaped(each.name)));
      if (std::ranges::find(all.key_managers, each.key_manager, &KeyInfoManager::name) ==
          all.key_managers.end())
        return refused(root, fmt::format("provider '{}' names a key manager that is not there",
                                         escaped(each.name)));
    }
    return {};
  }

  const std::string& file_;
};

}  // namespace

std::string_view name_of(ProviderId kind) noexcept {
  const auto* row = std::ranges::find(kProviders, kind, &KnownProvider::kind);
  return row == kProviders.end() ? "unknown" : row->type;
}

std::optional<ProviderId> kind_of_uuid(std::string_view uuid) noexcept {
  const auto* row = std::ranges::find(kProviders, uuid, &KnownProvider::uuid);
  if (row == kProviders.end()) return std::nullopt;
  return row->kind;
}

Result<Configuration> parse_configuration(std::string_view text, const std::string& file) {
  const auto document = config::parse_document(text, file);
  if (!document) return fail(Status::PsaErrorInvalidArgument, to_string(document.error()));
  return Reader(file).configuration(*document);
}

}  // namespace strongroom::parsec
