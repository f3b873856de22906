#include "config/machine/surroundings.h"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "config/machine/module_file.h"
#include "config/machine/secret_files.h"

namespace strongroom::config {
namespace {

constexpr std::size_t kShown = 256;
// As distributions have it; a user's own comes after them.
constexpr std::array kModulesOfP11Kit = {"/etc/pkcs11/modules", "/usr/share/p11-kit/modules"};

class Surroundings {
 public:
  Surroundings(const Settings& settings, const Places& places, const std::string& file)
      : settings_(settings), places_(places), file_(file) {}

  Problems look() {
    for (std::size_t i = 0; i < settings_.providers.size(); ++i) {
      look_at_secrets(i);
      if (settings_.providers[i].type == ProviderType::Pkcs11) look_at_token(i);
    }
    return std::move(problems_);
  }

 private:
  bool is_given(std::size_t provider, std::string_view key) const {
    return places_.contains(place_of(provider, key));
  }
  static std::string place_of(std::size_t provider, std::string_view key) {
    return fmt::format("provider[{}].{}", provider, key);
  }

  void report(const std::string& place, Weight weight, std::string text) {
    const auto found = places_.find(place);
    const Place where = found == places_.end() ? Place{.file = file_, .where = {}} : found->second;
    problems_.push_back(
        {.file = where.file, .where = where.where, .text = std::move(text), .weight = weight});
  }

  void look_at_secrets(std::size_t i) {
    const Provider& provider = settings_.providers[i];
    for (const auto& [key, member] : kProviderSecrets) {
      const SecretSource& source = provider.*member;
      const std::string place = place_of(i, is_given(i, key) ? key : "uri");
      if (source.kind == SecretSource::Kind::Inline)
        report(
            place, Weight::Warning,
            fmt::format("'{}' of provider '{}' is in the configuration, where others may read it",
                        key, provider.name));
      if (source.kind != SecretSource::Kind::File) continue;
      const auto text = [&](std::string_view why) {
        return fmt::format("'{}' of provider '{}': secret file '{}': {}", key, provider.name,
                           escaped(source.name, kShown), why);
      };
      const SecretFile file = look_at_secret_file(source.name);
      if (!file.unfit.empty()) report(place, Weight::Error, text(file.unfit));
      if (!file.doubt.empty()) report(place, Weight::Warning, text(file.doubt));
    }
  }

  void look_at_token(std::size_t i) {
    const Provider& provider = settings_.providers[i];
    const bool has_uri = is_given(i, "uri");
    const std::string place = place_of(i, has_uri ? "uri" : "module");
    look_at_module(place, has_uri ? provider.uri.module_path : provider.module);
    look_at_module_name(place, provider.uri.module_name);
    const bool names_token = provider.uri.names_token || !provider.token.name.empty() ||
                             !provider.serial.name.empty() || provider.slot.number;
    if (!names_token)
      report(place, Weight::Warning,
             "no label, serial number or slot says which token is meant: it is the only one that "
             "the module shows at first use");
    if (provider.pin.kind == SecretSource::Kind::None)
      report(place_of(i, "type"), Weight::Warning,
             fmt::format("'pin' of provider '{}' is missing: only a token with a keypad of its own "
                         "goes without",
                         provider.name));
    if (provider.isolation == TokenIsolation::None)
      report(place_of(i, "isolation"), Weight::Warning,
             "the module runs in the service's own process, and reaches all that it has");
    if (provider.isolation == TokenIsolation::None && !provider.environment.empty())
      report(
          place_of(i, "environment"), Weight::Error,
          "with isolation = \"none\" the module has the service's own environment: set it there");
    for (std::size_t each = 0; each < provider.paths.size(); ++each)
      look_at_path(fmt::format("{}[{}]", place_of(i, "paths"), each), provider.paths[each].path);
    for (std::size_t each = 0; each < provider.environment.size(); ++each)
      look_at_variable(fmt::format("{}[{}]", place_of(i, "environment"), each),
                       provider.environment[each]);
  }

  void look_at_module(const std::string& place, const std::filesystem::path& path) {
    if (path.empty()) return;  // p11-kit finds it by its name
    const ModuleFile module = look_at_module_file(path);
    const std::string name = escaped(path.native(), kShown);
    if (!module.unfit.empty())
      report(place, Weight::Error, fmt::format("module '{}' {}", name, module.unfit));
    if (!module.doubt.empty())
      report(place, Weight::Warning, fmt::format("module '{}' {}", name, module.doubt));
  }

  void look_at_module_name(const std::string& place, const std::string& name) {
    if (name.empty()) return;
    std::error_code error;
    const auto exists = [&](const std::filesystem::path& path) {
      return std::filesystem::exists(path, error);
    };
    const auto has_it = [&](const char* directory) {
      return exists(std::filesystem::path(directory) / (name + ".module"));
    };
    // Where there is none of them, p11-kit has its configuration elsewhere.
    if (std::ranges::none_of(kModulesOfP11Kit, exists)) return;
    if (std::ranges::any_of(kModulesOfP11Kit, has_it)) return;
    report(place, Weight::Warning,
           fmt::format("p11-kit may not know the module '{0}': there is no '{0}.module' in '{1}'",
                       escaped(name, kShown), fmt::join(kModulesOfP11Kit, "' or '")));
  }

  void look_at_path(const std::string& place, const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::exists(path, error) || error) return;
    report(place, Weight::Warning,
           fmt::format("'{}' does not exist; the module's processes reach it if it is there when "
                       "they start",
                       escaped(path.native(), kShown)));
  }

  // Where a module's configuration is, mostly.
  void look_at_variable(const std::string& place, const TokenVariable& variable) {
    std::error_code error;
    if (!variable.value.starts_with('/') || std::filesystem::exists(variable.value, error) || error)
      return;
    report(place, Weight::Warning,
           fmt::format("'{}' names '{}', which does not exist", variable.name,
                       escaped(variable.value, kShown)));
  }

  const Settings& settings_;
  const Places& places_;
  const std::string& file_;
  Problems problems_;
};

}  // namespace

Problems problems_of_surroundings(const Settings& settings, const Places& places,
                                  const std::string& file) {
  return Surroundings(settings, places, file).look();
}

}  // namespace strongroom::config
