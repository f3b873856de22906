// The client for programs with a poll loop of their own: calls that end in a callback.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "strongroom/client_error.h"
#include "strongroom/client_options.h"
#include "strongroom/request.h"

namespace strongroom {

namespace client {
class PartStream;
}

// Names one call of one AsyncClient; never used again.
enum class CallId : std::uint64_t {};

template <typename T>
using Completion = std::move_only_function<void(ClientResult<T>)>;

// One kept connection, shared by all calls of this client, which may be many at once. Owned by one
// thread, in which process() and through it the callbacks run; there is no other thread. Poll
// descriptor() for POLLIN, and call process() when it is readable.
//
// Each callback runs exactly once, from process() and never from within start() or cancel();
// those that have not run when the client is destroyed are dropped without running. A callback may
// start and cancel calls, and may destroy the client. It should not throw: what it throws leaves
// process(), and the other callbacks run at the next one.
//
// An AsyncClient belongs to the process and the effective user id that opened it. In others, after
// fork() or seteuid(), nothing can be started; destroying it in a child disturbs nothing in the
// parent, and drops the callbacks.
class [[gnu::visibility("default")]] AsyncClient {
 public:
  // Fails with source Caller for an endpoint that is not one and a name that is not UTF-8, with
  // source Endpoint when there are no descriptors; connects to nothing yet.
  static ClientResult<AsyncClient> open(ClientOptions options = {});
  AsyncClient(AsyncClient&&) noexcept;
  AsyncClient& operator=(AsyncClient&&) noexcept;
  ~AsyncClient();

  // An epoll descriptor, the same as long as the client lives, closed with it and on exec. Do
  // nothing with it but poll it.
  int descriptor() const noexcept;

  // Does what can be done without waiting: connects, sends, receives, ends calls whose time is up,
  // runs the callbacks of those that have ended.
  void process();

  // Sends the request as soon as that is possible. A request that could not be prepared ends like
  // one that failed. Fails only for lack of memory and in another process or for another user (see
  // above); `done` is then dropped. When no provider was chosen, the service is asked first.
  template <typename T>
  ClientResult<CallId> start(ClientResult<PreparedRequest<T>> request,
                             std::type_identity_t<Completion<T>> done,
                             const CallOptions& options = {});

  // The callback runs with source Cancelled, at the next process(). A call that has ended, or ends
  // in this very process(), is not affected.
  void cancel(CallId call) noexcept;

  // The path that it connects to.
  const std::string& socket_path() const noexcept;

 private:
  friend class client::PartStream;
  struct [[gnu::visibility("hidden")]] State;
  [[gnu::visibility("hidden")]] explicit AsyncClient(std::shared_ptr<State> state) noexcept;

  // A callback and what turns an answer's body into its argument.
  class Pending {
   public:
    virtual ~Pending() = default;
    virtual void finish(const detail::EncodedRequest& request, ClientResult<SecretBytes> body) = 0;
  };
  template <typename T>
  class PendingCall;

  ClientResult<CallId> begin(ClientResult<detail::EncodedRequest> request,
                             std::unique_ptr<Pending> pending, const CallOptions& options) noexcept;

  std::shared_ptr<State> state_;
};

template <typename T>
class AsyncClient::PendingCall final : public Pending {
 public:
  PendingCall(Completion<T> done, detail::Decode<T> decode) noexcept
      : done_(std::move(done)), decode_(decode) {}

  void finish(const detail::EncodedRequest& request, ClientResult<SecretBytes> body) override {
    if (body)
      done_(decode_(request, *body));
    else
      done_(std::unexpected(std::move(body).error()));
  }

 private:
  Completion<T> done_;
  detail::Decode<T> decode_;
};

template <typename T>
ClientResult<CallId> AsyncClient::start(ClientResult<PreparedRequest<T>> request,
                                        std::type_identity_t<Completion<T>> done,
                                        const CallOptions& options) {
  std::unique_ptr<Pending> pending(
      new (std::nothrow) PendingCall<T>(std::move(done), request ? request->decode_ : nullptr));
  if (!request)
    return begin(std::unexpected(std::move(request).error()), std::move(pending), options);
  return begin(std::move(request->encoded_), std::move(pending), options);
}

}  // namespace strongroom
