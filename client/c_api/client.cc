// Options, clients and buffers.
#include <chrono>
#include <string>

#include "client/c_api/call.h"

using strongroom::ClientOptions;
using strongroom::ClientResult;
using strongroom::ProviderId;
using strongroom::c_api::make_handle;
using strongroom::c_api::null_argument;
using strongroom::c_api::perform;
using strongroom::c_api::text_in;

namespace {

// `change` gets the options; strings among its arguments are checked before.
template <typename Change>
strongroom_status set(strongroom_options* options, strongroom_error** error, const Change& change) {
  return perform(error, [&]() -> ClientResult<> {
    if (options == nullptr) return null_argument("options");
    return change(options->options);
  });
}

template <typename Value>
strongroom_status set_value(strongroom_options* options, strongroom_error** error,
                            Value ClientOptions::* member, Value value) {
  return set(options, error, [&](ClientOptions& settings) -> ClientResult<> {
    settings.*member = value;
    return {};
  });
}

strongroom_status set_text(strongroom_options* options, strongroom_error** error,
                           std::string ClientOptions::* member, const char* name,
                           const char* text) {
  return set(options, error, [&](ClientOptions& settings) -> ClientResult<> {
    std::string_view value = TRY(text_in(name, text));
    settings.*member = value;
    return {};
  });
}

}  // namespace

const char* strongroom_library_version(void) noexcept {
  return STRONGROOM_VERSION;
}

strongroom_status strongroom_options_new(strongroom_options** options,
                                         strongroom_error** error) noexcept {
  return make_handle(options, error,
                     []() -> ClientResult<ClientOptions> { return ClientOptions(); });
}

strongroom_status strongroom_options_set_endpoint(strongroom_options* options, const char* endpoint,
                                                  strongroom_error** error) noexcept {
  return set_text(options, error, &ClientOptions::endpoint, "endpoint", endpoint);
}

strongroom_status strongroom_options_set_application_name(strongroom_options* options,
                                                          const char* name,
                                                          strongroom_error** error) noexcept {
  return set_text(options, error, &ClientOptions::application_name, "name", name);
}

strongroom_status strongroom_options_set_provider(strongroom_options* options, uint8_t provider,
                                                  strongroom_error** error) noexcept {
  return set_value(options, error, &ClientOptions::provider,
                   std::optional(static_cast<ProviderId>(provider)));
}

strongroom_status strongroom_options_set_timeout_ms(strongroom_options* options,
                                                    uint32_t timeout_ms,
                                                    strongroom_error** error) noexcept {
  return set_value(options, error, &ClientOptions::timeout, std::chrono::milliseconds(timeout_ms));
}

strongroom_status strongroom_options_set_max_answer_size(strongroom_options* options, uint32_t size,
                                                         strongroom_error** error) noexcept {
  return set_value(options, error, &ClientOptions::max_answer_size, size);
}

strongroom_status strongroom_options_set_trust_any_socket(strongroom_options* options, bool trust,
                                                          strongroom_error** error) noexcept {
  return set_value(options, error, &ClientOptions::trust_any_socket, trust);
}

void strongroom_options_free(strongroom_options* options) noexcept {
  delete options;
}

strongroom_status strongroom_client_open(const strongroom_options* options,
                                         strongroom_client** client,
                                         strongroom_error** error) noexcept {
  return make_handle(client, error, [&]() {
    return strongroom::Client::open(options != nullptr ? options->options : ClientOptions());
  });
}

strongroom_status strongroom_client_with_provider(const strongroom_client* client, uint8_t provider,
                                                  strongroom_client** other,
                                                  strongroom_error** error) noexcept {
  return make_handle(other, error, [&]() -> ClientResult<strongroom::Client> {
    if (client == nullptr) return null_argument("client");
    return client->client.with_provider(static_cast<ProviderId>(provider));
  });
}

const char* strongroom_client_socket_path(const strongroom_client* client) noexcept {
  return client != nullptr ? client->client.socket_path().c_str() : nullptr;
}

strongroom_status strongroom_client_provider(strongroom_client* client, uint8_t* provider,
                                             strongroom_error** error) noexcept {
  return perform(error, [&]() -> ClientResult<> {
    if (client == nullptr) return null_argument("client");
    TRY(strongroom::c_api::check_out(provider != nullptr));
    ProviderId known =
        TRY(client->client.with_cancellation(client->cancellation.token()).provider());
    *provider = static_cast<uint8_t>(known);
    return {};
  });
}

strongroom_status strongroom_client_cancel(strongroom_client* client,
                                           strongroom_error** error) noexcept {
  return perform(error, [&]() -> ClientResult<> {
    if (client == nullptr) return null_argument("client");
    client->cancellation.request_stop();
    return {};
  });
}

void strongroom_client_free(strongroom_client* client) noexcept {
  delete client;
}

const uint8_t* strongroom_buffer_data(const strongroom_buffer* buffer) noexcept {
  static constexpr uint8_t kNothing = 0;
  if (buffer == nullptr) return nullptr;
  if (buffer->bytes.empty()) return &kNothing;
  return strongroom::octets(strongroom::ByteView(buffer->bytes));
}

size_t strongroom_buffer_size(const strongroom_buffer* buffer) noexcept {
  return buffer != nullptr ? buffer->bytes.size() : 0;
}

void strongroom_buffer_free(strongroom_buffer* buffer) noexcept {
  delete buffer;
}
