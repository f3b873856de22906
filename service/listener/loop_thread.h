// A thread, its loop, and all that belongs to it.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "service/connection/connection_set.h"
#include "service/listener/listener.h"
#include "service/loop/loop.h"

namespace strongroom {

// Between start() and the end of stop() the loop, the listeners and the connections are the
// thread's; the methods here are its owner's.
class LoopThread {
 public:
  static Result<std::unique_ptr<LoopThread>> create(std::string name,
                                                    std::shared_ptr<const RequestServer> server,
                                                    const ConnectionSettings& settings);
  ~LoopThread() { stop(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  // Before start().
  Result<> listen(ListeningSocketPtr socket, Admission& admission);
  // ConnectionError when there is no thread to be had.
  Result<> start();
  // From now on: listens at `sockets` alone and serves new requests by `requests`, within
  // `settings`. Connections from other sockets finish what is in flight. Says `done` on its own
  // thread.
  struct Change {
    std::vector<ListeningSocketPtr> sockets;
    std::shared_ptr<const RequestServer> requests;
    ConnectionSettings settings;
  };
  void use(Change change, Admission& admission, Loop::Task done);
  // Listens no more, and says on its own thread once no connection is left.
  void drain(Loop::Task when_empty);
  const std::string& name() const noexcept { return name_; }
  const std::shared_ptr<Mailbox>& mailbox() const noexcept { return loop_->mailbox(); }
  // Closes what is still open, joins.
  void stop();

 private:
  LoopThread(std::string name, std::unique_ptr<Loop> loop,
             std::shared_ptr<const RequestServer> server, const ConnectionSettings& settings);
  void run();
  void apply(Change change, Admission& admission);
  void leave(Listener& listener, const std::vector<ListeningSocketPtr>& sockets);

  const std::string name_;
  const std::unique_ptr<Loop> loop_;
  ConnectionSet connections_;
  std::list<Listener> listeners_;
  std::thread thread_;
};

}  // namespace strongroom
