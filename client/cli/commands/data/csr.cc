// strongroom csr
#include <array>

#include "client/cli/certificates/documents.h"
#include "client/cli/certificates/owner.h"
#include "client/cli/commands/data/certification.h"

namespace strongroom::cli {
namespace {

constexpr std::array kOptions = {
    kSubjectOption,
    kSanOption,
    kFromCertificateOption,
    kKeyUsageOption,
    kExtendedKeyUsageOption,
    kAuthorityOption,
    kSignatureHashOption,
    Option{"out-format", "FORMAT", "pem or der; pem by default"},
    kForceOption,
};
constexpr std::array kPositionals = {
    Positional{"NAME", Positional::Need::Required, "the key"},
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output"},
};

Outcome<> run(const Invocation& invocation) {
  Encoding encoding = TRY(document_encoding(invocation.arguments));
  Owner owner = TRY(owner_from(invocation));
  Signatory signatory = TRY(find_signatory(invocation, "making a request with key"));
  der::Element info = request_info(owner.subject, signatory.public_key_info, owner.extensions);
  der::Element request = TRY(have_signed(signatory, info));
  TRY(check_request(request));
  return write_document(invocation, encoding, "CERTIFICATE REQUEST", request);
}

}  // namespace

const Command kCsr = {
    .words = "csr",
    .summary = "make a request for a certificate (PKCS#10), signed by its key",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
