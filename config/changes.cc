#include "config/changes.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/grammar.h"

namespace strongroom::config {
namespace {

// By what an element of a section that comes several times is told from the others.
const std::string& identity_of(const Socket& socket) {
  return socket.path.native();
}
const std::string& identity_of(const Provider& provider) {
  return provider.name;
}

class Comparison {
 public:
  Changes take() { return std::move(changes_); }

  template <typename Section, std::size_t N>
  void compare(std::string_view name, const Section& running, const Section& wanted,
               const std::array<Key<Section>, N>& keys) {
    for (const Key<Section>& key : keys)
      if (differs(key, running, wanted)) report(fmt::format("[{}] {}", name, key.name), key.effect);
  }

  template <typename Section, std::size_t N>
  void compare(std::string_view name, const std::vector<Section>& running,
               const std::vector<Section>& wanted, const std::array<Key<Section>, N>& keys) {
    const auto identity = [](const Section& section) { return identity_of(section); };
    for (const Section& section : wanted) {
      const auto before = std::ranges::find(running, identity_of(section), identity);
      if (before == running.end())
        report(fmt::format("[[{}]] '{}' added", name, identity_of(section)));
      else
        compare_elements(name, *before, section, keys);
    }
    for (const Section& section : running)
      if (std::ranges::find(wanted, identity_of(section), identity) == wanted.end())
        report(fmt::format("[[{}]] '{}' removed", name, identity_of(section)));
    if (std::ranges::is_permutation(running, wanted, {}, identity, identity) &&
        !std::ranges::equal(running, wanted, {}, identity, identity))
      report(fmt::format("order of [[{}]]", name));
  }

 private:
  template <typename Section, std::size_t N>
  void compare_elements(std::string_view name, const Section& running, const Section& wanted,
                        const std::array<Key<Section>, N>& keys) {
    for (const Key<Section>& key : keys)
      if (differs(key, running, wanted))
        report(fmt::format("[[{}]] '{}' {}", name, identity_of(wanted), key.name), key.effect);
  }

  template <typename Section>
  static bool differs(const Key<Section>& key, const Section& running, const Section& wanted) {
    return std::visit([&](auto member) { return running.*member != wanted.*member; }, key.field);
  }

  void report(std::string change, Effect effect = Effect::Reload) {
    if (effect == Effect::Restart) changes_.need_restart.push_back(change);
    changes_.made.push_back(std::move(change));
  }

  Changes changes_;
};

}  // namespace

Changes changes_between(const Settings& running, const Settings& wanted) {
  Comparison comparison;
  visit_sections([&](std::string_view name, auto section, const auto& keys) {
    comparison.compare(name, running.*section, wanted.*section, keys);
  });
  return comparison.take();
}

}  // namespace strongroom::config
