// Public keys as OpenSSH has them: "ssh-rsa AAAA… comment" (RFC 4253 §6.6, RFC 5656 §3.1).
#pragma once

#include <string>
#include <string_view>

#include "client/cli/keys/key_material.h"

namespace strongroom::cli {

bool looks_like_ssh_public_key(std::string_view text);

// The one key of a text: of a .pub file, or of a line of authorized_keys with its options. Empty
// lines and comments do not count; two keys are InvalidData.
Outcome<KeyMaterial> from_ssh_public_key(std::string_view text);

// What stands in an OPENSSH PRIVATE KEY (OpenSSH, PROTOCOL.key), of Ed25519 and without a
// passphrase. NotSupported for others, with advice how openssl's forms are had of them.
Outcome<KeyMaterial> from_ssh_private_key(ByteView content);

// A line with its newline, of an exported public key. NotSupported for keys that OpenSSH lacks.
Outcome<std::string> ssh_public_key(const psa::KeyType& type, std::uint32_t bits, ByteView exported,
                                    std::string_view comment);

}  // namespace strongroom::cli
