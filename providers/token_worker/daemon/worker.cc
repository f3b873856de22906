#include "providers/token_worker/daemon/worker.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <sys/socket.h>
#include <utility>

#include "base/errno_text.h"
#include "base/log.h"
#include "providers/token_worker/protocol/operations.h"

namespace strongroom::token_worker {
namespace {

// An operation is run twice at most, each time with a login and, for keys that ask each time,
// another; and any of them may be refused.
constexpr unsigned kMostQuestions = 8;
// Where the worker itself has not said what it fails for.
constexpr const char* kStarting = "starting a token worker";

std::unexpected<Error> makes_no_sense(const char* what) {
  return fail(Status::PsaErrorCommunicationFailure, fmt::format("{} makes no sense", what));
}

void begin_message(WipedBytes& message, Operation operation) {
  Link::begin(message, static_cast<std::uint16_t>(operation));
}

// What a worker is told while it serves a request, and what that says of the PIN it was given.
class Conversation {
 public:
  Conversation(WorkerChannel& channel, LoginGate& gate, Link::Clock::time_point deadline) noexcept
      : channel_(channel), gate_(gate), deadline_(deadline) {}
  // With the PIN, and without a word of it.
  ~Conversation() { end(LoginGate::Verdict::Unclear); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  Result<> answer(Reply reply) {
    if (!turn_) turn_ = gate_.enter(deadline_);
    if (!turn_)
      return fail(Status::PsaErrorCommunicationFailure, "another worker takes long to log in");
    if (reply == Reply::PinWanted) return send_pin();
    has_pin_ = false;
    if (reply == Reply::PinUnclear) {
      gate_.settled(LoginGate::Verdict::Unclear);
    } else {
      channel_.is_login_refused = true;
      gate_.refused();
    }
    begin_message(message_, Operation::Noted);
    return channel_.link.send(message_, deadline_);
  }
  // The worker lives, and has complained of nothing.
  void end(LoginGate::Verdict verdict) {
    if (std::exchange(has_pin_, false)) gate_.settled(verdict);
  }

 private:
  Result<> send_pin() {
    end(LoginGate::Verdict::NotTried);
    auto pin = gate_.pin();
    has_pin_ = pin.has_value();
    begin_message(message_, pin ? Operation::Pin : Operation::NoPin);
    Writer writer(message_);
    if (pin)
      writer.put(*pin);
    else
      put_value(writer, pin.error());
    return channel_.link.send(message_, deadline_);
  }

  WorkerChannel& channel_;
  LoginGate& gate_;
  const Link::Clock::time_point deadline_;
  LoginGate::Turn turn_;
  bool has_pin_ = false;  // and nothing is known of what came of it
  WipedBytes message_{};
};

bool is_question(Reply reply) {
  return reply == Reply::PinWanted || reply == Reply::PinRefused || reply == Reply::PinUnclear;
}

}  // namespace

Result<Link::Received> exchange(WorkerChannel& channel, LoginGate& gate,
                                Link::Clock::time_point deadline) {
  using enum LoginGate::Verdict;
  Conversation conversation(channel, gate, deadline);
  TRY(channel.link.send(channel.message, deadline));
  for (unsigned asked = 0; asked <= kMostQuestions; ++asked) {
    auto received = TRY(channel.link.receive(channel.message, deadline));
    const auto reply = static_cast<Reply>(received.kind);
    if (reply == Reply::Done || reply == Reply::Failed) {
      conversation.end(reply == Reply::Done ? Accepted : NotTried);
      return received;
    }
    if (!is_question(reply) || !received.content.empty()) return makes_no_sense("an answer");
    TRY(conversation.answer(reply));
  }
  return makes_no_sense("a worker that asks on and on");
}

Worker::Worker(std::unique_ptr<WorkerProcess> process, UniqueFd socket)
    : process_(std::move(process)),
      statm_(::open(fmt::format("/proc/{}/statm", process_->pid()).c_str(), O_RDONLY | O_CLOEXEC)),
      channel_(std::in_place, std::move(socket), kMostOfStart) {}

Worker::~Worker() {
  channel_.reset();
  process_->let_end();
}

Result<std::shared_ptr<Worker>> Worker::start(WorkerStarter& starter) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(Status::PsaErrorCommunicationFailure,
                fmt::format("{}: socketpair: {}", kStarting, errno_text()));
  UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  auto process = TRY(in_context(starter.start(std::move(theirs)), "{}", kStarting));
  return std::shared_ptr<Worker>(new Worker(std::move(process), std::move(ours)));
}

Result<> Worker::begin(const Start& start, LoginGate& gate, Link::Clock::time_point deadline) {
  TRY(ask_to_start(start, gate, deadline));
  channel_->link.allow(start.message_limit);
  return {};
}

Result<> Worker::ask_to_start(const Start& start, LoginGate& gate,
                              Link::Clock::time_point deadline) {
  WorkerChannel& channel = *channel_;
  begin_message(channel.message, Operation::Start);
  Writer writer(channel.message);
  put_value(writer, start);
  auto answer = exchange(channel, gate, deadline);
  if (!answer) {
    answer.error().add_context(kill());
    answer.error().add_context(kStarting);
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
  return in_context(Result<>(makes_no_sense("its first answer")), "{}", kStarting);
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
