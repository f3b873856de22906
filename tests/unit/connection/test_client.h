// The client's end of a connection, for tests: blocking, and precise about what it saw.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "protocol/frame.h"

namespace strongroom::testing {

// A request that announces exactly what it has.
Bytes request_frame(std::string_view body, std::string_view auth = "", std::uint64_t session = 0,
                    std::uint16_t flags = 0);
// One that asks to keep the connection.
Bytes kept_frame(std::string_view body, std::uint64_t session = 0);
Bytes joined(std::initializer_list<Bytes> frames);

class TestClient {
 public:
  // A read or write that takes longer than 20 s fails.
  explicit TestClient(UniqueFd socket);
  static TestClient connected_to(const std::string& path);

  // 0, or the errno of the write that failed.
  int send(ByteView bytes);
  // In pieces of these sizes, the rest at once; each waits until the one before was read.
  int send_in_pieces(ByteView bytes, std::span<const std::size_t> sizes);
  void wait_until_read() const;
  void end_writing();
  void hang_up() { socket_.reset(); }

  // All until the end of the stream, as a client that does not look at lengths reads.
  struct Received {
    Bytes bytes;
    int error = 0;  // errno of the read that failed; 0 for a proper end of stream
    std::optional<Response> response() const;  // empty unless it is exactly one
    std::optional<Status> status() const;
    std::string body() const;  // empty without a response
  };
  Received receive_to_end();
  // At most one read.
  Received receive_some();
  // Exactly one response; nullopt when the stream ends or fails first.
  std::optional<Response> receive_response();
  bool is_at_end();  // once all before it was received

  int descriptor() const noexcept { return socket_.get(); }

 private:
  bool receive_exactly(MutableByteView bytes);

  UniqueFd socket_;
};

}  // namespace strongroom::testing
