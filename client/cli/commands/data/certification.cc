#include "client/cli/commands/data/certification.h"

#include "client/cli/certificates/documents.h"
#include "client/cli/format/signature.h"
#include "client/cli/keys/pem.h"
#include "client/cli/keys/public_key.h"

namespace strongroom::cli {

Outcome<Signatory> find_signatory(const Invocation& invocation, std::string_view doing) {
  KeyInUse found = TRY(key_in_use(invocation, Task::Kind::Sign, doing));
  SigningKey key = TRY(signing_key(found));
  const psa::KeyAttributes& attributes = key.info.attributes;
  SignatureAlgorithm algorithm =
      TRY(signature_algorithm(key.policy, attributes.bits, invocation.arguments.value("hash")));
  Bytes exported = TRY(during(found.task, found.holder.export_public_key(found.name)));
  Bytes info = TRY(public_key_info(attributes.type, attributes.bits, exported));
  return Signatory{.holder = std::move(found.holder),
                   .key = std::move(key),
                   .algorithm = std::move(algorithm),
                   .public_key_info = std::move(info),
                   .task = std::move(found.task)};
}

Outcome<der::Element> have_signed(Signatory& signatory, ByteView content) {
  const SignatureAlgorithm& algorithm = signatory.algorithm;
  Signable input = TRY(signable_bytes(signatory.key, algorithm.requested, algorithm.hash, content));
  Bytes raw = TRY(during(signatory.task, sign_with(signatory.holder, signatory.key, input)));
  auto signature = TRY(signatory.key.is_ecdsa() ? ecdsa_to_der(raw) : std::move(raw));
  return signed_document(content, algorithm.identifier, signature);
}

Outcome<Output> document_output(const Arguments& arguments) {
  Encoding encoding = encoding_from(arguments.value("out-format"));
  std::optional<std::string> file = TRY(output_file(arguments, 1));
  return Output{.file = std::move(file),
                .encoding = encoding == Encoding::Native ? Encoding::Pem : encoding};
}

Outcome<> write_document(const Invocation& invocation, const Output& output, std::string_view label,
                         ByteView der) {
  if (output.encoding == Encoding::Der) return write_output(invocation, output, der);
  return write_output(invocation, output, to_pem(label, der));
}

}  // namespace strongroom::cli
