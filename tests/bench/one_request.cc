#include "tests/bench/one_request.h"

#include <poll.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "base/status.h"
#include "tests/bench/load_client.h"
#include "tests/bench/options.h"

namespace strongroom::bench {
namespace {

constexpr int kPatienceMs = 60'000;

void send_all(int socket, ByteView bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) die_of_errno("sending a request");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

Bytes read_to_the_end(int socket) {
  Bytes answer;
  for (;;) {
    pollfd ready{.fd = socket, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kPatienceMs) <= 0) die(1, "the service does not answer");
    std::byte chunk[4096];
    ssize_t received = ::recv(socket, chunk, sizeof chunk, 0);
    if (received < 0) die_of_errno("reading an answer");
    if (received == 0) return answer;
    answer.insert(answer.end(), chunk, chunk + received);
  }
}

}  // namespace

Response ask(const std::string& socket, const Task& task) {
  UniqueFd connection = connect_to(socket);
  if (!connection) die_of_errno(fmt::format("connecting to '{}'", socket));
  HeaderBytes header = encode(header_of(task, 0, 0));
  send_all(connection.get(), header);
  send_all(connection.get(), *body_and_auth(task, 0));
  Bytes answer = read_to_the_end(connection.get());
  if (answer.size() < kHeaderSize) die(1, "the service closes without an answer");
  auto decoded = decode_response_header(ByteView(answer).first<kHeaderSize>());
  if (!decoded) die(1, decoded.error().message());
  answer.erase(answer.begin(), answer.begin() + kHeaderSize);
  return {*decoded, std::move(answer)};
}

void prepare(const std::string& socket, ProviderId provider) {
  for (const Task& task : preparations(provider)) {
    auto status = static_cast<Status>(ask(socket, task).header.status);
    if (status != Status::Success && status != Status::PsaErrorAlreadyExists)
      die(1, fmt::format("making a key: status {}", static_cast<int>(status)));
  }
}

}  // namespace strongroom::bench
