#include "providers/token_worker/worker/serve.h"

#include "base/log.h"
#include "providers/token_worker/protocol/operations.h"

namespace strongroom::token_worker {
namespace {

// The link of the request that this thread serves: PINs are asked for there.
thread_local Link* serving = nullptr;

std::unexpected<Error> makes_no_sense(std::string_view what) {
  return fail(Status::PsaErrorCommunicationFailure, fmt::format("{} makes no sense", what));
}

void begin(WipedBytes& message, Reply reply) {
  Link::begin(message, static_cast<std::uint16_t>(reply));
}

// In the middle of a request, whose message is still needed.
Result<Link::Received> ask(Reply reply, WipedBytes& buffer) {
  if (serving == nullptr) return makes_no_sense("a login outside of a request");
  begin(buffer, reply);
  TRY(serving->send(buffer, Link::kNever));
  return serving->receive(buffer, Link::kNever);
}

Result<SecretBuffer> pin_of_service() {
  WipedBytes buffer;
  auto answer = TRY(ask(Reply::PinWanted, buffer));
  Reader reader(answer.content);
  if (answer.kind == static_cast<std::uint16_t>(Operation::Pin)) {
    auto pin = reader.secret();
    if (reader.is_complete()) return pin;
  } else if (answer.kind == static_cast<std::uint16_t>(Operation::NoPin)) {
    auto error = take_value(reader, as<Error>);
    if (reader.is_complete()) return std::unexpected(std::move(error));
  }
  return makes_no_sense("what the service says of the PIN");
}

void tell(Reply what) {
  WipedBytes buffer;
  auto answer = ask(what, buffer);
  if (answer && answer->kind == static_cast<std::uint16_t>(Operation::Noted)) return;
  log::error("token-worker", "the service was not told what came of the PIN");
}

// Anything else shows in the answer to the request.
void tell_of_verdict(pkcs11::Login::Settings::Verdict verdict) {
  if (verdict == pkcs11::Login::Settings::Verdict::Unclear) tell(Reply::PinUnclear);
}

template <typename T>
void put_answer(WipedBytes& answer, const Result<T>& result) {
  begin(answer, result ? Reply::Done : Reply::Failed);
  Writer writer(answer);
  if (!result)
    put_value(writer, result.error());
  else if constexpr (!std::is_void_v<T>)
    put_value(writer, *result);
}

std::unexpected<Error> no_facet() {
  return fail(Status::PsaErrorNotSupported, "the token's provider has no such operations");
}

// What the worker's provider does for each operation, with the arguments of its signature.
template <Operation>
struct Perform;

using pkcs11::TokenBackend;

template <>
struct Perform<Operation::Identity> {
  static auto run(TokenBackend& backend) { return backend.identity(); }
};
template <>
struct Perform<Operation::Supports> {
  static auto run(TokenBackend& backend, Capability capability,
                  const psa::KeyAttributes& attributes) {
    return backend.supports(capability, attributes);
  }
};
// Operations that are one function of a facet, with the arguments as they come.
template <auto Facet, auto Function>
struct OfFacet {
  template <typename... Arguments>
  static auto run(TokenBackend& backend, Arguments&... arguments)
      -> decltype(((backend.*Facet)()->*Function)(std::move(arguments)...)) {
    auto* facet = (backend.*Facet)();
    if (facet == nullptr) return no_facet();
    return (facet->*Function)(std::move(arguments)...);
  }
};

template <>
struct Perform<Operation::Generate> {
  static Result<NewKey> run(TokenBackend& backend, SecretBuffer& material,
                            const psa::KeyAttributes& attributes) {
    KeyManager* keys = backend.keys();
    if (keys == nullptr) return no_facet();
    return keys->generate(attributes, {}, std::move(material));
  }
};
template <>
struct Perform<Operation::Import> {
  static Result<NewKey> run(TokenBackend& backend, SecretBuffer& material,
                            const psa::KeyAttributes& attributes, ByteView data) {
    KeyManager* keys = backend.keys();
    if (keys == nullptr) return no_facet();
    return keys->import(attributes, data, std::move(material));
  }
};
template <>
struct Perform<Operation::Export> : OfFacet<&Provider::keys, &KeyManager::export_key> {};
template <>
struct Perform<Operation::Destroy> {
  static Result<> run(TokenBackend& backend, const KeyRecord& key) {
    if (backend.keys() == nullptr) return no_facet();
    const bool was_seen = TRY(backend.destroy_seen(key));
    if (was_seen) return {};
    return fail(Status::PsaErrorDoesNotExist, "the token shows no such key");
  }
};
template <>
struct Perform<Operation::SignHash> : OfFacet<&Provider::signer, &Signer::sign_hash> {};
template <>
struct Perform<Operation::SignMessage> : OfFacet<&Provider::signer, &Signer::sign_message> {};
template <>
struct Perform<Operation::AsymmetricDecrypt> : OfFacet<&Provider::encrypter, &Encrypter::decrypt> {
};
template <>
struct Perform<Operation::AeadEncrypt> : OfFacet<&Provider::aead, &AeadCipher::encrypt> {};
template <>
struct Perform<Operation::AeadDecrypt> : OfFacet<&Provider::aead, &AeadCipher::decrypt> {};
template <>
struct Perform<Operation::CipherEncrypt> : OfFacet<&Provider::cipher, &Cipher::encrypt> {};
template <>
struct Perform<Operation::CipherDecrypt> : OfFacet<&Provider::cipher, &Cipher::decrypt> {};
template <>
struct Perform<Operation::ComputeMac> : OfFacet<&Provider::mac, &MacSigner::compute> {};
template <>
struct Perform<Operation::Agree> : OfFacet<&Provider::key_agreer, &KeyAgreer::agree> {};
template <>
struct Perform<Operation::Random> : OfFacet<&Provider::random, &RandomSource::generate> {};
template <>
struct Perform<Operation::Materials> : OfFacet<&Provider::inventory, &KeyInventory::materials> {};
template <>
struct Perform<Operation::LookFor> : OfFacet<&Provider::inventory, &KeyInventory::look_for> {};
template <>
struct Perform<Operation::Describe> : OfFacet<&Provider::inventory, &KeyInventory::describe> {};

template <typename... Arguments>
std::tuple<Arguments...> take_all(Reader& reader, std::type_identity<std::tuple<Arguments...>>) {
  // Braces keep the order.
  return std::tuple<Arguments...>{take_value(reader, as<Arguments>)...};
}

// False for a message that is none of this operation.
template <Operation operation>
bool perform(TokenBackend& backend, ByteView content, WipedBytes& answer) {
  Reader reader(content);
  auto arguments =
      take_all(reader, std::type_identity<typename SignatureOf<operation>::ArgumentTypes>());
  if (!reader.is_complete()) return false;
  put_answer(answer,
             std::apply([&](auto&... each) { return Perform<operation>::run(backend, each...); },
                        arguments));
  return true;
}

using Handler = bool (*)(TokenBackend&, ByteView, WipedBytes&);

constexpr auto kFirst = static_cast<std::uint16_t>(Operation::Identity);
constexpr auto kLast = static_cast<std::uint16_t>(Operation::Describe);

template <std::size_t... I>
constexpr std::array<Handler, sizeof...(I)> handlers(std::index_sequence<I...>) {
  return {&perform<static_cast<Operation>(kFirst + I)>...};
}

constexpr auto kHandlers = handlers(std::make_index_sequence<kLast - kFirst + 1>());

Result<> answer(TokenBackend& backend, const Link::Received& request, WipedBytes& answer) {
  const bool is_known = request.kind >= kFirst && request.kind <= kLast;
  if (!is_known || !kHandlers[request.kind - kFirst](backend, request.content, answer))
    return makes_no_sense(fmt::format("a request of kind {}", request.kind));
  return {};
}

Result<> send_answer(Link& link, WipedBytes& answer) {
  auto sent = link.send(answer, Link::kNever);
  if (sent || sent.error().status() != Status::PsaErrorInsufficientMemory) return sent;
  put_answer(answer, Result<>(std::unexpected(std::move(sent).error())));
  return link.send(answer, Link::kNever);
}

}  // namespace

Result<> serve(TokenBackend& backend, Link& link) {
  WipedBytes request;
  WipedBytes reply;
  serving = &link;
  while (true) {
    auto received = link.receive(request, Link::kNever);
    if (!received && link.has_ended()) return {};
    if (!received) return std::unexpected(std::move(received).error());
    TRY(answer(backend, *received, reply));
    TRY(send_answer(link, reply));
    request.clear();
    reply.clear();
  }
}

Pkcs11Provider::Settings with_login_by_service(Pkcs11Provider::Settings settings, bool has_pin) {
  if (has_pin) settings.login.pin = &pin_of_service;
  settings.login.on_refused = [] { tell(Reply::PinRefused); };
  settings.login.on_verdict = &tell_of_verdict;
  return settings;
}

namespace {

Result<Start> receive_start(Link& link) {
  WipedBytes buffer;
  auto received = TRY(link.receive(buffer, Link::kNever));
  Reader reader(received.content);
  if (received.kind != static_cast<std::uint16_t>(Operation::Start))
    return makes_no_sense("the first message");
  auto start = take_value(reader, as<Start>);
  if (start.version != STRONGROOM_VERSION)
    return fail(Status::PsaErrorCommunicationFailure,
                fmt::format("the worker is of version {}, the service of another: it has to be "
                            "restarted",
                            STRONGROOM_VERSION));
  if (!reader.is_complete()) return makes_no_sense("the first message");
  return start;
}

struct InUse {
  std::unique_ptr<Pkcs11Provider> provider;
  Started started;
};

Result<InUse> bring_up(const Start& start, const Confinement& confinement) {
  log::set_level(start.log_level);
  for (const auto& [name, value] : start.environment)
    ::setenv(name.c_str(), value.c_str(), 1);
  TRY(confinement.before_module(start));
  InUse result;
  result.provider = TRY(Pkcs11Provider::create(
      start.provider, with_login_by_service(provider_settings(start), start.has_pin)));
  if (start.is_login_allowed) result.provider->allow_login();
  result.started.token = TRY(result.provider->identity());
  result.started.missing_confinement =
      TRY(in_context(confinement.after_login(start), "confining the token worker"));
  return result;
}

}  // namespace

Result<> run_worker(UniqueFd socket, const Confinement& confinement) {
  Link link(std::move(socket), kMostOfStart);
  serving = &link;
  auto start = receive_start(link);
  Result<InUse> in_use =
      start ? bring_up(*start, confinement) : Result<InUse>(std::unexpected(start.error()));
  WipedBytes answer;
  put_answer(answer, in_use ? Result<Started>(in_use->started)
                            : Result<Started>(std::unexpected(in_use.error())));
  TRY(link.send(answer, Link::kNever));
  if (!in_use) return {};
  link.allow(start->message_limit);
  return serve(*in_use->provider, link);
}

}  // namespace strongroom::token_worker
