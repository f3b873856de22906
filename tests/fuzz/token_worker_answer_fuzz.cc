// A module that has taken over its worker answers the service with any bytes. What gets through is
// what a worker could have said.
//
// The first byte of an input chooses the operation, the rest is what the worker sends.

#include <array>
#include <cstdlib>
#include <sys/socket.h>

#include "base/log.h"
#include "providers/token_worker/daemon/worker.h"
#include "providers/token_worker/protocol/operations.h"

namespace strongroom::token_worker {
namespace {

constexpr std::size_t kMost = 32'768;

template <Operation operation>
void take_answer(Reader& reader) {
  using Answer = typename SignatureOf<operation>::AnswerType;
  if constexpr (!std::is_void_v<Answer>) {
    const Answer answer = take_value(reader, as<Answer>);
    if (!reader.is_complete()) return;
    WipedBytes again;
    Writer writer(again);
    put_value(writer, answer);
  }
}

void take_started(Reader& reader) {
  const Started started = take_value(reader, as<Started>);
  if (reader.is_complete() && started.token.label.size() > kMost) std::abort();
}

void (*const kAnswers[])(Reader&) = {
    &take_started,
    &take_answer<Operation::Identity>,
    &take_answer<Operation::Materials>,
    &take_answer<Operation::Destroy>,
    &take_answer<Operation::Generate>,
    &take_answer<Operation::SignHash>,
    &take_answer<Operation::Export>,
    &take_answer<Operation::Describe>,
};

void take_failure(Reader& reader) {
  const Error error = take_value(reader, as<Error>);
  if (reader.is_complete() && error.status() == Status::Success) std::abort();
}

void let_answer(void (*take)(Reader&), ByteView stream) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
  UniqueFd worker(ends[1]);
  WorkerChannel channel{UniqueFd(ends[0]), kMost};
  if (::send(worker.get(), stream.data(), stream.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(stream.size()))
    std::abort();
  ::shutdown(worker.get(), SHUT_WR);
  LoginGate gate({.pin = [] { return SecretBuffer::copy_of(view_of("1234")); },
                  .was_refused = false,
                  .on_refused = nullptr});
  Link::begin(channel.message, static_cast<std::uint16_t>(Operation::Identity));
  auto answer = exchange(channel, gate, Link::Clock::now() + std::chrono::seconds(1));
  if (!answer) return;
  Reader reader(answer->content);
  if (static_cast<Reply>(answer->kind) == Reply::Failed)
    take_failure(reader);
  else
    take(reader);
}

}  // namespace
}  // namespace strongroom::token_worker

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom;
  log::set_level(log::Level::Off);
  if (size < 2 || size > token_worker::kMost) return 0;
  token_worker::let_answer(token_worker::kAnswers[data[0] % std::size(token_worker::kAnswers)],
                           std::as_bytes(std::span(data, size).subspan(1)));
  return 0;
}
