#include "client/cli/certificates/documents.h"

#include <array>
#include <ctime>
#include <string>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "client/cli/format/openssl_handles.h"

namespace strongroom::cli {
namespace {

using namespace std::string_view_literals;

// pkcs-9-at-extensionRequest (RFC 2985 §5.4.2).
constexpr std::string_view kExtensionRequest = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e"sv;

// UTCTime until 2049, GeneralizedTime from then on (RFC 5280 §4.1.2.5).
der::Element time_element(std::chrono::sys_seconds time) {
  std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::string text = fmt::format("{:%Y%m%d%H%M%S}Z", parts);
  constexpr int kLastOfUtcTime = 2049 - 1900;
  if (parts.tm_year > kLastOfUtcTime) return der::element(der::kGeneralizedTime, {view_of(text)});
  return der::element(der::kUtcTime, {view_of(text).subspan(2)});
}

// Positive, and of 20 octets at most (RFC 5280 §4.1.2.2).
Outcome<der::Element> random_serial() {
  std::array<unsigned char, 20> octets{};
  if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
    return failed(ExitCode::Other, "drawing a serial number: libcrypto failed");
  octets.front() &= 0x7f;
  octets.back() |= 1;
  return der::unsigned_integer(std::as_bytes(std::span(octets)));
}

std::unexpected<Failure> not_valid() {
  ERR_clear_error();
  return failed(ExitCode::ServiceFailure,
                "checking what was signed: the service's signature is not that of its key");
}

}  // namespace

der::Element request_info(ByteView subject, ByteView public_key_info,
                          const Extensions& extensions) {
  der::Element attribute;
  if (!extensions.is_empty())
    attribute =
        der::element(der::kSequence, {der::object_identifier(kExtensionRequest),
                                      der::element(der::kSet, {extension_list(extensions)})});
  return der::element(der::kSequence, {der::small_integer(0), subject, public_key_info,
                                       der::element(der::constructed(0), {attribute})});
}

Outcome<der::Element> self_issued(const Issue& issue, const Extensions& extensions) {
  constexpr std::uint8_t kVersion3 = 2;
  der::Element version = der::element(der::constructed(0), {der::small_integer(kVersion3)});
  der::Element serial = TRY(random_serial());
  der::Element validity =
      der::element(der::kSequence, {time_element(issue.from), time_element(issue.until)});
  der::Element identifiers = TRY(key_identifiers(issue.public_key_info));
  der::Element list = der::element(der::constructed(3), {extension_list(extensions, identifiers)});
  return der::element(der::kSequence, {version, serial, issue.signature_algorithm, issue.subject,
                                       validity, issue.subject, issue.public_key_info, list});
}

der::Element signed_document(ByteView content, ByteView signature_algorithm, ByteView signature) {
  return der::element(der::kSequence, {content, signature_algorithm, der::bit_string(signature)});
}

Outcome<> check_request(ByteView der) {
  const unsigned char* end = octets(der);
  Owned<X509_REQ> request(d2i_X509_REQ(nullptr, &end, static_cast<long>(der.size())));
  EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) return not_valid();
  return {};
}

Outcome<> check_certificate(ByteView der) {
  const unsigned char* end = octets(der);
  Owned<X509> certificate(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
  EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  if (key == nullptr || X509_verify(certificate.get(), key) != 1) return not_valid();
  return {};
}

}  // namespace strongroom::cli
