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
    Option{"out-format", "FORMAT", "pem or der; pem by default", one_of(document_formats)},
    kOutputOption,
    kForceOption,
};
constexpr std::array kPositionals = {
    kKeyPositional,
    Positional{"FILE", Positional::Need::Optional, "where to, else standard output", kFiles},
};

Outcome<> run(const Invocation& invocation) {
  Output output = TRY(document_output(invocation.arguments));
  Owner owner = TRY(owner_from(invocation));
  Signatory signatory = TRY(find_signatory(invocation, "making a request with key"));
  der::Element info = request_info(owner.subject, signatory.public_key_info, owner.extensions);
  der::Element request = TRY(have_signed(signatory, info));
  TRY(check_request(request));
  return write_document(invocation, output, "CERTIFICATE REQUEST", request);
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
