#include "config/parser.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "config/checks.h"
#include "config/document.h"
#include "config/grammar.h"
#include "config/nearest.h"
#include "config/values/values.h"

namespace strongroom::config {
namespace {

// One reading of all documents, one after another: Settings as they come together, and what was
// wrong on the way.
class Parser {
 public:
  explicit Parser(const Accounts& accounts) : accounts_(accounts) {}

  void add(const Source& source) {
    file_ = source.file;
    if (files_.empty()) main_file_ = file_;
    files_.emplace(file_, files_.size());
    if (!source.text) return refuse({.file = file_, .text = source.text.error()});
    if (source.text->size() > kLargestFile)
      return refuse({.file = file_,
                     .text = fmt::format("is refused: it is longer than {} bytes", kLargestFile)});
    const auto document = parse_document(*source.text, file_);
    if (!document) return refuse(document.error());
    for (const Member& member : std::get<Node::Table>(document->value))
      read_member(member);
  }

  // What several settings have to do with each other is not known before all can be read.
  std::expected<Placed, Problems> finish() {
    file_ = main_file_;
    if (is_whole_) {
      resolve_default_groups();
      check(settings_, main_file_, places_, problems_);
    }
    if (problems_.empty()) return Placed{std::move(settings_), std::move(places_)};
    std::ranges::stable_sort(problems_, {}, [this](const Problem& problem) {
      return std::pair(files_.at(problem.file), problem.where);
    });
    return std::unexpected(std::move(problems_));
  }

 private:
  void refuse(Problem problem) {
    is_whole_ = false;
    problems_.push_back(std::move(problem));
  }

  void report(Position where, std::string text) {
    problems_.push_back({.file = file_, .where = where, .text = std::move(text)});
  }

  void read_member(const Member& member) {
    bool is_known = false;
    std::vector<std::string_view> names;
    visit_sections([&](std::string_view name, auto section, const auto& keys) {
      names.push_back(name);
      if (name != member.name) return;
      is_known = true;
      read_section(member, settings_.*section, keys);
    });
    if (!is_known)
      report(member.where, fmt::format("unknown section '{}'{}", escaped(member.name, 64),
                                       suggestion(member.name, names)));
  }

  template <typename Section, std::size_t N>
  void read_section(const Member& member, Section& section,
                    const std::array<Key<Section>, N>& keys) {
    if (const auto* table = std::get_if<Node::Table>(&member.value.value))
      read_table(*table, fmt::format("[{}]", member.name), member.name, section, keys);
    else
      report(member.where, fmt::format("'{0}' must be a table: write [{0}]", member.name));
  }

  template <typename Section, std::size_t N>
  void read_section(const Member& member, std::vector<Section>& sections,
                    const std::array<Key<Section>, N>& keys) {
    places_.try_emplace(member.name, Place{.file = file_, .where = member.where});
    const auto* array = std::get_if<Node::Array>(&member.value.value);
    if (array == nullptr)
      return report(member.where,
                    fmt::format("'{0}' may come several times: write [[{0}]]", member.name));
    if (replaced_.insert(member.name).second) sections.clear();
    for (const Node& element : *array) {
      const std::string place = fmt::format("{}[{}]", member.name, sections.size());
      Section& section = sections.emplace_back();
      if (const auto* table = std::get_if<Node::Table>(&element.value))
        read_element(*table, element.where, {member.name, place}, section, keys);
      else
        report(element.where, fmt::format("'{0}' holds tables: write [[{0}]]", member.name));
    }
  }

  struct ElementNames {
    const std::string& section;  // "socket"
    const std::string& place;    // "socket[1]"
  };

  template <typename Section, std::size_t N>
  void read_element(const Node::Table& table, Position where, ElementNames names, Section& section,
                    const std::array<Key<Section>, N>& keys) {
    const std::string heading = fmt::format("[[{}]]", names.section);
    read_table(table, heading, names.place, section, keys);
    for (const Key<Section>& key : keys) {
      const bool is_given = std::ranges::find(table, key.name, &Member::name) != table.end();
      if (key.presence == Presence::Required && !is_given)
        report(where, fmt::format("{} needs '{}'", heading, key.name));
    }
    complete(section);
  }

  template <typename Section, std::size_t N>
  void read_table(const Node::Table& table, const std::string& heading, const std::string& place,
                  Section& section, const std::array<Key<Section>, N>& keys) {
    for (const Member& member : table) {
      const auto* key = std::ranges::find(keys, std::string_view(member.name), &Key<Section>::name);
      if (key == keys.end())
        report_unknown(member, heading, keys);
      else if (is_given_once(member, fmt::format("{}.{}", place, key->name)))
        read_key(member.value, fmt::format("{}.{}", place, key->name), section, *key);
    }
  }

  bool is_given_once(const Member& member, const std::string& place) {
    const auto [given, is_new] =
        given_.try_emplace(place, Place{.file = file_, .where = member.where});
    if (!is_new)
      report(member.where,
             fmt::format("'{}' is given already, at {}:{}:{}", member.name, given->second.file,
                         given->second.where.line, given->second.where.column));
    return is_new;
  }

  template <typename Section>
  void read_key(const Node& node, const std::string& place, Section& section,
                const Key<Section>& key) {
    const std::size_t problems_before = problems_.size();
    std::vector<Position> elements;
    const Reading reading{.name = key.name,
                          .bounds = key.bounds,
                          .accounts = accounts_,
                          .file = file_,
                          .problems = problems_,
                          .elements = elements};
    std::visit([&](auto member) { read(node, reading, section.*member); }, key.field);
    for (std::size_t i = 0; i < elements.size(); ++i)
      places_[fmt::format("{}[{}]", place, i)] = {.file = file_, .where = elements[i]};
    if (problems_.size() == problems_before) places_[place] = {.file = file_, .where = node.where};
  }

  template <typename Section, std::size_t N>
  void report_unknown(const Member& member, const std::string& heading,
                      const std::array<Key<Section>, N>& keys) {
    std::vector<std::string_view> names;
    names.reserve(N);
    for (const Key<Section>& key : keys)
      names.push_back(key.name);
    std::string hint = suggestion(member.name, names);
    if (hint.empty()) hint = home_of(member.name);
    report(member.where,
           fmt::format("unknown key '{}' in {}{}", escaped(member.name, 64), heading, hint));
  }

  // The section that a key in the wrong one belongs to.
  static std::string home_of(std::string_view name) {
    for (const KeyDescription& key : describe_grammar())
      if (key.name == name) return fmt::format("; it belongs in {}", key.section);
    return {};
  }

  static void complete(Provider& provider) {
    if (provider.name.empty()) provider.name = name_of(provider.type);
    if (provider.pin == SecretSource{}) provider.pin = provider.uri.pin;
  }
  static void complete(Socket&) {}

  // Groups that the file did not name.
  void resolve_default_groups() {
    const auto resolve = [&](Group& group, std::string_view section) {
      if (group.name.empty() || group.id) return;
      group.id = accounts_.gid_of(group.name);
      if (!group.id)
        report({}, fmt::format("no group is called '{}', which is the default of {}", group.name,
                               section));
    };
    if (!places_.contains("socket"))
      for (Socket& socket : settings_.sockets)
        resolve(socket.group, "[[socket]] 'group'");
    for (Group& group : settings_.admin.groups)
      resolve(group, "[admin] 'groups'");
  }

  const Accounts& accounts_;
  std::string main_file_;
  std::string file_;                                       // being read
  std::map<std::string, std::size_t, std::less<>> files_;  // in their order
  bool is_whole_ = true;                                   // no document was refused
  Settings settings_;
  Places given_;                                 // of keys, whatever their values are
  Places places_;                                // of values that are right by themselves
  std::set<std::string, std::less<>> replaced_;  // arrays of tables that have lost their defaults
  Problems problems_;
};

}  // namespace

std::string to_string(const Problem& problem) {
  const std::string_view weight = problem.weight == Weight::Warning ? "warning: " : "";
  if (problem.where.line == 0) return fmt::format("{}: {}{}", problem.file, weight, problem.text);
  return fmt::format("{}:{}:{}: {}{}", problem.file, problem.where.line, problem.where.column,
                     weight, problem.text);
}

std::expected<Placed, Problems> parse_with_places(std::span<const Source> sources,
                                                  const Accounts& accounts) {
  Parser parser(accounts);
  for (const Source& source : sources)
    parser.add(source);
  return parser.finish();
}

Loaded parse(std::span<const Source> sources, const Accounts& accounts) {
  auto placed = parse_with_places(sources, accounts);
  if (!placed) return std::unexpected(std::move(placed).error());
  return std::move(placed->settings);
}

Loaded parse(std::string_view text, const std::string& file, const Accounts& accounts) {
  const Source source{.file = file, .text = std::string(text)};
  return parse(std::span(&source, 1), accounts);
}

}  // namespace strongroom::config
