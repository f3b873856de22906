#include "client/cli/commands/data/certification.h"

#include "client/cli/certificates/documents.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/signature.h"
#include "client/cli/keys/pem.h"
#include "client/cli/keys/public_key.h"

namespace strongroom::cli {

Outcome<Signatory> find_signatory(const Invocation& invocation, std::string_view doing) {
  std::string name = invocation.arguments.positional(0).value_or("");
  Client client = TRY(invocation.open_client());
  Task task = task_for_key(Task::Kind::Sign, doing, name, client);
  SigningKey key = TRY(find_signing_key(invocation, client, name, task));
  const psa::KeyAttributes& attributes = key.info.attributes;
  SignatureAlgorithm algorithm =
      TRY(signature_algorithm(key.policy, attributes.bits, invocation.arguments.value("hash")));
  Client holder = client.with_provider(key.info.provider);
  Bytes exported = TRY(during(task, holder.export_public_key(name)));
  Bytes info = TRY(public_key_info(attributes.type, attributes.bits, exported));
  return Signatory{.holder = std::move(holder),
                   .key = std::move(key),
                   .algorithm = std::move(algorithm),
                   .public_key_info = std::move(info),
                   .task = std::move(task)};
}

Outcome<der::Element> have_signed(Signatory& signatory, ByteView content) {
  const SignatureAlgorithm& algorithm = signatory.algorithm;
  Signable input = TRY(signable_bytes(signatory.key, algorithm.requested, algorithm.hash, content));
  Bytes raw = TRY(during(signatory.task, sign_with(signatory.holder, signatory.key, input)));
  auto signature = TRY(signatory.key.is_ecdsa() ? ecdsa_to_der(raw) : std::move(raw));
  return signed_document(content, algorithm.identifier, signature);
}

Outcome<Encoding> document_encoding(const Arguments& arguments) {
  Encoding encoding = TRY(encoding_from(arguments.value("out-format")));
  if (encoding == Encoding::Native) return Encoding::Pem;
  if (encoding == Encoding::Pem || encoding == Encoding::Der) return encoding;
  return failed(ExitCode::Usage, "reading the command line: --out-format is pem or der");
}

Outcome<> write_document(const Invocation& invocation, Encoding encoding, std::string_view label,
                         ByteView der) {
  Output output{.file = invocation.arguments.positional(1), .encoding = encoding};
  if (encoding == Encoding::Der) return write_output(invocation, output, der);
  return write_output(invocation, output, to_pem(label, der));
}

}  // namespace strongroom::cli
