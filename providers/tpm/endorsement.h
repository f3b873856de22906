// The keys by which others know this TPM.
#pragma once

#include <functional>
#include <optional>

#include "providers/tpm/objects/attestation.h"
#include "providers/tpm/objects/loaded_keys.h"
#include "providers/tpm/objects/templates.h"
#include "providers/upkeep/refused_secret.h"

namespace strongroom::tpm {

// A primary key, made again from its template whenever it is needed and not loaded.
struct PrimaryKey {
  TPMT_PUBLIC public_area;
  Bytes name;
};

// The endorsement key of the TPM's maker, and an attestation key of ours beside it: both under the
// endorsement hierarchy, since the TPM tells its firmware's version and how often it was reset
// plainly to keys of that hierarchy alone. Both are the same keys each time. Belongs to the
// executor; what is used must have a session ready.
class Endorsement {
 public:
  // Of the hierarchy's password; fails where that cannot be read. Asked whenever it is needed.
  using AuthSource = std::function<Result<SecretBuffer>()>;
  // Without a source the hierarchy has no password.
  Endorsement(AuthSource auth, RootType type) noexcept : auth_(std::move(auth)), type_(type) {}

  // Each stands, loaded, until others are used. A wrong password of the hierarchy is
  // PsaErrorGenericError, and is not tried again before unlock(); another one is.
  Outcome<Entity> endorsement_key(const Secured& secured, LoadedKeys& keys);
  Outcome<Entity> attestation_key(const Secured& secured, LoadedKeys& keys);
  // Of a key that was loaded before.
  const PrimaryKey& endorsement() const noexcept { return *endorsement_; }
  const PrimaryKey& attestation() const noexcept { return *attestation_; }
  // For use of the attestation key: nobody else's, and another in each process.
  ByteView attestation_auth() const noexcept { return attestation_auth_.reveal(); }

  // Proves to `policy` that the hierarchy's password is known, so that it allows one use of the
  // endorsement key.
  Outcome<> satisfy(const Secured& secured, const HmacSession& policy);

  void use_auth(AuthSource auth) { auth_ = std::move(auth); }
  // A password that the TPM has refused is tried again.
  void unlock() noexcept { refused_.reset(); }
  // The TPM may be another now.
  void forget() noexcept;

 private:
  Outcome<Entity> use(const Secured& secured, LoadedKeys& keys, std::optional<PrimaryKey>& key,
                      const TPMT_PUBLIC& area, ByteView key_auth);
  Outcome<TPM2_HANDLE> create(const Secured& secured, std::optional<PrimaryKey>& key,
                              const TPMT_PUBLIC& area, ByteView key_auth);
  // Runs `operation` with the password, which yields an Outcome, and makes of a refusal what
  // callers are told.
  template <typename Operation>
  auto with_auth(Operation operation) -> decltype(operation(ByteView()));

  AuthSource auth_;
  RootType type_;
  SecretBuffer attestation_auth_;
  std::optional<PrimaryKey> endorsement_;
  std::optional<PrimaryKey> attestation_;
  std::optional<RefusedSecret> refused_;
};

}  // namespace strongroom::tpm
