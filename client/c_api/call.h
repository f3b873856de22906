// What every function of the C interface does around its work: out parameters, errors, exceptions.
#pragma once

#include <memory>
#include <utility>

#include "base/error.h"
#include "client/c_api/answers.h"
#include "client/c_api/arguments.h"
#include "client/c_api/handles.h"
#include "client/guarded.h"

namespace strongroom::c_api {

// The error's status; *error gets the rest, if it is wanted and there is memory for it.
strongroom_status report(ClientError&& failure, strongroom_error** error) noexcept;

// `work` gives a ClientResult<>.
template <typename Work>
strongroom_status perform(strongroom_error** error, const Work& work) noexcept {
  if (error != nullptr) *error = nullptr;
  ClientResult<> done = client::guarded(work);
  if (done) return STRONGROOM_STATUS_SUCCESS;
  return report(std::move(done).error(), error);
}

// `work` gives a ClientResult of what the new handle is made from.
template <typename Handle, typename Work>
strongroom_status make_handle(Handle** out, strongroom_error** error, const Work& work) noexcept {
  if (out != nullptr) *out = nullptr;
  return perform(error, [&]() -> ClientResult<> {
    TRY(check_out(out != nullptr));
    auto made = TRY(work());
    *out = std::make_unique<Handle>(std::move(made)).release();
    return {};
  });
}

// `work` gives a Prepared of any kind.
template <typename Work>
strongroom_status make(strongroom_request** request, strongroom_error** error,
                       const Work& work) noexcept {
  return make_handle(request, error, [&]() -> ClientResult<strongroom_request> {
    auto prepared = TRY(work());
    return strongroom_request{.prepared = std::move(prepared), .options = {}};
  });
}

// Sends what `prepare` prepares and gives the answer to `receive`.
template <typename Prepare, typename Receive>
strongroom_status call_for_value(strongroom_client* client, strongroom_error** error,
                                 const Prepare& prepare, const Receive& receive) noexcept {
  return perform(error, [&]() -> ClientResult<> {
    if (client == nullptr) return null_argument("client");
    auto answer = TRY(client->call(prepare()));
    receive(std::move(answer));
    return {};
  });
}

// The answer becomes a new handle.
template <typename Handle, typename Prepare>
strongroom_status call_for_handle(strongroom_client* client, Handle** out, strongroom_error** error,
                                  const Prepare& prepare) noexcept {
  return make_handle(out, error, [&]() -> ClientResult<Handle> {
    if (client == nullptr) return null_argument("client");
    auto answer = TRY(client->call(prepare()));
    return handle_of(std::move(answer));
  });
}

// There is nothing in the answer.
template <typename Prepare>
strongroom_status call_for_nothing(strongroom_client* client, strongroom_error** error,
                                   const Prepare& prepare) noexcept {
  return perform(error, [&]() -> ClientResult<> {
    if (client == nullptr) return null_argument("client");
    return client->call(prepare());
  });
}

// The item of a list handle; nullptr when there is none.
template <typename List>
const auto* item(const List* list, std::size_t index) noexcept {
  return list != nullptr && index < list->items.size() ? &list->items[index] : nullptr;
}

template <typename List>
std::size_t count(const List* list) noexcept {
  return list != nullptr ? list->items.size() : 0;
}

}  // namespace strongroom::c_api
