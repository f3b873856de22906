#include "client/parts/part_stream.h"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <tuple>

#include <fmt/format.h>

#include "base/error.h"
#include "client/async/async_state.h"
#include "client/channel/socket.h"
#include "client/sync/client_state.h"

namespace strongroom::client {

ClientResult<std::unique_ptr<PartStream>> PartStream::open(const Client& client,
                                                           const PartOptions& options,
                                                           std::unique_ptr<PartReceiver> receiver) {
  if (options.part_size == 0)
    return std::unexpected(ClientError(ErrorSource::Caller, Status::PsaErrorInvalidArgument,
                                       "beginning an operation in parts: of no bytes"));
  std::optional<ProviderId> provider = client.provider_;
  const int usual = client.state_->default_provider;
  if (!provider && usual != Client::State::kUnknown) provider = static_cast<ProviderId>(usual);
  auto state = std::make_shared<AsyncClient::State>(client.state_->settings, provider);
  TRY(state->prepare());
  return std::unique_ptr<PartStream>(new PartStream(
      AsyncClient(std::move(state)),
      {.timeout = client.timeout_, .cancellation = client.cancellation_, .provider = {}}, options,
      std::move(receiver)));
}

PartStream::PartStream(AsyncClient connection, CallOptions call, const PartOptions& options,
                       std::unique_ptr<PartReceiver> receiver)
    : connection_(std::move(connection)),
      call_(std::move(call)),
      options_(options),
      receiver_(std::move(receiver)) {}

PartStream::~PartStream() {
  give_up();
}

ClientResult<> PartStream::check_usable() const {
  if (is_over_)
    return std::unexpected(ClientError(ErrorSource::Caller, Status::PsaErrorBadState,
                                       "going on with an operation in parts: it has ended"));
  if (identity_ == ProcessIdentity::current()) return {};
  return std::unexpected(
      ClientError(ErrorSource::Caller, Status::PsaErrorBadState,
                  "going on with an operation in parts: another process or user began it"));
}

ClientResult<> PartStream::update(ByteView data) noexcept {
  ClientResult<> done = guarded([&]() -> ClientResult<> {
    TRY(check_usable());
    while (rest_.size() + data.size() >= options_.part_size) {
      const ByteView filling = data.first(options_.part_size - rest_.size());
      data = data.subspan(filling.size());
      if (rest_.empty()) {
        TRY(send(filling));
      } else {
        rest_.insert(rest_.end(), filling.begin(), filling.end());
        TRY(send_rest());
      }
    }
    rest_.insert(rest_.end(), data.begin(), data.end());
    return take_answers();
  });
  return done ? std::move(done) : given_up(std::move(done));
}

ClientResult<> PartStream::send_rest() {
  TRY(send(rest_));
  rest_.clear();
  return {};
}

ClientResult<> PartStream::send(ByteView data) {
  while (bytes_under_way_ > 0 && bytes_under_way_ + data.size() > options_.window)
    TRY(wait());
  auto part = std::make_shared<Part>();
  part->size = data.size();
  under_way_.push_back(part);
  std::ignore = TRY(connection_->start(
      requests::update_operation(id_, next_part_, data),
      [part](ClientResult<SecretBytes> came) noexcept { part->output.emplace(std::move(came)); },
      call_));
  bytes_under_way_ += data.size();
  ++next_part_;
  return {};
}

ClientResult<> PartStream::take_answers() {
  connection_->process();
  while (!under_way_.empty() && under_way_.front()->output) {
    const std::shared_ptr<Part> part = std::move(under_way_.front());
    under_way_.pop_front();
    bytes_under_way_ -= part->size;
    if (!*part->output) return std::unexpected(std::move(*part->output).error());
    if (!receiver_->add(**part->output)) return unwanted();
  }
  return {};
}

ClientResult<> PartStream::wait() {
  pollfd polled{.fd = connection_->descriptor(), .events = POLLIN, .revents = 0};
  if (::poll(&polled, 1, -1) < 0 && errno != EINTR)
    return std::unexpected(ClientError(ErrorSource::Connection, Status::ConnectionError,
                                       "waiting for answers: poll: " + errno_words(errno), errno));
  return take_answers();
}

std::unexpected<ClientError> PartStream::unwanted() {
  return std::unexpected(ClientError(ErrorSource::Cancelled, Status::ConnectionError,
                                     "going on with an operation in parts: its output is refused",
                                     ECANCELED));
}

// In a child of fork() the receiver is the parent's, and so may be what stands behind it.
void PartStream::give_up() noexcept {
  if (std::exchange(is_over_, true)) return;
  connection_.reset();
  if (identity_.process == Process::current()) receiver_->fail();
}

bool PartStream::succeeded() noexcept {
  is_over_ = true;
  connection_.reset();
  if (receiver_->succeed()) return true;
  receiver_->fail();
  return false;
}

}  // namespace strongroom::client
