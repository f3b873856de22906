// strongroom key list
#include <algorithm>
#include <array>
#include <ostream>
#include <tuple>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/commands/key/key_table.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

struct Order {
  std::string_view field;
  std::string (*key)(const KeyInfo& info);
};
constexpr std::array kOrders = {
    Order{"name", [](const KeyInfo&) { return std::string(); }},
    Order{
        "type",
        [](const KeyInfo& info) { return type_name(info.attributes.type, info.attributes.bits); }},
    Order{"algorithm",
          [](const KeyInfo& info) { return algorithm_name(info.attributes.algorithm); }},
    Order{"provider", [](const KeyInfo& info) { return provider_name(info.provider); }},
};

std::vector<std::string> orders() {
  std::vector<std::string> fields;
  fields.reserve(kOrders.size());
  for (const Order& order : kOrders)
    fields.emplace_back(order.field);
  return fields;
}

constexpr std::array kOptions = {
    Option{"sort", "FIELD", "name (by default), type, algorithm or provider", one_of(orders)},
    Option{"names", "", "print the names alone, one a line"},
};

// By name, unless another of `orders` is said.
const Order& order_from(const std::optional<std::string>& field) {
  const auto* order = std::ranges::find(kOrders, field.value_or("name"), &Order::field);
  return order == kOrders.end() ? kOrders.front() : *order;
}

void sort(std::vector<KeyInfo>& keys, const Order& order) {
  std::ranges::sort(keys, {}, [&order](const KeyInfo& info) {
    return std::tuple(order.key(info), info.name, info.provider);
  });
}

Outcome<> run(const Invocation& invocation) {
  Client client = TRY(invocation.open_client());
  std::optional<ProviderId> chosen = TRY(invocation.chosen_provider());
  Task task{.doing = "listing your keys", .socket_path = client.socket_path()};
  std::vector<KeyInfo> keys = TRY(during(task, client.list_keys()));
  if (chosen) std::erase_if(keys, [&](const KeyInfo& key) { return key.provider != *chosen; });
  sort(keys, order_from(invocation.arguments.value("sort")));
  if (invocation.arguments.has("names")) {
    for (const KeyInfo& key : keys)
      invocation.streams.out << visible(key.name) << '\n';
    return {};
  }
  Table table = key_table();
  for (const KeyInfo& key : keys)
    add_key(table, key);
  invocation.print_list(table);
  return {};
}

}  // namespace

const Command kKeyList = {
    .words = "key list",
    .summary = "list your keys, in all providers or in that of --provider",
    .options = kOptions,
    .positionals = {},
    .run = run,
};

}  // namespace strongroom::cli
