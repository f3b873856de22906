#include "tests/unit/client/fake_service.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace strongroom::testing {
namespace {

bool receive_all(int fd, MutableByteView bytes) {
  while (!bytes.empty()) {
    ssize_t size = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(size));
  }
  return true;
}

std::optional<Request> receive_request(int fd) {
  HeaderBytes header{};
  if (!receive_all(fd, header)) return std::nullopt;
  Result<std::optional<RequestHeader>> decoded = decode_request_header(header);
  if (!decoded || !*decoded) return std::nullopt;
  Request request{.header = **decoded, .body = {}, .auth = {}};
  request.body.resize(request.header.body_size);
  request.auth.resize(request.header.auth_size);
  if (!receive_all(fd, request.body) || !receive_all(fd, request.auth)) return std::nullopt;
  return request;
}

Bytes frame(const ResponseHeader& header, std::string_view body) {
  HeaderBytes encoded = encode(header);
  Bytes bytes(encoded.begin(), encoded.end());
  ByteView view = view_of(body);
  bytes.insert(bytes.end(), view.begin(), view.end());
  return bytes;
}

}  // namespace

UniqueFd listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(listener.get(), generic, sizeof address) != 0 || ::listen(listener.get(), 16) != 0)
    std::abort();
  return listener;
}

Bytes success(const Request& request, std::string_view body) {
  return frame({.provider = request.header.provider,
                .session = request.header.session,
                .body_size = static_cast<std::uint32_t>(body.size()),
                .opcode = request.header.opcode},
               body);
}

Bytes refusal(const Request& request, Status status) {
  return frame({.provider = request.header.provider,
                .session = request.header.session,
                .opcode = request.header.opcode,
                .status = static_cast<std::uint16_t>(status)},
               "");
}

FakeService::FakeService(Answer answer)
    : answer_(std::move(answer)),
      listener_(listen_at(socket_path())),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

FakeService::~FakeService() {
  thread_.request_stop();
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes the accept
}

std::vector<Request> FakeService::requests() const {
  std::scoped_lock lock(mutex_);
  return requests_;
}

void FakeService::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection) serve_one(connection);
  }
}

void FakeService::serve_one(const UniqueFd& connection) {
  std::optional<Request> request = receive_request(connection.get());
  if (!request) return;
  Bytes answer = answer_(*request);
  {
    std::scoped_lock lock(mutex_);
    requests_.push_back(*std::move(request));
  }
  ByteView rest = answer;
  while (!rest.empty()) {
    ssize_t size = ::send(connection.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    rest = rest.subspan(static_cast<std::size_t>(size));
  }
}

}  // namespace strongroom::testing
