#include "client/cli/keys/key_file.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "client/cli/format/names.h"
#include "client/cli/keys/curves.h"
#include "client/cli/keys/der.h"
#include "client/cli/keys/encrypted_key.h"
#include "client/cli/keys/openssh.h"
#include "client/cli/keys/pem.h"
#include "client/cli/keys/private_key.h"
#include "client/cli/keys/public_key.h"

namespace strongroom::cli {
namespace {

constexpr std::array<std::string_view, 6> kPrivateLabels = {
    "PRIVATE KEY",    "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY",
    "EC PRIVATE KEY", "DSA PRIVATE KEY",       "OPENSSH PRIVATE KEY"};
constexpr std::array<std::string_view, 2> kPublicLabels = {"PUBLIC KEY", "RSA PUBLIC KEY"};
constexpr std::array<std::string_view, 2> kCertificateLabels = {"CERTIFICATE", "X509 CERTIFICATE"};

constexpr std::string_view kWhatIsRead =
    "keys are read from PKCS#8, PKCS#1, SEC 1, SubjectPublicKeyInfo and X.509, in PEM or DER, and "
    "from OpenSSH public keys and private ones of Ed25519";

Outcome<KeyMaterial> from_encrypted(ByteView der, const AskPassphrase& ask) {
  SecretBytes passphrase = TRY(ask());
  SecretBytes plain = TRY(decrypt_private_key_info(der, passphrase));
  return from_private_key_info(plain);
}

bool is_request(ByteView der) {
  std::optional<ByteView> content = der::content_of(der, der::kSequence);
  der::Reader fields(content.value_or(ByteView()));
  std::optional<ByteView> info = fields.take(der::kSequence);
  der::Reader inner(info.value_or(ByteView()));
  // CertificationRequestInfo (RFC 2986 §4.1): version, subject, subjectPKInfo. A certificate's
  // fields go on: validity, subject, …
  bool begins = inner.take(der::kInteger) && inner.take(der::kSequence);
  return begins && inner.take(der::kSequence) && !inner.is_next(der::kSequence);
}

// By what stands behind the first element, and how much.
Outcome<KeyMaterial> from_der(ByteView der, const AskPassphrase& ask) {
  std::optional<ByteView> content = der::content_of(der, der::kSequence);
  if (!content) return not_a_key("it is not DER", std::string(kWhatIsRead));
  der::Reader fields(*content);
  std::optional<ByteView> number = fields.take(der::kInteger);
  if (number && fields.is_next(der::kOctetString)) return from_ec_private_key(der);
  if (number && fields.is_next(der::kInteger)) {
    std::ignore = fields.take(der::kInteger);
    return fields.is_empty() ? from_rsa_public_key(der) : from_rsa_private_key(der);
  }
  if (number && fields.is_next(der::kSequence)) {
    std::ignore = fields.take(der::kSequence);
    if (fields.is_next(der::kOctetString)) return from_private_key_info(der);
    return not_a_key("it is in DER, but not a key; perhaps PKCS#12",
                     "'openssl pkcs12 -in FILE -nocerts' takes a key out of PKCS#12");
  }
  if (!number && fields.take(der::kSequence)) {
    if (fields.is_next(der::kOctetString)) return from_encrypted(der, ask);
    if (fields.is_next(der::kBitString)) return from_public_key_info(der);
    if (is_request(der)) return not_a_key("it holds a CERTIFICATE REQUEST, not a key");
    return from_certificate(der);
  }
  return not_a_key("it is in DER, but not a key", std::string(kWhatIsRead));
}

template <typename Labels>
std::vector<const PemBlock*> labelled(const std::vector<PemBlock>& blocks, const Labels& labels) {
  std::vector<const PemBlock*> found;
  for (const PemBlock& block : blocks)
    if (std::ranges::find(labels, block.label) != labels.end()) found.push_back(&block);
  return found;
}

std::string contents(const std::vector<PemBlock>& blocks) {
  std::string labels;
  for (const PemBlock& block : blocks)
    labels += fmt::format("{}a {}", labels.empty() ? "" : ", ", block.label);
  return labels;
}

// Private keys come before public ones, and these before certificates.
Outcome<const PemBlock*> key_among(const std::vector<PemBlock>& blocks) {
  std::vector<const PemBlock*> found = labelled(blocks, kPrivateLabels);
  if (found.empty()) found = labelled(blocks, kPublicLabels);
  if (found.empty()) found = labelled(blocks, kCertificateLabels);
  if (found.empty())
    return not_a_key(fmt::format("it holds {}, not a key", contents(blocks)),
                     std::string(kWhatIsRead));
  if (found.size() > 1)
    return not_a_key(fmt::format("it holds {} of {}, and which one is meant is open", found.size(),
                                 found.front()->label),
                     "put the one into a file of its own");
  return found.front();
}

// A key that does not name its curve stands behind parameters that do.
std::optional<ByteView> ec_parameters(const std::vector<PemBlock>& blocks) {
  for (const PemBlock& block : blocks)
    if (block.label == "EC PARAMETERS") return block.data;
  return std::nullopt;
}

Outcome<KeyMaterial> from_block(const PemBlock& block, ByteView data,
                                std::optional<ByteView> parameters, const AskPassphrase& ask) {
  if (block.label == "PRIVATE KEY") return from_private_key_info(data);
  if (block.label == "ENCRYPTED PRIVATE KEY") return from_encrypted(data, ask);
  if (block.label == "RSA PRIVATE KEY") return from_rsa_private_key(data);
  if (block.label == "EC PRIVATE KEY") return from_ec_private_key(data, parameters);
  if (block.label == "DSA PRIVATE KEY") return cannot_be_held(view_of(oid::kDsa));
  if (block.label == "PUBLIC KEY") return from_public_key_info(data);
  if (block.label == "RSA PUBLIC KEY") return from_rsa_public_key(data);
  return from_certificate(data);
}

Outcome<KeyMaterial> from_pem(std::string_view text, const AskPassphrase& ask) {
  std::vector<PemBlock> blocks = TRY(pem_blocks(text));
  if (blocks.empty()) return not_a_key("it is not PEM", std::string(kWhatIsRead));
  const PemBlock* block = TRY(key_among(blocks));
  if (block->label == "OPENSSH PRIVATE KEY") return from_ssh_private_key(block->data);
  std::optional<ByteView> parameters = ec_parameters(blocks);
  if (!is_encrypted(*block)) return from_block(*block, block->data, parameters, ask);
  SecretBytes passphrase = TRY(ask());
  SecretBytes plain = TRY(decrypt_block(*block, passphrase));
  return from_block(*block, plain, parameters, ask);
}

Outcome<KeyMaterial> from_ssh(std::string_view text) {
  if (text.starts_with("---- BEGIN SSH2"))
    return not_a_key("it is an SSH2 public key of RFC 4716",
                     "'ssh-keygen -i -f FILE' writes it as OpenSSH has it");
  return from_ssh_public_key(text);
}

}  // namespace

std::optional<KeyForm> form_of(ByteView content) {
  std::string_view text = text_of(content);
  if (looks_like_pem(text)) return KeyForm::Pem;
  if (der::content_of(content, der::kSequence)) return KeyForm::Der;
  if (text.starts_with("---- BEGIN SSH2") || looks_like_ssh_public_key(text))
    return KeyForm::OpenSsh;
  return std::nullopt;
}

Outcome<KeyMaterial> read_key(ByteView content, KeyForm form, const AskPassphrase& ask) {
  switch (form) {
    case KeyForm::Pem: return from_pem(text_of(content), ask);
    case KeyForm::Der: return from_der(content, ask);
    case KeyForm::OpenSsh: return from_ssh(text_of(content));
  }
  return not_a_key("it is of no known form");
}

Outcome<KeyMaterial> read_bare_key(ByteView content, const TypeAndSize& type,
                                   const AskPassphrase& ask) {
  if (type.type.is_rsa()) return from_der(content, ask);
  const Curve* curve = type.type.is_ecc() ? curve_of(type.type, type.bits) : nullptr;
  if (curve == nullptr || content.size() == curve->private_size())
    return KeyMaterial{
        .type = type.type, .bits = type.bits, .data = SecretBytes(content.begin(), content.end())};
  if (der::content_of(content, der::kSequence)) return from_der(content, ask);
  return from_point(*curve, content);
}

}  // namespace strongroom::cli
