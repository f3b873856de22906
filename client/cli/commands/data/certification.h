// What `csr` and `self-sign` do alike: take a key, have it sign a document, write that.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "client/cli/certificates/signature_algorithm.h"
#include "client/cli/command.h"
#include "client/cli/commands/data/signing.h"
#include "client/cli/format/input_output.h"
#include "client/cli/keys/der.h"

namespace strongroom::cli {

// A key that is about to sign a document about itself.
struct Signatory {
  Client holder;
  SigningKey key;
  SignatureAlgorithm algorithm;
  Bytes public_key_info;  // SubjectPublicKeyInfo in DER
  Task task;
};

// `doing` is what errors begin with: "making a request with key".
Outcome<Signatory> find_signatory(const Invocation& invocation, std::string_view doing);

// The signed document in DER.
Outcome<der::Element> have_signed(Signatory& signatory, ByteView content);

// Of --out-format, pem by default, and --output or FILE.
Outcome<Output> document_output(const Arguments& arguments);
Outcome<> write_document(const Invocation& invocation, const Output& output, std::string_view label,
                         ByteView der);

}  // namespace strongroom::cli
