// Whose certificate it is and what for, as the command line says it.
#pragma once

#include <array>

#include "client/cli/certificates/extensions.h"
#include "client/cli/command.h"

namespace strongroom::cli {

inline constexpr Option kSubjectOption = {"subject", "NAME",
                                          "/O=…/CN=… as openssl has it, or CN=…,O=… (RFC 4514)"};
inline constexpr Option kSanOption = {
    "san", "LIST", "DNS:…, IP:…, email:… or URI:…, separated by commas; may be repeated", {}, true};
inline constexpr Option kKeyUsageOption = {
    "key-usage", "LIST", "digitalSignature, keyEncipherment, keyAgreement, keyCertSign, cRLSign …"};
inline constexpr Option kExtendedKeyUsageOption = {
    "extended-key-usage", "LIST",
    "serverAuth, clientAuth, codeSigning, emailProtection …, or OIDs"};
inline constexpr Option kAuthorityOption = {"basic-ca", "",
                                            "for an authority (basicConstraints CA:TRUE)"};
inline constexpr Option kFromCertificateOption = {
    "from-certificate", "FILE",
    "take subject, alternative names, usages and constraints from this certificate, where no "
    "option says otherwise",
    kFiles};
inline constexpr Option kSignatureHashOption = {
    "hash", "NAME", "the hash, where the key leaves it open; else one that fits its size",
    such_as(hash_names)};

struct Owner {
  der::Element subject;  // a Name; that of nobody has no parts
  Extensions extensions;
  bool is_named() const { return subject.size() > 2; }
};

// Usage when nothing names the owner.
Outcome<Owner> owner_from(const Invocation& invocation);

}  // namespace strongroom::cli
