#include "config/checks.h"

#include <algorithm>
#include <sys/un.h>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "config/machine/secret_files.h"
#include "config/provider_keys.h"
#include "config/values/values.h"

namespace strongroom::config {
namespace {

class Checker {
 public:
  Checker(const Settings& settings, const std::string& file, const Places& places,
          Problems& problems)
      : settings_(settings), file_(file), places_(places), problems_(problems) {}

  void check_all() {
    check_strictness();
    check_sockets();
    check_limits();
    check_authenticators();
    check_store();
    check_providers();
  }

 private:
  void report(std::string_view place, std::string text) {
    const auto found = places_.find(place);
    const Place where = found == places_.end() ? Place{.file = file_, .where = {}} : found->second;
    problems_.push_back({.file = where.file, .where = where.where, .text = std::move(text)});
  }

  void refuse_if_strict(bool is_unsafe, std::string_view place, std::string_view what) {
    if (is_unsafe && settings_.service.strict)
      report(place,
             fmt::format("{} is refused; 'strict = false' in [service] would allow it", what));
  }

  // Reports each element of a list whose `property` an earlier one has.
  template <typename Elements, typename Property>
  void refuse_repetition(const Elements& elements, Property property, std::string_view section,
                         std::string_view key, std::string_view what) {
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const auto& value = std::invoke(property, elements[i]);
      const auto earlier =
          std::ranges::find(elements.begin(), elements.begin() + distance(i), value, property);
      if (earlier != elements.begin() + distance(i) && value != std::decay_t<decltype(value)>{})
        report(fmt::format("{}[{}]{}", section, i, key), std::string(what));
    }
  }
  static std::ptrdiff_t distance(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

  void check_strictness() {
    refuse_if_strict(settings_.service.allow_root, "service.allow_root", "running as root");
    refuse_if_strict(settings_.service.allow_deprecated, "service.allow_deprecated",
                     "serving deprecated algorithms");
  }

  void check_sockets() {
    const std::vector<Socket>& sockets = settings_.sockets;
    if (sockets.empty()) report("socket", "there is no socket to listen on");
    refuse_repetition(sockets, &Socket::path, "socket", ".path",
                      "another socket has this path already");
    refuse_repetition(sockets, &Socket::fd_name, "socket", ".fd_name",
                      "another socket has this descriptor name already");
    refuse_repetition(sockets, &Socket::tenant, "socket", ".tenant",
                      "another socket has this tenant already");
    constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
    constexpr mode_t kOthers = 0007;
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      if (sockets[i].path.native().size() > kLongestPath)
        report(fmt::format("socket[{}].path", i),
               fmt::format("a socket's path is at most {} bytes long", kLongestPath));
      if (sockets[i].admin && sockets[i].tenant != Tenant{})
        report(fmt::format("socket[{}].admin", i), "a tenant's socket serves no administrators");
      refuse_if_strict(sockets[i].admin && (sockets[i].mode.bits & kOthers) != 0,
                       fmt::format("socket[{}].mode", i),
                       "a socket for administration that everybody may open");
    }
  }

  void check_limits() {
    check_share("connections", &Limits::connections_per_principal, &Limits::connections);
    check_share("frames_in_flight", &Limits::frames_in_flight_per_principal,
                &Limits::frames_in_flight);
    check_share("buffered_bytes", &Limits::buffered_bytes_per_principal, &Limits::buffered_bytes);
    check_share("queued_cost", &Limits::queued_cost_per_principal, &Limits::queued_cost);
  }

  template <typename Amount>
  void check_share(std::string_view name, Amount Limits::* share, Amount Limits::* total) {
    const Limits& limits = settings_.limits;
    const std::string place = fmt::format("limits.{}_per_principal", name);
    // A default that cannot be reached does no harm; a number somebody wrote is a mistake.
    if (places_.contains(place) && limits.*share > limits.*total)
      report(place, fmt::format("'{0}_per_principal' ({1}) must not exceed '{0}' ({2})", name,
                                readable(limits.*share), readable(limits.*total)));
  }

  void check_authenticators() {
    const std::vector<Authenticator>& order = settings_.auth.order;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::string place = fmt::format("auth.order[{}]", i);
      const auto here = order.begin() + distance(i);
      if (std::find(order.begin(), here, order[i]) != here)
        report(place, fmt::format("authenticator '{}' is named twice", name_of(order[i])));
      refuse_if_strict(order[i] == Authenticator::Direct, place,
                       "the authenticator 'direct', which believes what clients say,");
    }
  }

  void check_store() {
    if (settings_.store.path == settings_.store.key_source.path)
      report("store.key_source", "the store and its key cannot be one file");
    const Store& store = settings_.store;
    const bool is_sealed_by_a_tpm = store.key_source.kind == KeySource::Kind::Tpm;
    if (is_sealed_by_a_tpm) require_tpm(store.key_source.name, "store.key_source");
    if (!is_sealed_by_a_tpm && store.key_pcrs.mask != 0)
      report("store.key_pcrs", "'key_pcrs' is for a key source that is a TPM");
    if (!store.rollback_counter.name.empty())
      require_tpm(store.rollback_counter.name, "store.rollback_counter");
    constexpr std::uint32_t kFirstIndex = 0x01000000;
    if (store.rollback_index != 0 && store.rollback_index < kFirstIndex)
      report("store.rollback_index", "'rollback_index' must be 0 or from 0x01000000 to 0x01FFFFFF");
    if (store.rollback_index != 0 && store.rollback_counter.name.empty())
      report("store.rollback_index", "'rollback_index' needs 'rollback_counter'");
  }

  void require_tpm(const std::string& name, std::string_view place) {
    const auto found = std::ranges::find_if(settings_.providers, [&](const Provider& provider) {
      return provider.type == ProviderType::Tpm && provider.name == name;
    });
    if (found == settings_.providers.end())
      report(place, fmt::format("there is no provider '{}' of type 'tpm'", escaped(name, 64)));
  }

  void check_providers() {
    const std::vector<Provider>& providers = settings_.providers;
    std::vector<ProviderType> seen;
    for (std::size_t i = 0; i < providers.size(); ++i) {
      const std::string place = fmt::format("provider[{}].type", i);
      if (!places_.contains(place)) continue;  // missing or unknown, which has been reported
      const ProviderType type = providers[i].type;
      if (std::ranges::find(seen, type) != seen.end())
        report(place,
               fmt::format("there can be one provider of type '{}': clients name it by its type",
                           name_of(type)));
      seen.push_back(type);
      refuse_keys_of_others(i);
      if (type == ProviderType::Pkcs11) check_token(i);
      check_secrets(i);
    }
    refuse_repetition(providers, &Provider::name, "provider", ".name",
                      "another provider has this name already");
  }

  bool is_given(std::size_t provider, std::string_view key) const {
    return places_.contains(fmt::format("provider[{}].{}", provider, key));
  }

  void refuse_keys_of_others(std::size_t provider) {
    const ProviderType type = settings_.providers[provider].type;
    for (const Key<Provider>& key : kProviderKeys)
      if (key.of && *key.of != type && is_given(provider, key.name))
        report(fmt::format("provider[{}].{}", provider, key.name),
               fmt::format("'{}' is for providers of type '{}'; this one is '{}'", key.name,
                           name_of(*key.of), name_of(type)));
  }

  // One way to say which token is meant, and where its PIN is.
  void check_token(std::size_t provider) {
    const bool has_uri = is_given(provider, "uri");
    const bool has_module = is_given(provider, "module");
    const auto place = [&](std::string_view key) {
      return fmt::format("provider[{}].{}", provider, key);
    };
    // Of what stands there and could not be read has been told; defaults stand nowhere.
    const bool may_be_given = std::ranges::any_of(
        problems_, [](const Problem& problem) { return problem.where.line != 0; });
    if (!has_uri && !has_module && !may_be_given)
      report(place("type"), "a provider of type 'pkcs11' needs 'uri', or 'module'");
    for (const std::string_view key : {"module", "token", "serial", "slot"})
      if (has_uri && is_given(provider, key))
        report(place(key),
               fmt::format("'{}' cannot stand beside 'uri', which says it itself", key));
    if (is_given(provider, "pin") && settings_.providers[provider].uri.pin != SecretSource{})
      report(place("pin"), "the URI says where the PIN is, too; once is enough");
  }

  void check_secrets(std::size_t provider) {
    const Provider& settings = settings_.providers[provider];
    for (const auto& [key, source] : kProviderSecrets)
      refuse_if_strict(
          (settings.*source).kind == SecretSource::Kind::Inline,
          fmt::format("provider[{}].{}", provider, is_given(provider, key) ? key : "uri"),
          "a secret in the configuration, where others may read it,");
  }

  const Settings& settings_;
  const std::string& file_;
  const Places& places_;
  Problems& problems_;
};

}  // namespace

void check(const Settings& settings, const std::string& file, const Places& places,
           Problems& problems) {
  Checker(settings, file, places, problems).check_all();
}

}  // namespace strongroom::config
