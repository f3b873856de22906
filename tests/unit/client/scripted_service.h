// A service in the test's own process that holds a conversation on each connection, as the test
// says, in a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "protocol/frame.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/client/fake_service.h"

namespace strongroom::testing {

// The service's end of one connection.
class Conversation {
 public:
  Conversation(UniqueFd connection, int number)
      : connection_(std::move(connection)), number_(number) {}

  // Of all connections of the service, counted from 0.
  int number() const { return number_; }
  // The next request; nullopt when the client is gone.
  std::optional<Request> next();
  // Whether a request or the client's end comes within this time.
  bool anything_within(std::chrono::milliseconds span) const;
  void send(ByteView bytes);
  // In pieces of 1 to `most` bytes.
  void send_in_pieces(ByteView bytes, std::size_t most, unsigned seed);
  void answer(const Request& request);
  // Reads the next request's header alone, and answers it.
  void refuse_early(Status status);
  void half_close();
  // The client's uid by the kernel's word.
  uid_t peer() const;
  void hang_up();
  // From another thread: whoever waits here is told that the client is gone, and the client that
  // the service is.
  void interrupt();

 private:
  std::mutex mutex_;
  UniqueFd connection_;
  int number_;
};

class ScriptedService {
 public:
  using Script = std::function<void(Conversation&)>;

  explicit ScriptedService(Script script);
  ~ScriptedService();

  std::string socket_path() const { return directory_ / "service.sock"; }
  int connections() const { return connections_; }

  // Nobody listens any more, and connections are closed.
  void stop();
  void start();

 private:
  void serve(int listener);

  TemporaryDirectory directory_;
  Script script_;
  std::atomic<int> connections_ = 0;
  UniqueFd listener_;
  std::vector<std::unique_ptr<Conversation>> conversations_;
  std::vector<std::jthread> threads_;
  std::jthread accepting_;
};

// Of an operation without a result, and of PsaHashCompute, whose "hash" is the input: so that each
// request has its own answer.
Bytes proper_answer(const Request& request);
// Answers all it is asked and keeps connections.
void keep_answering(Conversation& conversation);
// As Parsec: one request a connection.
void answer_once(Conversation& conversation);

bool asks_to_be_kept(const Request& request);
bool is_for(const Request& request, Opcode opcode);

}  // namespace strongroom::testing
