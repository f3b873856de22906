// The client's parser: a service that sends any bytes, in any pieces, to a client with calls in
// flight. Pieces make no difference; each call ends at most once; only an answer that names a call
// and its operation ends it well.

#include <array>
#include <cstdlib>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "client/channel/answer_reader.h"
#include "client/channel/channel.h"
#include "tests/fuzz/fuzz_input.h"

namespace strongroom::client {
namespace {

using testing::FuzzInput;

constexpr std::uint32_t kMaxAnswer = 2000;
constexpr std::uint64_t kCalls = 3;

void require(bool claim) {
  if (!claim) std::abort();
}

struct Reading {
  std::vector<std::pair<std::uint64_t, std::string>> answers;
  bool has_failed = false;
  bool operator==(const Reading&) const = default;
};

void read_piece(AnswerReader& reader, ByteView piece, Reading& reading) {
  while (!piece.empty() && !reading.has_failed) {
    auto answer = reader.read(piece);
    reading.has_failed = !answer;
    if (!answer || !*answer) continue;
    require((*answer)->body.size() <= kMaxAnswer);
    reading.answers.emplace_back((*answer)->header.session, text_of((*answer)->body));
  }
}

Reading read_whole(ByteView stream) {
  AnswerReader reader(kMaxAnswer);
  Reading reading;
  read_piece(reader, stream, reading);
  return reading;
}

Reading read_in_pieces(ByteView stream, FuzzInput choices) {
  AnswerReader reader(kMaxAnswer);
  Reading reading;
  while (!stream.empty() && !reading.has_failed) {
    const ByteView piece = stream.first(std::min(1 + choices.below(80), stream.size()));
    stream = stream.subspan(piece.size());
    read_piece(reader, piece, reading);
  }
  return reading;
}

void add_call(Channel& channel, std::uint64_t id) {
  Calls calls;
  Call& call = calls.emplace_back(id);
  call.request.opcode = Opcode::PsaSignHash;
  call.request.effect = EncodedRequest::Effect::Changes;
  call.request.frame.resize(kHeaderSize + 10);
  call.provider = ProviderId::Software;
  channel.put(calls, calls.begin());
}

void let_answer(ByteView stream, Channel::Manner manner) {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  UniqueFd service(ends[1]);
  Channel channel{UniqueFd(ends[0]), manner, kMaxAnswer};
  const std::uint64_t count = manner == Channel::Manner::Keep ? kCalls : 1;
  for (std::uint64_t id = 1; id <= count; ++id)
    add_call(channel, id);
  channel.send();
  require(::send(service.get(), stream.data(), stream.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(stream.size()));
  service.reset();
  Calls ended;
  while (!channel.fault())
    channel.receive(ended, Clock::now());
  require(ended.size() + channel.calls().size() == count);
  for (const Call& call : ended)
    require(call.result.has_value());
}

}  // namespace
}  // namespace strongroom::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom::client;
  const strongroom::ByteView stream =
      std::as_bytes(std::span(data, std::min<std::size_t>(size, 8192)));
  require(read_whole(stream) == read_in_pieces(stream, {data, size}));
  if (stream.empty()) return 0;
  let_answer(stream, Channel::Manner::Keep);
  let_answer(stream, Channel::Manner::Once);
  return 0;
}
