// What values of settings are of, checked when they are read.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

namespace strongroom::config {

struct ByteSize {
  std::uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};

// Permission bits of a socket: reading and writing by owner, group and others.
struct FileMode {
  mode_t bits = 0;
  bool operator==(const FileMode&) const = default;
};

// A name or a decimal number, and what it stands for on this machine. The id is empty in embedded
// defaults only: load() fills it or reports a problem. An empty name is nobody at all.
struct Group {
  std::string name;
  std::optional<gid_t> id;
  bool operator==(const Group&) const = default;
};
struct User {
  std::string name;
  std::optional<uid_t> id;
  bool operator==(const User&) const = default;
};

// Whom a socket's clients stand for, where their uids mean nothing here: 1 to 64 bytes of UTF-8
// without control characters. Empty: nobody, and the kernel's uid counts.
struct Tenant {
  std::string name;
  bool operator==(const Tenant&) const = default;
};

enum class Authenticator { UnixPeerCredentials, Direct };
enum class ProviderType { Software, Tpm, Pkcs11 };

// Where the input keying material of the store key comes from.
struct KeySource {
  enum class Kind { File, Credential, Command, Tpm };
  Kind kind = Kind::File;
  std::filesystem::path path;  // of a file or a program
  std::string name;            // of a credential (systemd.exec(5)) or of a provider
  bool operator==(const KeySource&) const = default;
};

// Platform configuration registers of a TPM, of one bank; none when the mask is empty.
struct Pcrs {
  std::string bank;        // "sha256", …
  std::uint32_t mask = 0;  // a bit each, PCR 0 the lowest
  bool operator==(const Pcrs&) const = default;
};

// A provider of this configuration, by its name; empty: none.
struct ProviderName {
  std::string name;
  bool operator==(const ProviderName&) const = default;
};

// A transmission interface to a TPM and its options, for the TSS's loader.
struct Tcti {
  std::string name;
  bool operator==(const Tcti&) const = default;
};

// The primary key that a TPM derives anew whenever it is asked, above all keys of the provider.
enum class TpmRoot { EccP256, Rsa2048 };

// Where a secret stands, which strict mode refuses to have written into the configuration.
struct SecretSource {
  enum class Kind { None, File, Credential, Inline };
  Kind kind = Kind::None;
  // A file's absolute path, or a credential's name (systemd.exec(5)), or the secret itself.
  std::string name;
  bool operator==(const SecretSource&) const = default;
};

// A token as RFC 7512 writes it, for p11-kit. What it said of the PIN is taken out of it.
struct TokenUri {
  std::string text;
  SecretSource pin;
  std::filesystem::path module_path = {};  // empty where the module has a name instead
  std::string module_name = {};            // in p11-kit's configuration
  bool names_token = false;                // by its label, serial number, slot or make
  bool operator==(const TokenUri&) const = default;
};

// A token's label or serial number.
struct TokenName {
  std::string name;
  bool operator==(const TokenName&) const = default;
};

// Its number; empty: any slot.
struct TokenSlot {
  std::optional<std::uint32_t> number;
  bool operator==(const TokenSlot&) const = default;
};

// Where a token's module runs: in processes of its own, or in the service's.
enum class TokenIsolation { Worker, None };

// What its workers may reach beside the module and the token's own files.
enum class TokenSandbox { Files, Pcsc, Usb, Network };

// A directory or file that a token's module writes.
struct TokenPath {
  std::filesystem::path path;
  bool operator==(const TokenPath&) const = default;
};

// Of the environment that a module finds.
struct TokenVariable {
  std::string name;
  std::string value;
  bool operator==(const TokenVariable&) const = default;
};

// In what a token differs from the standard, by the name that its provider knows.
struct TokenQuirk {
  std::string name;
  bool operator==(const TokenQuirk&) const = default;
};

}  // namespace strongroom::config
