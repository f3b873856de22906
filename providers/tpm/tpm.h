// A TPM in use: its storage root, a session salted to that, the keys below it; and how all this
// comes back when the TPM has lost it.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "providers/tpm/endorsement.h"
#include "providers/tpm/objects/commands.h"
#include "providers/tpm/objects/key_material.h"
#include "providers/tpm/objects/loaded_keys.h"
#include "providers/tpm/objects/templates.h"
#include "providers/tpm/objects/wrapped_import.h"
#include "providers/upkeep/refused_secret.h"

namespace strongroom::tpm {

// Belongs to the executor. A TPM that is absent when this is made is waited for: each run() tries
// anew.
class Tpm {
 public:
  // Fails where the password cannot be read.
  using OwnerAuthSource = std::function<Result<SecretBuffer>()>;
  struct Settings {
    TctiOpener opener;
    RootType root = RootType::EccP256;
    SecretBuffer owner_auth;
    // Instead: asked whenever the root is made.
    OwnerAuthSource owner_auth_source{};
    Endorsement::AuthSource endorsement_auth_source{};
    // Whether nobody else has objects and sessions in the TPM, so that those found there at the
    // start are left over from processes that died. Never behind a resource manager.
    bool is_exclusive = false;
    // As pin() takes it.
    Bytes pinned_root;
    Device::Limits limits{};
  };

  static Result<std::unique_ptr<Tpm>> with(Settings settings);
  ~Tpm();
  Tpm(const Tpm&) = delete;
  Tpm& operator=(const Tpm&) = delete;

  // Runs `operation`, which takes nothing and yields an Outcome, with a session ready. If the TPM
  // turns out to have lost what it held (reset, restart, another's doing), makes all anew and runs
  // it once more. An answer that is not the TPM's is reported, never tried again.
  template <typename Operation>
  auto run(Operation operation) -> decltype(operation()) {
    for (bool is_first = true;; is_first = false) {
      is_again_ = !is_first;
      decltype(operation()) result =
          std::unexpected(TpmError(Error(Status::PsaErrorHardwareFailure, "the TPM is not ready")));
      auto ready = make_ready();
      if (ready)
        result = operation();
      else
        result = std::unexpected(std::move(ready).error());
      if (result || !recover(result.error().code()) || !is_first) return result;
    }
  }

  // For operations within run().
  // Whether it has failed before in this run(), and all was made anew since: what the TPM refuses
  // now is not refused because of what it had lost.
  bool is_again() const noexcept { return is_again_; }
  Channel& channel() noexcept { return channel_; }
  Secured secured() noexcept { return {channel_, *session_}; }
  Outcome<Entity> root();
  const TPMT_PUBLIC& root_area() const noexcept { return *root_area_; }
  // The root's Name, for pinning; empty until it is known.
  const Bytes& root_name() const noexcept { return root_name_; }
  // The Name that the root must have; empty: whichever it has next.
  void pin(Bytes root_name);

  // A hierarchy password that the TPM has refused, on a fresh session too, is not tried a third
  // time: it may count against a lockout. Another one is, and ends the matter if it is taken.
  const std::optional<RefusedSecret>& refused_password() const noexcept { return refused_; }
  void refuse(std::optional<RefusedSecret> password) { refused_ = std::move(password); }
  void use_owner_auth(OwnerAuthSource source) { settings_.owner_auth_source = std::move(source); }
  Outcome<Entity> use(const KeyMaterial& key);
  // The root that Parsec's service makes with that cipher, which keys of its are under.
  Outcome<ForeignParent> parsec_parent(UINT16 cipher_bits);
  // A new key under the root: made by the TPM, or out of `data`.
  Outcome<KeyBlob> create(const TPMT_PUBLIC& area, ByteView auth, ByteView data = {});
  // One from outside, wrapped for the root.
  Outcome<KeyBlob> import(const ImportedKey& key, ByteView auth);
  LoadedKeys& keys() noexcept { return keys_; }
  Endorsement& endorsement() noexcept { return endorsement_; }
  // Of the owner hierarchy; empty when it has none.
  Outcome<SecretBuffer> owner_auth() const;

 private:
  Tpm(Settings settings, Primitives primitives, std::unique_ptr<Device> device) noexcept;
  Outcome<> make_ready();
  Outcome<> clear_leftovers();
  Outcome<> make_root();
  Outcome<TPM2_HANDLE> create_root();
  Outcome<Primary> create_primary_with(ByteView auth, const TPMT_PUBLIC& area);
  Outcome<Entity> parent_of(const KeyMaterial& key);
  struct NamedPrimary {
    FlushedHandle handle;
    Bytes name;
  };
  Outcome<NamedPrimary> create_parsec_root(UINT16 cipher_bits);
  Outcome<> check_name(const Bytes& name) const;
  // Whether to try again. What the TPM may have lost is forgotten.
  bool recover(TSS2_RC code);
  void forget() noexcept;

  Settings settings_;
  Primitives primitives_;
  std::unique_ptr<Device> device_;
  Channel channel_;
  LoadedKeys keys_;
  Endorsement endorsement_;
  FlushedHandle session_owned_;
  std::optional<HmacSession> session_;
  std::optional<TPMT_PUBLIC> root_area_;
  Bytes root_name_;
  std::map<UINT16, Bytes> parsec_names_;  // of roots, by their ciphers
  bool has_leftovers_;
  bool is_again_ = false;
  std::optional<RefusedSecret> refused_;
};

}  // namespace strongroom::tpm
