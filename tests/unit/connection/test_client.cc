#include "tests/unit/connection/test_client.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <thread>

#include <gtest/gtest.h>

namespace strongroom::testing {

Bytes request_frame(std::string_view body, std::string_view auth, std::uint64_t session,
                    std::uint16_t flags) {
  RequestHeader header;
  header.flags = flags;
  header.session = session;
  header.body_size = static_cast<std::uint32_t>(body.size());
  header.auth_size = static_cast<std::uint16_t>(auth.size());
  header.opcode = static_cast<std::uint32_t>(Opcode::Ping);
  HeaderBytes encoded = encode(header);
  Bytes frame(encoded.begin(), encoded.end());
  for (std::string_view part : {body, auth})
    frame.insert(frame.end(), view_of(part).begin(), view_of(part).end());
  return frame;
}

Bytes kept_frame(std::string_view body, std::uint64_t session) {
  return request_frame(body, "", session, kFlagKeep);
}

Bytes joined(std::initializer_list<Bytes> frames) {
  Bytes whole;
  for (const Bytes& frame : frames)
    whole.insert(whole.end(), frame.begin(), frame.end());
  return whole;
}

TestClient::TestClient(UniqueFd socket) : socket_(std::move(socket)) {
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

TestClient TestClient::connected_to(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    ADD_FAILURE() << "connecting to " << path << ": errno " << errno;
  return TestClient(std::move(socket));
}

int TestClient::send(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

int TestClient::send_in_pieces(ByteView bytes, std::span<const std::size_t> sizes) {
  for (std::size_t size : sizes) {
    if (int error = send(bytes.first(size)); error != 0) return error;
    bytes = bytes.subspan(size);
    wait_until_read();
  }
  return send(bytes);
}

void TestClient::wait_until_read() const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int unread = 1; unread != 0;) {
    if (::ioctl(socket_.get(), SIOCOUTQ, &unread) != 0) return;
    if (unread != 0) std::this_thread::yield();
    if (std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << unread << " bytes were not read";
      return;
    }
  }
}

void TestClient::end_writing() {
  ::shutdown(socket_.get(), SHUT_WR);
}

TestClient::Received TestClient::receive_to_end() {
  Received all;
  for (;;) {
    Received some = receive_some();
    all.error = some.error;
    if (some.error != 0 || some.bytes.empty()) return all;
    all.bytes.insert(all.bytes.end(), some.bytes.begin(), some.bytes.end());
  }
}

TestClient::Received TestClient::receive_some() {
  Received received{.bytes = Bytes(kHeaderSize + 256 * 1024)};
  const ssize_t count = ::recv(socket_.get(), received.bytes.data(), received.bytes.size(), 0);
  if (count < 0) received.error = errno;
  received.bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return received;
}

bool TestClient::receive_exactly(MutableByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

std::optional<Response> TestClient::receive_response() {
  HeaderBytes bytes{};
  if (!receive_exactly(bytes)) return std::nullopt;
  auto header = decode_response_header(bytes);
  if (!header) return std::nullopt;
  Response response{.header = *header, .body = Bytes(header->body_size)};
  if (!receive_exactly(response.body)) return std::nullopt;
  return response;
}

bool TestClient::is_at_end() {
  const Received received = receive_some();
  return received.bytes.empty() && received.error == 0;
}

std::optional<Response> TestClient::Received::response() const {
  if (bytes.size() < kHeaderSize) return std::nullopt;
  auto header = decode_response_header(ByteView(bytes).first<kHeaderSize>());
  if (!header || header->body_size != bytes.size() - kHeaderSize) return std::nullopt;
  return Response{.header = *header, .body = copy_of(ByteView(bytes).subspan(kHeaderSize))};
}

std::optional<Status> TestClient::Received::status() const {
  std::optional<Response> whole = response();
  if (!whole) return std::nullopt;
  return status_from(whole->header.status);
}

std::string TestClient::Received::body() const {
  std::optional<Response> whole = response();
  return whole ? std::string(text_of(whole->body)) : std::string();
}

}  // namespace strongroom::testing
