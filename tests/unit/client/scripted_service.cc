#include "tests/unit/client/scripted_service.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "psa_hash_compute.pb.h"

namespace strongroom::testing {
namespace {

bool receive_all(int fd, MutableByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

std::optional<Request> Conversation::next() {
  HeaderBytes header{};
  if (!connection_ || !receive_all(connection_.get(), header)) return std::nullopt;
  Result<std::optional<RequestHeader>> decoded = decode_request_header(header);
  if (!decoded || !*decoded) return std::nullopt;
  Request request{.header = **decoded, .body = {}, .auth = {}};
  request.body.resize(request.header.body_size);
  request.auth.resize(request.header.auth_size);
  if (!receive_all(connection_.get(), request.body)) return std::nullopt;
  if (!receive_all(connection_.get(), request.auth)) return std::nullopt;
  return request;
}

void Conversation::refuse_early(Status status) {
  HeaderBytes header{};
  if (!receive_all(connection_.get(), header)) return;
  Request request;
  request.header = **decode_request_header(header);
  send(refusal(request, status));
}

bool Conversation::anything_within(std::chrono::milliseconds span) const {
  pollfd one{.fd = connection_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, static_cast<int>(span.count())) > 0;
}

void Conversation::send(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
}

void Conversation::send_in_pieces(ByteView bytes, std::size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  while (!bytes.empty()) {
    const std::size_t size = std::min(1 + random() % most, bytes.size());
    send(bytes.first(size));
    bytes = bytes.subspan(size);
  }
}

void Conversation::hang_up() {
  std::scoped_lock lock(mutex_);
  connection_.reset();
}

void Conversation::interrupt() {
  std::scoped_lock lock(mutex_);
  if (connection_) ::shutdown(connection_.get(), SHUT_RDWR);
}

uid_t Conversation::peer() const {
  ucred peer{};
  socklen_t size = sizeof peer;
  ::getsockopt(connection_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return peer.uid;
}

void Conversation::half_close() {
  ::shutdown(connection_.get(), SHUT_WR);
}

ScriptedService::ScriptedService(Script script) : script_(std::move(script)) {
  start();
}

ScriptedService::~ScriptedService() {
  stop();
}

void ScriptedService::start() {
  ::unlink(socket_path().c_str());
  listener_ = listen_at(socket_path());
  accepting_ = std::jthread([this, fd = listener_.get()] { serve(fd); });
}

void ScriptedService::stop() {
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes the accept
  if (accepting_.joinable()) accepting_.join();
  listener_.reset();
  for (const auto& conversation : conversations_)
    conversation->interrupt();
  threads_.clear();
  conversations_.clear();
}

void ScriptedService::serve(int listener) {
  while (true) {
    UniqueFd connection(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection && errno == EMFILE) {  // a test that takes the descriptors away
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    if (!connection) return;
    conversations_.push_back(std::make_unique<Conversation>(std::move(connection), connections_++));
    threads_.emplace_back([this, conversation = conversations_.back().get()] {
      script_(*conversation);
      conversation->hang_up();
    });
  }
}

Bytes proper_answer(const Request& request) {
  if (!is_for(request, Opcode::PsaHashCompute)) return success(request);
  psa_hash_compute::Operation operation;
  operation.ParseFromArray(request.body.data(), static_cast<int>(request.body.size()));
  psa_hash_compute::Result result;
  result.set_hash(operation.input());
  return success_with(request, result);
}

void Conversation::answer(const Request& request) {
  send(proper_answer(request));
}

void keep_answering(Conversation& conversation) {
  while (std::optional<Request> request = conversation.next())
    conversation.answer(*request);
}

void answer_once(Conversation& conversation) {
  if (std::optional<Request> request = conversation.next()) conversation.answer(*request);
}

bool asks_to_be_kept(const Request& request) {
  return (request.header.flags & kFlagKeep) != 0;
}

bool is_for(const Request& request, Opcode opcode) {
  return request.header.opcode == std::to_underlying(opcode);
}

}  // namespace strongroom::testing
