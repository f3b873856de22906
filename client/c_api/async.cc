// Calls that end in a callback.
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"
#include "client/c_api/call.h"

namespace c_api = strongroom::c_api;
using strongroom::CallId;
using strongroom::ClientError;
using strongroom::ClientResult;
using strongroom::PreparedRequest;
using strongroom::WireVersion;

namespace {

strongroom_answer answer_of(WireVersion version) {
  return {version};
}

template <typename T>
strongroom_answer answer_of(T&& value) {
  using Handle = decltype(c_api::handle_of(std::forward<T>(value)));
  return {std::make_unique<Handle>(c_api::handle_of(std::forward<T>(value)))};
}

// What a call ends in: its callback.
struct Completion {
  strongroom_callback callback;
  void* userdata;

  void fail(ClientError failure) const {
    const auto status = static_cast<strongroom_status>(failure.status());
    const strongroom_error error{std::move(failure)};
    callback(status, nullptr, &error, userdata);
  }

  void succeed(strongroom_answer answer) const {
    callback(STRONGROOM_STATUS_SUCCESS, &answer, nullptr, userdata);
  }

  template <typename T>
  void operator()(ClientResult<T> result) const {
    if (!result) return fail(std::move(result).error());
    ClientResult<strongroom_answer> answer = received(std::move(result));
    if (!answer) return fail(std::move(answer).error());
    succeed(*std::move(answer));
  }

 private:
  template <typename T>
  static ClientResult<strongroom_answer> received(ClientResult<T>&& result) noexcept {
    return strongroom::client::guarded([&]() -> ClientResult<strongroom_answer> {
      if constexpr (std::is_void_v<T>)
        return strongroom_answer{};
      else
        return answer_of(*std::move(result));
    });
  }
};

// Hands out what the answer holds of this kind.
template <typename Handle>
Handle* take(strongroom_answer* answer) noexcept {
  if (answer == nullptr) return nullptr;
  auto* held = std::get_if<std::unique_ptr<Handle>>(&answer->value);
  return held != nullptr ? held->release() : nullptr;
}

}  // namespace

strongroom_buffer* strongroom_answer_take_buffer(strongroom_answer* answer) noexcept {
  return take<strongroom_buffer>(answer);
}

strongroom_provider_list* strongroom_answer_take_providers(strongroom_answer* answer) noexcept {
  return take<strongroom_provider_list>(answer);
}

strongroom_authenticator_list* strongroom_answer_take_authenticators(
    strongroom_answer* answer) noexcept {
  return take<strongroom_authenticator_list>(answer);
}

strongroom_opcode_list* strongroom_answer_take_opcodes(strongroom_answer* answer) noexcept {
  return take<strongroom_opcode_list>(answer);
}

strongroom_key_list* strongroom_answer_take_keys(strongroom_answer* answer) noexcept {
  return take<strongroom_key_list>(answer);
}

strongroom_application_list* strongroom_answer_take_applications(
    strongroom_answer* answer) noexcept {
  return take<strongroom_application_list>(answer);
}

strongroom_key_details* strongroom_answer_take_key_details(strongroom_answer* answer) noexcept {
  return take<strongroom_key_details>(answer);
}

strongroom_service_report* strongroom_answer_take_service_report(
    strongroom_answer* answer) noexcept {
  return take<strongroom_service_report>(answer);
}

strongroom_reload_report* strongroom_answer_take_reload_report(strongroom_answer* answer) noexcept {
  return take<strongroom_reload_report>(answer);
}

strongroom_store_check* strongroom_answer_take_store_check(strongroom_answer* answer) noexcept {
  return take<strongroom_store_check>(answer);
}

strongroom_signature_list* strongroom_answer_take_signatures(strongroom_answer* answer) noexcept {
  return take<strongroom_signature_list>(answer);
}

strongroom_sealed_text* strongroom_answer_take_sealed_text(strongroom_answer* answer) noexcept {
  return take<strongroom_sealed_text>(answer);
}

strongroom_attestation_identity* strongroom_answer_take_attestation_identity(
    strongroom_answer* answer) noexcept {
  return take<strongroom_attestation_identity>(answer);
}

strongroom_tpm_statement* strongroom_answer_take_tpm_statement(strongroom_answer* answer) noexcept {
  return take<strongroom_tpm_statement>(answer);
}

bool strongroom_answer_wire_version(const strongroom_answer* answer, uint32_t* major_number,
                                    uint32_t* minor_number) noexcept {
  const auto* version = answer != nullptr ? std::get_if<WireVersion>(&answer->value) : nullptr;
  if (version == nullptr) return false;
  if (major_number != nullptr) *major_number = version->major_number;
  if (minor_number != nullptr) *minor_number = version->minor_number;
  return true;
}

strongroom_status strongroom_async_open(const strongroom_options* options, strongroom_async** async,
                                        strongroom_error** error) noexcept {
  return c_api::make_handle(async, error, [&]() {
    return strongroom::AsyncClient::open(options != nullptr ? options->options
                                                            : strongroom::ClientOptions());
  });
}

int strongroom_async_descriptor(const strongroom_async* async) noexcept {
  return async != nullptr ? async->client.descriptor() : -1;
}

strongroom_status strongroom_async_process(strongroom_async* async,
                                           strongroom_error** error) noexcept {
  return c_api::perform(error, [&]() -> ClientResult<> {
    if (async == nullptr) return c_api::null_argument("async");
    async->client.process();
    return {};
  });
}

strongroom_status strongroom_async_start(strongroom_async* async, const strongroom_request* request,
                                         strongroom_callback callback, void* userdata,
                                         uint64_t* call, strongroom_error** error) noexcept {
  return c_api::perform(error, [&]() -> ClientResult<> {
    if (async == nullptr) return c_api::null_argument("async");
    if (request == nullptr) return c_api::null_argument("request");
    if (callback == nullptr) return c_api::null_argument("callback");
    CallId id = TRY(std::visit(
        [&]<typename T>(const PreparedRequest<T>& prepared) {
          return async->client.start(ClientResult<PreparedRequest<T>>(prepared),
                                     Completion{callback, userdata}, request->options);
        },
        request->prepared));
    if (call != nullptr) *call = static_cast<uint64_t>(id);
    return {};
  });
}

strongroom_status strongroom_async_cancel(strongroom_async* async, uint64_t call,
                                          strongroom_error** error) noexcept {
  return c_api::perform(error, [&]() -> ClientResult<> {
    if (async == nullptr) return c_api::null_argument("async");
    async->client.cancel(static_cast<CallId>(call));
    return {};
  });
}

void strongroom_async_free(strongroom_async* async) noexcept {
  delete async;
}
