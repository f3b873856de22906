#include "strongroom/client.h"

#include <cerrno>
#include <utility>

#include "base/error.h"
#include "client/channel/deadline.h"
#include "client/guarded.h"
#include "client/sync/client_state.h"

namespace strongroom {

using client::Clock;
using client::Deadline;
using client::deadline_in;
using client::guarded;
using detail::EncodedRequest;

namespace {

// What is sent of a request; what reading its answer needs stays.
EncodedRequest part_to_send(EncodedRequest& request) noexcept {
  return {.opcode = request.opcode,
          .identity = request.identity,
          .effect = request.effect,
          .target = request.target,
          .frame = std::move(request.frame),
          .key_name = {},
          .expected_count = 0};
}

}  // namespace

Client::Client(std::shared_ptr<State> state, std::optional<ProviderId> provider,
               std::chrono::milliseconds timeout, std::stop_token cancellation) noexcept
    : state_(std::move(state)),
      provider_(provider),
      timeout_(timeout),
      cancellation_(std::move(cancellation)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

ClientResult<Client> Client::open(ClientOptions options) {
  return guarded([&]() -> ClientResult<Client> {
    client::Settings settings = TRY(client::settings_from(options));
    return Client(std::make_shared<State>(std::move(settings)), options.provider, options.timeout,
                  {});
  });
}

Client Client::with_provider(ProviderId provider) const noexcept {
  Client other = same();
  other.provider_ = provider;
  return other;
}

Client Client::with_timeout(std::chrono::milliseconds timeout) const noexcept {
  Client other = same();
  other.timeout_ = timeout;
  return other;
}

Client Client::with_cancellation(std::stop_token token) const noexcept {
  Client other = same();
  other.cancellation_ = std::move(token);
  return other;
}

Client Client::same() const noexcept {
  return {state_, provider_, timeout_, cancellation_};
}

const std::string& Client::socket_path() const noexcept {
  return state_->settings.socket_path;
}

ClientResult<SecretBytes> Client::exchange(EncodedRequest& request,
                                           const CallOptions& options) noexcept {
  return guarded([&]() -> ClientResult<SecretBytes> {
    std::stop_token cancellation =
        options.cancellation.stop_possible() ? options.cancellation : cancellation_;
    if (cancellation.stop_requested())
      return std::unexpected(ClientError(ErrorSource::Cancelled, Status::ConnectionError,
                                         "sending the request: cancelled", ECANCELED));
    const Deadline deadline = deadline_in(options.timeout.value_or(timeout_), Clock::now());
    ProviderId target = ProviderId::Core;
    if (request.target == EncodedRequest::Target::KeyProvider) {
      const std::optional<ProviderId> chosen = options.provider ? options.provider : provider_;
      target = TRY(chosen ? *chosen : state_->find_provider(deadline, cancellation));
    }
    return state_->generation().call({.request = part_to_send(request),
                                      .provider = target,
                                      .deadline = deadline,
                                      .cancellation = std::move(cancellation)});
  });
}

ClientResult<ProviderId> Client::provider() {
  return guarded([&]() -> ClientResult<ProviderId> {
    if (provider_) return *provider_;
    return state_->find_provider(deadline_in(timeout_, Clock::now()), cancellation_);
  });
}

}  // namespace strongroom
