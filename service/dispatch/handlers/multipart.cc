// Operations over data that comes in parts. Whoever plans or runs one of these requests has the
// turn of the strand of its connection and provider (Order::AsArrived): what is open is touched
// here alone, by one thread at a time. Planning may happen twice and changes nothing.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "multipart_abort.pb.h"
#include "multipart_finish.pb.h"
#include "multipart_setup.pb.h"
#include "multipart_update.pb.h"
#include "service/dispatch/handlers/digests.h"
#include "service/dispatch/handlers/handlers.h"
#include "service/dispatch/handlers/use.h"
#include "service/dispatch/parts/open_operations.h"

namespace strongroom {
namespace {

using Clock = OpenOperations::Clock;
using OpenOperationsPtr = std::shared_ptr<OpenOperations>;

// Empty when the request may open nothing.
Result<OpenOperationsPtr> kept(const Planning& planning) {
  if (planning.call().operations) return planning.call().operations;
  return fail(Status::PsaErrorBadState,
              "an operation in parts needs a connection that is kept after the request");
}

OpenOperation operation_of(const Planning& planning, const KeyRecord* key) {
  OpenOperation operation{.application = planning.call().application};
  const auto& providers = planning.services().providers;
  operation.provider =
      *std::ranges::find(providers, &planning.provider(), &std::shared_ptr<Provider>::get);
  if (key != nullptr) operation.key = {.name = key->id.name, .serial = key->serial};
  return operation;
}

Result<Bytes> opened(OpenOperations& open, OpenOperation operation, ByteView drawn_nonce) {
  const Clock::time_point now = Clock::now();
  open.expire(now);
  std::uint64_t id = TRY(open.add(std::move(operation), now));
  ::multipart_setup::Result result;
  result.set_operation_id(id);
  result.set_nonce(field_of(drawn_nonce));
  return serialized(result);
}

Result<Work> begin_hash(Planning& planning, const ::multipart_setup::Hash& request) {
  psa::Hash algorithm = TRY(decode(request.alg()));
  Hasher* hasher = TRY(facet(planning.provider().hasher(), "hashes nothing"));
  OpenOperationsPtr open = TRY(kept(planning));
  return answered_by(kTrivialCost,
                     [open, hasher, algorithm,
                      operation = operation_of(planning, nullptr)]() mutable -> Result<Bytes> {
                       auto state = TRY(hasher->begin(algorithm));
                       operation.state = OpenOperation::Hash{algorithm, std::move(state)};
                       return opened(*open, std::move(operation), {});
                     });
}

// From here on the end of the key is the operation's. PsaErrorDoesNotExist when it has come before.
Result<> tie_to_key(const Services& services, const OpenOperationsPtr& open, const KeyRecord& key,
                    OpenOperation& operation) {
  operation.key->note = services.operations_by_key->note(key.serial, open);
  const std::optional<Result<KeyRecordPtr>> known = services.store.peek(key.id);
  if (!known || (*known && (**known)->serial == key.serial)) return {};
  return fail(Status::PsaErrorDoesNotExist,
              fmt::format("key '{}' has been destroyed", escaped(key.id.name)));
}

// The caller's, or one that is drawn.
Result<Bytes> nonce_for(const ::multipart_setup::AeadEncrypt& request, const KeyRecord& key,
                        DrawnNonces& nonces) {
  if (!request.nonce().empty()) return bytes_of(request.nonce());
  DrawnNonces::Nonce drawn = TRY(nonces.draw(key.serial));
  return copy_of(drawn);
}

Result<Work> begin_encryption(Planning& planning, ::multipart_setup::AeadEncrypt request) {
  TRY(require(request.has_alg(), "alg"));
  psa::Aead algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().aead(), "has no AEAD"),
                            request.key_name(), &psa::UsageFlags::encrypt, algorithm));
  if (!request.nonce().empty())
    TRY(in_context(policy::check_nonce_of_caller(use.key->attributes), "using key '{}'",
                   escaped(use.key->id.name)));
  OpenOperationsPtr open = TRY(kept(planning));
  Cost cost = cost_of_cipher(use.key->attributes.type, request.additional_data().size());
  return answered_by(
      cost,
      [open, use, operation = operation_of(planning, use.key.get()),
       services = planning.generation(), request = std::move(request)]() mutable -> Result<Bytes> {
        TRY(tie_to_key(*services, open, *use.key, operation));
        Bytes nonce = TRY(nonce_for(request, *use.key, *services->nonces));
        auto state = TRY(in_context(
            use.facet->begin_encryption(
                *use.key, use.algorithm,
                {.nonce = nonce, .additional_data = bytes_in(request.additional_data())}),
            "encrypting with key '{}'", escaped(use.key->id.name)));
        operation.state = OpenOperation::Encryption{use.key->attributes.type, std::move(state)};
        return opened(*open, std::move(operation), request.nonce().empty() ? nonce : ByteView());
      });
}

Result<Work> begin_decryption(Planning& planning, ::multipart_setup::AeadDecrypt request) {
  TRY(require(request.has_alg(), "alg"));
  psa::Aead algorithm = TRY(decode(request.alg()));
  auto use = TRY(use_of_key(planning, facet(planning.provider().aead(), "has no AEAD"),
                            request.key_name(), &psa::UsageFlags::decrypt, algorithm));
  OpenOperationsPtr open = TRY(kept(planning));
  Cost cost = cost_of_cipher(use.key->attributes.type, request.additional_data().size());
  return answered_by(
      cost,
      [open, use, operation = operation_of(planning, use.key.get()),
       services = planning.generation(), request = std::move(request)]() mutable -> Result<Bytes> {
        TRY(tie_to_key(*services, open, *use.key, operation));
        auto state = TRY(in_context(
            use.facet->begin_decryption(*use.key, use.algorithm,
                                        {.nonce = bytes_in(request.nonce()),
                                         .additional_data = bytes_in(request.additional_data())}),
            "decrypting with key '{}'", escaped(use.key->id.name)));
        operation.state = OpenOperation::Decryption{use.key->attributes.type, std::move(state)};
        return opened(*open, std::move(operation), {});
      });
}

// A part of an operation that is open. What speaks against the part is told when it runs, because
// the operation ends by it.
struct Part {
  OpenOperationsPtr open;
  std::uint64_t id;
  Result<> fits;
};

Result<> check_part(Planning& planning, const OpenOperation& operation, std::uint64_t number) {
  if (number != operation.next_part)
    return fail(Status::PsaErrorBadState,
                fmt::format("part {} where {} is the next", number, operation.next_part));
  if (operation.provider.lock().get() != &planning.provider())
    return fail(Status::PsaErrorBadState, "a reload has replaced the provider");
  if (!operation.key) return {};
  KeyRecordPtr key = TRY(planning.key(operation.key->name));
  if (key->serial == operation.key->serial) return {};
  return fail(Status::PsaErrorDoesNotExist,
              fmt::format("key '{}' is another one by now", escaped(operation.key->name)));
}

template <typename Message>
Result<Part> part_in(Planning& planning, const Message& request) {
  const Call& call = planning.call();
  OpenOperation* operation = nullptr;
  if (call.operations) {
    call.operations->expire(Clock::now());
    operation = call.operations->find(request.operation_id(), call.application);
  }
  if (operation == nullptr)
    return fail(Status::PsaErrorBadState, "no such operation is open on this connection");
  Result<> fits = check_part(planning, *operation, request.part_number());
  if (planning.must_read()) return std::unexpected(std::move(fits).error());
  return Part{.open = call.operations, .id = request.operation_id(), .fits = std::move(fits)};
}

struct Costs {
  std::size_t size;  // of the part's data
  Cost operator()(const OpenOperation::Hash& hash) const {
    return cost_of_hash(hash.algorithm, size);
  }
  Cost operator()(const OpenOperation::Encryption& text) const {
    return cost_of_cipher(text.key, size);
  }
  Cost operator()(const OpenOperation::Decryption& text) const {
    return cost_of_cipher(text.key, size);
  }
};

Cost cost_of_part(const Part& part, const Call& call, std::size_t size) {
  return std::visit(Costs{size}, part.open->find(part.id, call.application)->state);
}

struct Updating {
  ByteView data;
  ::multipart_update::Result& result;

  Result<> operator()(OpenOperation::Hash& hash) const { return hash.state->update(data); }
  Result<> operator()(OpenOperation::Encryption& text) const {
    Bytes ciphertext = TRY(text.state->update(data));
    result.set_output(field_of(ciphertext));
    return {};
  }
  Result<> operator()(OpenOperation::Decryption& text) const {
    SecretBuffer plaintext = TRY(text.state->update(data));
    result.set_output(field_of(plaintext.reveal()));
    return {};
  }
};

Result<Bytes> update(Part& part, const ::multipart_update::Operation& request) {
  OpenOperations::Taken taken = part.open->take(part.id);
  TRY(std::move(part.fits));
  ::multipart_update::Result result;
  TRY(std::visit(Updating{bytes_in(request.data()), result}, taken.mapped().operation.state));
  Bytes body = TRY(serialized(result));
  part.open->put_back(std::move(taken), Clock::now());
  return body;
}

struct Finishing {
  const ::multipart_finish::Operation& request;
  ::multipart_finish::Result& result;

  Result<> operator()(OpenOperation::Hash& hash) const {
    Bytes digest = TRY(hash.state->finish());
    if (request.has_expected()) return compare_digests(digest, bytes_in(request.expected()));
    result.set_digest(field_of(digest));
    return {};
  }
  Result<> operator()(OpenOperation::Encryption& text) const {
    if (request.has_expected())
      return fail(Status::PsaErrorInvalidArgument, "encryption makes its tag, and expects none");
    EncryptionInParts::End end = TRY(text.state->finish());
    result.set_output(field_of(end.ciphertext));
    result.set_tag(field_of(end.tag));
    return {};
  }
  Result<> operator()(OpenOperation::Decryption& text) const {
    SecretBuffer plaintext = TRY(text.state->finish(bytes_in(request.expected())));
    result.set_output(field_of(plaintext.reveal()));
    return {};
  }
};

Result<Bytes> finish(Part& part, const ::multipart_finish::Operation& request) {
  OpenOperations::Taken taken = part.open->take(part.id);
  TRY(std::move(part.fits));
  ::multipart_finish::Result result;
  TRY(std::visit(Finishing{request, result}, taken.mapped().operation.state));
  return serialized(result);
}

}  // namespace

Result<Work> multipart_setup(Planning& planning) {
  auto request = TRY(parsed<::multipart_setup::Operation>(planning));
  using Setup = ::multipart_setup::Operation;
  switch (request.variant_case()) {
    case Setup::kHash: return begin_hash(planning, request.hash());
    case Setup::kAeadEncrypt:
      return begin_encryption(planning, std::move(*request.mutable_aead_encrypt()));
    case Setup::kAeadDecrypt:
      return begin_decryption(planning, std::move(*request.mutable_aead_decrypt()));
    default: return fail(Status::InvalidEncoding, "mandatory field 'variant' is missing");
  }
}

Result<Work> multipart_update(Planning& planning) {
  auto request = TRY(parsed<::multipart_update::Operation>(planning));
  Part part = TRY(part_in(planning, request));
  Cost cost = cost_of_part(part, planning.call(), request.data().size());
  return answered_by(cost, [part = std::move(part), request = std::move(request)]() mutable {
    return update(part, request);
  });
}

Result<Work> multipart_finish(Planning& planning) {
  auto request = TRY(parsed<::multipart_finish::Operation>(planning));
  Part part = TRY(part_in(planning, request));
  Cost cost = cost_of_part(part, planning.call(), 0);
  return answered_by(cost, [part = std::move(part), request = std::move(request)]() mutable {
    return finish(part, request);
  });
}

Result<Work> multipart_abort(Planning& planning) {
  auto request = TRY(parsed<::multipart_abort::Operation>(planning));
  return answered_from_memory([open = planning.call().operations,
                               application = planning.call().application,
                               id = request.operation_id()]() -> Result<Bytes> {
    if (open && open->find(id, application) != nullptr) open->end(id);
    return serialized(::multipart_abort::Result());
  });
}

}  // namespace strongroom
