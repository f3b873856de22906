// strongroom self-sign
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/wall_clock.h"
#include "client/cli/certificates/documents.h"
#include "client/cli/certificates/owner.h"
#include "client/cli/commands/data/certification.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr int kMostDays = 365'000;  // the year has four digits (RFC 5280 §4.1.2.5.2)

constexpr std::array kOptions = {
    kSubjectOption,
    kSanOption,
    kFromCertificateOption,
    Option{"days", "NUMBER", "how long it is valid, from now; 365 by default"},
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

Outcome<std::chrono::days> days_from(const std::optional<std::string>& text) {
  if (!text) return std::chrono::days(365);
  int days = 0;
  const char* end = text->data() + text->size();
  auto [stop, code] = std::from_chars(text->data(), end, days);
  if (code != std::errc() || stop != end || days < 1 || days > kMostDays)
    return failed(ExitCode::Usage,
                  fmt::format("reading the command line: '{}' is no number of days from 1 to {}",
                              visible(*text), kMostDays));
  return std::chrono::days(days);
}

// A certificate that its owner signs says whether it is an authority's; an authority's key signs
// certificates.
Outcome<> complete(const Arguments& arguments, Extensions& extensions) {
  if (extensions.basic_constraints.empty()) extensions.basic_constraints = basic_constraints(false);
  if (!arguments.has("basic-ca") || !extensions.key_usage.empty()) return {};
  der::Element usage = TRY(key_usage_from("digitalSignature,keyCertSign,cRLSign"));
  extensions.key_usage = std::move(usage);
  return {};
}

Outcome<Owner> named_owner(const Invocation& invocation) {
  Owner owner = TRY(owner_from(invocation));
  if (!owner.is_named())
    return failed(ExitCode::Usage,
                  "reading the command line: an issuer has a name, and --subject says none",
                  "for example --subject /CN=www.example.org");
  TRY(complete(invocation.arguments, owner.extensions));
  return owner;
}

Outcome<> run(const Invocation& invocation) {
  Output output = TRY(document_output(invocation.arguments));
  std::chrono::days days = TRY(days_from(invocation.arguments.value("days")));
  Owner owner = TRY(named_owner(invocation));
  Signatory signatory = TRY(find_signatory(invocation, "making a certificate with key"));
  auto now = now_in_seconds();
  Issue issue{.subject = owner.subject,
              .public_key_info = signatory.public_key_info,
              .signature_algorithm = signatory.algorithm.identifier,
              .from = now,
              .until = now + days};
  der::Element content = TRY(self_issued(issue, owner.extensions));
  der::Element certificate = TRY(have_signed(signatory, content));
  TRY(check_certificate(certificate));
  return write_document(invocation, output, "CERTIFICATE", certificate);
}

}  // namespace

const Command kSelfSign = {
    .words = "self-sign",
    .summary = "make a certificate (X.509) that its own key signs",
    .options = kOptions,
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
