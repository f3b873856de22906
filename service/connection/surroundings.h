// What the connections of one loop have in common.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "service/connection/connection_settings.h"
#include "service/connection/room_waiters.h"
#include "service/front_end/request_server.h"
#include "service/loop/loop.h"

namespace strongroom {

class Connection;

// Outlives them; belongs to the loop's thread. A reload changes server and settings: from the next
// request on they are the new ones.
struct Surroundings {
  Loop& loop;
  std::shared_ptr<const RequestServer> server;
  ConnectionSettings settings;
  // What is read goes here first; wiped after each read. kBufferStep bytes.
  MutableByteView scratch;
  // Destroys the connection, which is closed.
  std::function<void(Connection&)> forget;
  RoomWaiters room{loop.mailbox()};
  Slice slice;  // renewed with each turn of the loop
  // Those to whom the mail of this turn brought answers: they send once all of it is read.
  std::vector<Connection*> answered;
};

}  // namespace strongroom
