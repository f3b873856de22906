#include "client/cli/certificates/owner.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "client/cli/certificates/alternative_names.h"
#include "client/cli/certificates/distinguished_name.h"
#include "client/cli/format/input_output.h"
#include "client/cli/format/openssl_handles.h"
#include "client/cli/keys/key_input.h"
#include "client/cli/keys/pem.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} * 1024;

// The first one of a chain is its owner's (RFC 8446 §4.4.2).
Outcome<SecretBytes> first_certificate(SecretBytes content, const std::string& file) {
  if (!looks_like_pem(text_of(content))) return content;
  Outcome<std::vector<PemBlock>> blocks = pem_blocks(text_of(content));
  if (!blocks)
    return failed(blocks.error().code,
                  fmt::format("{}: {}", reading(file), blocks.error().message));
  for (PemBlock& block : *blocks)
    if (block.label == "CERTIFICATE") return std::move(block.data);
  return failed(ExitCode::InvalidData, fmt::format("{}: it holds no CERTIFICATE", reading(file)));
}

template <typename Object>
der::Element encoded(int (*encode)(const Object*, unsigned char**), const Object* object) {
  unsigned char* bytes = nullptr;
  int size = object == nullptr ? 0 : encode(object, &bytes);
  Owned<unsigned char> owned(bytes);
  if (size <= 0) return {};
  ByteView view = std::as_bytes(std::span(bytes, static_cast<std::size_t>(size)));
  return {view.begin(), view.end()};
}

// As it stands in the certificate; empty when it is not there.
der::Element extension_of(const X509& certificate, int kind) {
  int place = X509_get_ext_by_NID(&certificate, kind, -1);
  if (place < 0) return {};
  return encoded<X509_EXTENSION>(i2d_X509_EXTENSION, X509_get_ext(&certificate, place));
}

Outcome<Owner> owner_of(const std::string& file, Streams& streams) {
  SecretBytes content = TRY(read_all(file, streams, kMostBytes));
  SecretBytes der = TRY(first_certificate(std::move(content), file));
  const unsigned char* end = octets(ByteView(der));
  Owned<X509> certificate(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!certificate)
    return failed(ExitCode::InvalidData,
                  fmt::format("{}: it is no certificate of X.509", reading(file)));
  return Owner{
      .subject = encoded<X509_NAME>(i2d_X509_NAME, X509_get_subject_name(certificate.get())),
      .extensions = {.basic_constraints = extension_of(*certificate, NID_basic_constraints),
                     .key_usage = extension_of(*certificate, NID_key_usage),
                     .extended_key_usage = extension_of(*certificate, NID_ext_key_usage),
                     .alternative_names = extension_of(*certificate, NID_subject_alt_name)}};
}

Outcome<> take_options(const Arguments& arguments, Owner& owner) {
  Extensions& extensions = owner.extensions;
  if (std::optional<std::string> list = arguments.value("key-usage")) {
    der::Element usage = TRY(key_usage_from(*list));
    extensions.key_usage = std::move(usage);
  }
  if (std::optional<std::string> list = arguments.value("extended-key-usage")) {
    der::Element usage = TRY(extended_key_usage_from(*list));
    extensions.extended_key_usage = std::move(usage);
  }
  if (std::optional<std::string> list = arguments.value("san")) {
    der::Element names = TRY(alternative_names_from(*list));
    Weight weight = owner.is_named() ? Weight::Ordinary : Weight::Critical;
    extensions.alternative_names = alternative_names_extension(names, weight);
  }
  if (arguments.has("basic-ca")) extensions.basic_constraints = basic_constraints(true);
  return {};
}

}  // namespace

Outcome<Owner> owner_from(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  Owner owner{.subject = der::element(der::kSequence, {}), .extensions = {}};
  if (std::optional<std::string> file = arguments.value("from-certificate")) {
    Owner old = TRY(owner_of(*file, invocation.streams));
    owner = std::move(old);
  }
  if (std::optional<std::string> name = arguments.value("subject")) {
    der::Element subject = TRY(name_from(*name));
    owner.subject = std::move(subject);
  }
  TRY(take_options(arguments, owner));
  if (!owner.is_named() && owner.extensions.alternative_names.empty())
    return failed(ExitCode::Usage, "reading the command line: nothing says whose it shall be",
                  "--subject, --san or --from-certificate does");
  return owner;
}

}  // namespace strongroom::cli
