#include "service/listener/listening_sockets.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "base/log.h"

namespace strongroom {
namespace {

template <typename Predicate>
std::optional<PassedDescriptor> take_first(std::vector<PassedDescriptor>& passed,
                                           Predicate is_wanted) {
  auto found = std::ranges::find_if(passed, is_wanted);
  if (found == passed.end()) return std::nullopt;
  PassedDescriptor taken = std::move(*found);
  passed.erase(found);
  return taken;
}

struct Choice {
  std::optional<PassedDescriptor> passed;
  bool is_by_name = false;
};

// One for each of the settings, as far as there are; the rest stays. By name before any goes by
// order, so that it does not matter where among the others the named ones stand.
std::vector<Choice> choose(const std::vector<SocketSettings>& settings,
                           std::vector<PassedDescriptor>& passed) {
  std::vector<Choice> chosen(settings.size());
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::string& name = settings[i].passed_name;
    chosen[i].passed = take_first(passed, [&name](const PassedDescriptor& candidate) {
      return !name.empty() && candidate.name == name;
    });
    chosen[i].is_by_name = chosen[i].passed.has_value();
  }
  for (Choice& choice : chosen)
    if (!choice.passed) choice.passed = take_first(passed, &PassedDescriptor::is_unnamed);
  return chosen;
}

ListeningSocketPtr shared(ListeningSocket socket) {
  return std::make_shared<const ListeningSocket>(std::move(socket));
}

}  // namespace

Result<ListeningSockets> ListeningSockets::open(const std::vector<SocketSettings>& settings,
                                                std::vector<PassedDescriptor> passed) {
  ListeningSockets sockets;
  std::vector<Choice> chosen = choose(settings, passed);
  if (!passed.empty())
    return fail(Status::ConnectionError,
                fmt::format("passed descriptor '{}': no configured socket has that name",
                            escaped(passed.front().name)));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    std::optional<PassedDescriptor>& mine = chosen[i].passed;
    const std::string name = mine ? mine->name : "";
    auto opened = TRY(mine ? ListeningSocket::adopt(*std::move(mine), settings[i])
                           : ListeningSocket::bind(settings[i]));
    const Entry& entry = sockets.entries_.emplace_back(settings[i], shared(std::move(opened)));
    if (entry.socket->is_passed())
      sockets.passed_.push_back({.name = name,
                                 .path = chosen[i].is_by_name ? "" : settings[i].path,
                                 .socket = entry.socket});
  }
  return sockets;
}

std::vector<ListeningSocketPtr> ListeningSockets::in_use() const {
  std::vector<ListeningSocketPtr> sockets;
  sockets.reserve(entries_.size());
  for (const Entry& entry : entries_)
    sockets.push_back(entry.socket);
  return sockets;
}

const ListeningSockets::Passed* ListeningSockets::passed_for(const SocketSettings& settings) const {
  auto found = std::ranges::find_if(passed_, [&settings](const Passed& passed) {
    return passed.path.empty() && passed.name == settings.passed_name;
  });
  if (found == passed_.end()) found = std::ranges::find(passed_, settings.path, &Passed::path);
  return found == passed_.end() ? nullptr : &*found;
}

const ListeningSockets::Entry* ListeningSockets::entry_of(const ListeningSocket& descriptor) const {
  const auto found = std::ranges::find(entries_, descriptor.descriptor(), [](const Entry& entry) {
    return entry.socket->descriptor();
  });
  return found == entries_.end() ? nullptr : &*found;
}

const ListeningSockets::Entry* ListeningSockets::entry_at(const std::string& path) const {
  const auto found = std::ranges::find_if(entries_, [&path](const Entry& entry) {
    return !entry.socket->is_passed() && entry.settings.path == path;
  });
  return found == entries_.end() ? nullptr : &*found;
}

Result<ListeningSocketPtr> ListeningSockets::socket_for(const SocketSettings& settings,
                                                        Replacement& replacement) const {
  const Passed* passed = passed_for(settings);
  const Entry* entry = passed != nullptr ? entry_of(*passed->socket) : entry_at(settings.path);
  if (entry == nullptr && passed == nullptr) {
    auto bound = TRY(ListeningSocket::bind(settings));
    return shared(std::move(bound));
  }
  const ListeningSocketPtr& kept = entry != nullptr ? entry->socket : passed->socket;
  if (entry != nullptr)
    replacement.permitted_.push_back({.socket = kept, .before = entry->settings, .now = settings});
  if (kept->is_admin() == settings.is_admin && kept->tenant() == settings.tenant) return kept;
  return shared(kept->serving(settings));
}

Result<ListeningSockets::Replacement> ListeningSockets::prepare(
    const std::vector<SocketSettings>& settings) const {
  Replacement replacement;
  std::vector<Replacement::Permitted> to_permit;
  for (const SocketSettings& wanted : settings) {
    auto socket = TRY(socket_for(wanted, replacement));
    replacement.entries_.push_back({.settings = wanted, .socket = std::move(socket)});
  }
  // Last, because others see it at once.
  std::swap(to_permit, replacement.permitted_);
  for (Replacement::Permitted& permitted : to_permit) {
    replacement.permitted_.push_back(permitted);
    TRY(permitted.socket->permit(permitted.before, permitted.now));
  }
  return replacement;
}

ListeningSockets::Replacement::~Replacement() {
  for (const Permitted& permitted : permitted_)
    if (Result<> undone = permitted.socket->permit(permitted.now, permitted.before); !undone)
      log::error("listener", "{}", undone.error().message());
}

void ListeningSockets::put_to_use(Replacement replacement) {
  replacement.permitted_.clear();
  std::swap(entries_, replacement.entries_);
  for (const Entry& before : replacement.entries_)
    if (entry_of(*before.socket) == nullptr) before.socket->hide();
}

}  // namespace strongroom
