// What every function of the C interface does around its work: out parameters, errors, exceptions.
#pragma once

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "base/error.h"
#include "client/c_api/arguments.h"
#include "client/c_api/handles.h"

namespace strongroom::c_api {

// The error's status; *error gets the rest, if it is wanted and there is memory for it.
strongroom_status report(ClientError&& failure, strongroom_error** error) noexcept;
// For what a library call threw. It may have been sent: the outcome is unknown.
strongroom_status report_exception(const std::exception& thrown, strongroom_error** error) noexcept;

// `work` gives a ClientResult<>.
template <typename Work>
strongroom_status perform(strongroom_error** error, const Work& work) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    ClientResult<> done = work();
    if (done) return STRONGROOM_STATUS_SUCCESS;
    return report(std::move(done).error(), error);
  } catch (const std::exception& thrown) {
    return report_exception(thrown, error);
  }
}

// `work` gives a ClientResult of what the new handle is made from.
template <typename Handle, typename Work>
strongroom_status produce(Handle** out, strongroom_error** error, const Work& work) noexcept {
  if (out != nullptr) *out = nullptr;
  return perform(error, [&]() -> ClientResult<> {
    TRY(check_out(out));
    auto made = TRY(work());
    *out = new Handle{std::move(made)};
    return {};
  });
}

// As produce(), from an operation of the client.
template <typename Handle, typename Work>
strongroom_status ask(strongroom_client* client, Handle** out, strongroom_error** error,
                      const Work& work) noexcept {
  return produce(out, error, [&]() {
    using Answer = decltype(work(client->client));
    if (client == nullptr) return Answer(null_argument("client"));
    return work(client->client);
  });
}

// As perform(), by an operation of the client.
template <typename Work>
strongroom_status tell(strongroom_client* client, strongroom_error** error,
                       const Work& work) noexcept {
  return perform(error, [&]() -> ClientResult<> {
    if (client == nullptr) return null_argument("client");
    return work(client->client);
  });
}

// As produce() of a buffer, which takes over the bytes that are secret and copies others.
template <typename Work>
strongroom_status ask_bytes(strongroom_client* client, strongroom_buffer** out,
                            strongroom_error** error, const Work& work) noexcept {
  return ask(client, out, error, [&](Client& service) -> ClientResult<SecretBytes> {
    auto bytes = TRY(work(service));
    if constexpr (std::is_same_v<decltype(bytes), SecretBytes>)
      return bytes;
    else
      return SecretBytes(bytes.begin(), bytes.end());
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
