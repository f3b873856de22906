// What the operations in parts have in common on the client's side.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "client/guarded.h"
#include "client/process_identity.h"
#include "strongroom/async_client.h"
#include "strongroom/multipart.h"

namespace strongroom::client {

// Where the parts' outputs go, and what is told of their end.
class PartReceiver {
 public:
  virtual ~PartReceiver() = default;
  // False: nobody wants any more.
  virtual bool add(ByteView output) = 0;
  // Of the two that follow one is called, once; fail() also instead of a success that is false.
  virtual bool succeed() noexcept = 0;
  virtual void fail() noexcept = 0;
};

// Cuts data into parts, sends them ahead of their answers on a connection of its own, and puts the
// outputs back into their order. One thread at a time, in one process.
class PartStream {
 public:
  using PartNumber = std::uint64_t;

  static ClientResult<std::unique_ptr<PartStream>> open(const Client& client,
                                                        const PartOptions& options,
                                                        std::unique_ptr<PartReceiver> receiver);
  PartStream(PartStream&&) = delete;
  PartStream& operator=(PartStream&&) = delete;
  // The end of the connection is the operation's.
  ~PartStream();

  // The request that begins the operation. `id` picks its identity out of the answer.
  template <typename T, typename Id>
  ClientResult<T> begin(ClientResult<PreparedRequest<T>> request, Id id) noexcept {
    ClientResult<T> begun =
        guarded([&]() -> ClientResult<T> { return ask<T>(std::move(request)); });
    if (!begun) return given_up(std::move(begun));
    id_ = id(*begun);
    return begun;
  }
  ClientResult<> update(ByteView data) noexcept;
  // What is left of the data, and then the request that `make(id, number)` prepares; `last` gives
  // the receiver what the answer has for it.
  template <typename T, typename Make, typename Last>
  ClientResult<T> finish(Make make, Last last) noexcept {
    ClientResult<T> ended = guarded([&]() -> ClientResult<T> {
      TRY(check_usable());
      if (!rest_.empty()) TRY(send_rest());
      ClientResult<T> answer = ask<T>(make(id_, next_part_));
      if (!answer) return answer;
      TRY(last(*receiver_, answer));
      return answer;
    });
    if (!ended) return given_up(std::move(ended));
    return succeeded() ? std::move(ended) : ClientResult<T>(unwanted());
  }

  void set_nonce(Bytes nonce) noexcept { nonce_ = std::move(nonce); }
  ByteView nonce() const noexcept { return nonce_; }
  static std::unexpected<ClientError> unwanted();

 private:
  // A part that was sent.
  struct Part {
    std::size_t size = 0;
    std::optional<ClientResult<SecretBytes>> output;
  };

  PartStream(AsyncClient connection, CallOptions call, const PartOptions& options,
             std::unique_ptr<PartReceiver> receiver);

  ClientResult<> check_usable() const;
  ClientResult<> send_rest();
  ClientResult<> send(ByteView data);
  // Reads what has come; hands on what is next in order. Fails as the first part in order did.
  ClientResult<> take_answers();
  // The same after something has come.
  ClientResult<> wait();
  // Waits for the answer, and for those of all parts before it.
  template <typename T>
  ClientResult<T> ask(ClientResult<PreparedRequest<T>> request) {
    auto answer = std::make_shared<std::optional<ClientResult<T>>>();
    std::ignore = TRY(connection_->start(
        std::move(request),
        [answer](ClientResult<T> came) noexcept { answer->emplace(std::move(came)); }, call_));
    TRY(take_answers());
    while (!*answer || !under_way_.empty())
      TRY(wait());
    return **std::move(answer);
  }

  void give_up() noexcept;
  bool succeeded() noexcept;
  template <typename T>
  ClientResult<T> given_up(ClientResult<T> failure) noexcept {
    give_up();
    return failure;
  }

  const ProcessIdentity identity_ = ProcessIdentity::current();
  std::optional<AsyncClient> connection_;  // empty once it is over
  const CallOptions call_;
  const PartOptions options_;
  const std::unique_ptr<PartReceiver> receiver_;
  bool is_over_ = false;
  Bytes nonce_;
  OperationId id_{};
  PartNumber next_part_ = 1;
  SecretBytes rest_;                             // that fills no part yet
  std::deque<std::shared_ptr<Part>> under_way_;  // in order
  std::size_t bytes_under_way_ = 0;
};

}  // namespace strongroom::client
