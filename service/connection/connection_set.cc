#include "service/connection/connection_set.h"

#include <utility>
#include <vector>

#include "base/log.h"

namespace strongroom {

ConnectionSet::ConnectionSet(Loop& loop, std::shared_ptr<const RequestServer> server,
                             const ConnectionSettings& settings)
    : scratch_(kBufferStep),
      surroundings_{.loop = loop,
                    .server = std::move(server),
                    .settings = settings,
                    .scratch = scratch_,
                    .forget = [this](Connection& connection) { forget(connection); }} {
  loop.each_turn([this] { surroundings_.slice.renew(); });
  loop.after_posted([this] { send_answers(); });
}

void ConnectionSet::add(UniqueFd socket, Caller caller, Charge seat) {
  if (is_winding_down_) return;
  auto connection = std::make_unique<Connection>(std::move(socket), std::move(caller),
                                                 std::move(seat), surroundings_);
  if (Result<> started = connection->start(); !started) {
    log::warning("connection", "closed at once: {}", started.error().message());
    return;
  }
  connections_.emplace(connection.get(), std::move(connection));
}

void ConnectionSet::use(std::shared_ptr<const RequestServer> server,
                        const ConnectionSettings& settings) {
  surroundings_.server = std::move(server);
  surroundings_.settings = settings;
}

void ConnectionSet::wind_down(Loop::Task when_empty) {
  is_winding_down_ = true;
  when_empty_ = std::move(when_empty);
  wind_down_those([](const Caller&) { return true; }, surroundings_.settings.first_byte_grace);
  report_if_empty();
}

void ConnectionSet::wind_down_those(const std::function<bool(const Caller&)>& chosen) {
  wind_down_those(chosen, Loop::Clock::duration::zero());
}

void ConnectionSet::wind_down_those(const Chosen& chosen, Loop::Clock::duration grace) {
  std::vector<Connection*> those;
  for (const auto& [key, connection] : connections_)
    if (chosen(connection->caller())) those.push_back(connection.get());
  for (Connection* connection : those)
    connection->wind_down(grace);  // may destroy that one
}

void ConnectionSet::close_all() {
  connections_.clear();
  report_if_empty();
}

void ConnectionSet::send_answers() {
  for (Connection* connection : std::exchange(surroundings_.answered, {}))
    connection->send_answers();  // may destroy that one
}

void ConnectionSet::forget(Connection& connection) {
  connections_.erase(&connection);
  report_if_empty();
}

void ConnectionSet::report_if_empty() {
  if (!connections_.empty() || !when_empty_) return;
  std::exchange(when_empty_, nullptr)();
}

}  // namespace strongroom
