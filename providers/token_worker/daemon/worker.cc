#include "providers/token_worker/daemon/worker.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/errno_text.h"
#include "base/log.h"
#include "providers/token_worker/protocol/operations.h"

namespace strongroom::token_worker {
namespace {

// An operation is run twice at most, each time with a login and, for keys that ask each time,
// another; and any of them may be refused.
constexpr unsigned kMostQuestions = 8;

std::unexpected<Error> makes_no_sense(const char* what) {
  return fail(Status::PsaErrorCommunicationFailure, fmt::format("{} makes no sense", what));
}

void begin_message(WipedBytes& message, Operation operation) {
  Link::begin(message, static_cast<std::uint16_t>(operation));
}

Result<> send_pin(Link& link, LoginGate& gate, Link::Clock::time_point deadline) {
  WipedBytes message;
  auto pin = gate.pin();
  begin_message(message, pin ? Operation::Pin : Operation::NoPin);
  Writer writer(message);
  if (pin)
    writer.put(*pin);
  else
    put_value(writer, pin.error());
  return link.send(message, deadline);
}

Result<> note_refusal(Link& link, LoginGate& gate, Link::Clock::time_point deadline) {
  gate.refused();
  WipedBytes message;
  begin_message(message, Operation::Noted);
  return link.send(message, deadline);
}

struct Sockets {
  std::vector<UniqueFd> ours;
  std::vector<UniqueFd> theirs;
};

Result<Sockets> make_sockets(std::size_t count) {
  Sockets sockets;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      return fail(Status::PsaErrorCommunicationFailure, "socketpair: " + errno_text());
    sockets.ours.emplace_back(ends[0]);
    sockets.theirs.emplace_back(ends[1]);
  }
  return sockets;
}

}  // namespace

Result<Link::Received> exchange(Channel& channel, LoginGate& gate,
                                Link::Clock::time_point deadline) {
  Link& link = channel.link;
  TRY(link.send(channel.message, deadline));
  LoginGate::Turn turn;
  for (unsigned asked = 0; asked <= kMostQuestions; ++asked) {
    auto received = TRY(link.receive(channel.message, deadline));
    const auto reply = static_cast<Reply>(received.kind);
    if (reply == Reply::Done || reply == Reply::Failed) return received;
    const bool is_known = reply == Reply::PinWanted || reply == Reply::PinRefused;
    if (!is_known || !received.content.empty()) return makes_no_sense("an answer");
    if (!turn) turn = gate.enter(deadline);
    if (!turn)
      return fail(Status::PsaErrorCommunicationFailure, "another worker takes long to log in");
    if (reply == Reply::PinRefused) channel.is_login_refused = true;
    TRY(reply == Reply::PinWanted ? send_pin(link, gate, deadline)
                                  : note_refusal(link, gate, deadline));
  }
  return makes_no_sense("a worker that asks on and on");
}

Worker::Worker(std::unique_ptr<WorkerProcess> process)
    : process_(std::move(process)),
      statm_(::open(fmt::format("/proc/{}/statm", process_->pid()).c_str(), O_RDONLY | O_CLOEXEC)) {
}

Worker::~Worker() {
  channels_.clear();
  process_->let_end();
}

Result<std::shared_ptr<Worker>> Worker::start(WorkerStarter& starter, std::size_t channels) {
  auto sockets = TRY(make_sockets(channels));
  auto process = TRY(starter.start(std::move(sockets.theirs)));
  std::shared_ptr<Worker> worker(new Worker(std::move(process)));
  for (UniqueFd& socket : sockets.ours)
    worker->channels_.push_back(std::make_unique<Channel>(std::move(socket), kMostOfStart));
  return worker;
}

Result<> Worker::begin(const Start& start, LoginGate& gate, Link::Clock::time_point deadline) {
  TRY(ask_to_start(start, gate, deadline));
  for (const auto& channel : channels_)
    channel->link.allow(start.message_limit);
  return {};
}

Result<> Worker::ask_to_start(const Start& start, LoginGate& gate,
                              Link::Clock::time_point deadline) {
  Channel& channel = *channels_[0];
  begin_message(channel.message, Operation::Start);
  Writer writer(channel.message);
  put_value(writer, start);
  auto answer = exchange(channel, gate, deadline);
  if (!answer) {
    answer.error().add_context(kill());
    return std::unexpected(std::move(answer).error());
  }
  Reader reader(answer->content);
  if (static_cast<Reply>(answer->kind) == Reply::Failed) {
    auto error = take_value(reader, as<Error>);
    if (reader.is_complete()) return std::unexpected(std::move(error));
  } else {
    started_ = take_value(reader, as<Started>);
    if (reader.is_complete()) return {};
  }
  std::ignore = kill();
  return makes_no_sense("a worker's first answer");
}

std::string Worker::kill() {
  std::lock_guard lock(mutex_);
  if (!end_) {
    end_ = fmt::format("token worker {} was ended: {}", process_->pid(), process_->kill());
    log::warning("token-worker", "{}", *end_);
  }
  return *end_;
}

std::size_t Worker::resident() noexcept {
  constexpr std::chrono::milliseconds kOften{200};
  std::lock_guard lock(mutex_);
  const auto now = Link::Clock::now();
  if (now - looked_at_ < kOften) return resident_;
  looked_at_ = now;
  std::array<char, 128> text{};
  ssize_t size = ::pread(statm_.get(), text.data(), text.size(), 0);
  if (size <= 0) return resident_;
  // proc(5): the second of the numbers, in pages.
  const char* end = text.data() + size;
  const char* second = std::find<const char*>(text.data(), end, ' ');
  std::size_t pages = 0;
  if (second != end) std::from_chars(second + 1, end, pages);
  resident_ = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return resident_;
}

}  // namespace strongroom::token_worker
