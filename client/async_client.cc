#include "strongroom/async_client.h"

#include <utility>

#include "base/error.h"
#include "client/async/async_state.h"
#include "client/guarded.h"
#include "client/settings.h"

namespace strongroom {

AsyncClient::AsyncClient(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}
AsyncClient::AsyncClient(AsyncClient&&) noexcept = default;

AsyncClient& AsyncClient::operator=(AsyncClient&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

AsyncClient::~AsyncClient() {
  if (state_) state_->close();
}

ClientResult<AsyncClient> AsyncClient::open(ClientOptions options) {
  return client::guarded([&]() -> ClientResult<AsyncClient> {
    client::Settings settings = TRY(client::settings_from(options));
    auto state = std::make_shared<State>(std::move(settings), options.provider);
    TRY(state->prepare());
    return AsyncClient(std::move(state));
  });
}

int AsyncClient::descriptor() const noexcept {
  return state_->descriptor();
}

const std::string& AsyncClient::socket_path() const noexcept {
  return state_->socket_path();
}

void AsyncClient::process() {
  // A callback may destroy this client.
  const std::shared_ptr<State> state = state_;
  state->process();
}

void AsyncClient::cancel(CallId call) noexcept {
  state_->cancel(call);
}

ClientResult<CallId> AsyncClient::begin(ClientResult<detail::EncodedRequest> request,
                                        std::unique_ptr<Pending> pending,
                                        const CallOptions& options) noexcept {
  return client::guarded([&]() -> ClientResult<CallId> {
    if (!pending) return client::out_of_memory();
    return state_->begin(std::move(request), std::move(pending), options);
  });
}

}  // namespace strongroom
