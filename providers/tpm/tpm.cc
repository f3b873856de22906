#include "providers/tpm/tpm.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "providers/tpm/foreign/parsec_keys.h"
#include "providers/tpm/objects/names.h"

namespace strongroom::tpm {
namespace {

// Those that every TPM of the PC Client profile has, and that the kernel's resource manager gives.
constexpr std::size_t kSlots = 3;

// Codes that a TPM gives when what we think it holds is not what it holds, and those of an
// interface that broke. TPM 2.0 r1.59 Part 2 §6.6.
bool tells_of_a_loss(TSS2_RC code) {
  constexpr std::array kCodes = {
      TPM2_RC_INITIALIZE,
      TPM2_RC_HANDLE,
      TPM2_RC_AUTH_FAIL,
      TPM2_RC_BAD_AUTH,
      TPM2_RC_CONTEXT_GAP,
      TPM2_RC_OBJECT_MEMORY,
      TPM2_RC_SESSION_MEMORY,
      TPM2_RC_SESSION_HANDLES,
      TSS2_TCTI_RC_IO_ERROR,
      TSS2_TCTI_RC_NO_CONNECTION,
      TSS2_TCTI_RC_GENERAL_FAILURE,
  };
  bool is_reference = code >= TPM2_RC_REFERENCE_H0 && code <= TPM2_RC_REFERENCE_S6;
  return is_reference || std::ranges::find(kCodes, code) != kCodes.end();
}

// Codes after which nobody knows where the session stands. What was asked for is not asked for
// again: somebody may be playing with answers, or the TPM takes too long.
bool ends_the_session(TSS2_RC code) {
  constexpr std::array kCodes = {TSS2_ESYS_RC_RSP_AUTH_FAILED, TSS2_TCTI_RC_MALFORMED_RESPONSE,
                                 TSS2_TCTI_RC_INSUFFICIENT_BUFFER, TSS2_TCTI_RC_TRY_AGAIN};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

// Without its code, which would be that of a loss to be made good.
std::unexpected<TpmError> wrong_password() {
  return std::unexpected(TpmError(Error(
      Status::PsaErrorHardwareFailure,
      "the owner hierarchy's password is wrong, or it has one and 'owner_auth' is not set; it "
      "is not tried again until another one stands where 'owner_auth' points, or after "
      "'strongroom provider unlock'")));
}

Outcome<> flush_all_of(Channel& channel, TPM2_HT kind) {
  constexpr UINT32 kAtOnce = TPM2_MAX_CAP_HANDLES;
  auto found = TRY(capability(channel, TPM2_CAP_HANDLES, UINT32{kind} << TPM2_HR_SHIFT, kAtOnce));
  for (UINT32 i = 0; i < found.data.handles.count; ++i) {
    auto flushed = flush(channel, found.data.handles.handle[i]);
    // What is not there any more need not go.
    if (!flushed && flushed.error().code() != TPM2_RC_HANDLE) return flushed;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Tpm>> Tpm::with(Settings settings) {
  auto primitives = TRY(Primitives::load());
  auto device = TRY(Device::over(settings.opener, settings.limits));
  return std::unique_ptr<Tpm>(
      new Tpm(std::move(settings), std::move(primitives), std::move(device)));
}

Tpm::Tpm(Settings settings, Primitives primitives, std::unique_ptr<Device> device) noexcept
    : settings_(std::move(settings)),
      primitives_(std::move(primitives)),
      device_(std::move(device)),
      channel_(*device_, primitives_),
      keys_(channel_, kSlots),
      endorsement_(std::move(settings_.endorsement_auth_source), settings_.root),
      root_name_(settings_.pinned_root),
      has_leftovers_(settings_.is_exclusive) {}

Tpm::~Tpm() = default;

Outcome<> Tpm::make_ready() {
  if (session_) return {};
  if (has_leftovers_) TRY(clear_leftovers());
  TRY(make_root());
  auto parent = TRY(root());
  auto started = TRY(start_session(channel_, SaltKey{parent.handle, *root_area_}));
  session_owned_ = FlushedHandle(channel_, started.handle());
  session_.emplace(std::move(started));
  return {};
}

Outcome<> Tpm::clear_leftovers() {
  for (TPM2_HT kind : {TPM2_HT_TRANSIENT, TPM2_HT_LOADED_SESSION, TPM2_HT_SAVED_SESSION})
    TRY(flush_all_of(channel_, kind));
  has_leftovers_ = false;
  return {};
}

// Through use(), so that the root takes part in what happens to slots.
Outcome<> Tpm::make_root() {
  if (root_area_) return {};
  auto handle = TRY(create_root());
  FlushedHandle owned(channel_, handle);
  TRY(keys_.use(root_name_, [&]() -> Outcome<TPM2_HANDLE> {
    owned.abandon();
    return handle;
  }));
  return {};
}

Outcome<Entity> Tpm::root() {
  return keys_.use(root_name_, [this] { return create_root(); });
}

Outcome<SecretBuffer> Tpm::owner_auth() const {
  if (settings_.owner_auth_source) return TRY(settings_.owner_auth_source());
  return TRY(SecretBuffer::copy_of(settings_.owner_auth.reveal()));
}

// The salted session cannot be there before the root is. That of the hierarchy's password keeps it
// from who listens, as far as it cannot be guessed.
Outcome<Primary> Tpm::create_primary_with(ByteView auth, const TPMT_PUBLIC& area) {
  if (refused_ && refused_->is(auth)) return wrong_password();
  auto unsalted = TRY(start_session(channel_, std::nullopt));
  FlushedHandle ended(channel_, unsalted.handle());
  const Entity owner{TPM2_RH_OWNER, name_of(TPM2_RH_OWNER)};
  auto made = create_primary({channel_, unsalted}, {owner, auth}, area);
  // Where somebody else has flushed the session it is not the password's fault.
  if (!made && made.error().code() == TPM2_RC_BAD_AUTH && is_again_) {
    refused_ = TRY(RefusedSecret::of(auth));
    return wrong_password();
  }
  if (made) refused_.reset();
  return made;
}

Outcome<TPM2_HANDLE> Tpm::create_root() {
  auto auth = TRY(owner_auth());
  auto primary = TRY(create_primary_with(auth.reveal(), storage_root(settings_.root)));
  FlushedHandle owned(channel_, primary.handle);
  auto name = TRY(name_of(primitives_, primary.public_area));
  TRY(check_name(name));
  root_name_ = std::move(name);
  root_area_ = primary.public_area;
  owned.abandon();
  return primary.handle;
}

Outcome<> Tpm::check_name(const Bytes& name) const {
  if (root_name_.empty() || root_name_ == name) return {};
  return fail(Status::PsaErrorHardwareFailure,
              fmt::format("the TPM's storage root is another than that of the keys: its name is {} "
                          "and was {}. This is another TPM, its owner hierarchy was cleared, or "
                          "the root's type was changed in the configuration: bring back what was; "
                          "or give up those keys, by 'strongroom provider accept-root'",
                          to_hex(name), to_hex(root_name_)));
}

void Tpm::pin(Bytes root_name) {
  if (root_name == root_name_) return;
  if (root_area_) forget();
  root_name_ = std::move(root_name);
}

// That service protects its root by an auth value of the moment; the key itself and what is wrapped
// under it do not depend on it (TPM 2.0 r1.59 Part 3 §24.1).
Outcome<Tpm::NamedPrimary> Tpm::create_parsec_root(UINT16 cipher_bits) {
  auto auth = TRY(owner_auth());
  auto primary = TRY(create_primary_with(auth.reveal(), parsec_root(cipher_bits)));
  NamedPrimary root{FlushedHandle(channel_, primary.handle), {}};
  root.name = TRY(name_of(primitives_, primary.public_area));
  return root;
}

Outcome<ForeignParent> Tpm::parsec_parent(UINT16 cipher_bits) {
  Bytes& name = parsec_names_[cipher_bits];
  if (name.empty()) {
    auto root = TRY(keys_.with_room([&] { return create_parsec_root(cipher_bits); }));
    const TPM2_HANDLE handle = root.handle.handle();
    TRY(keys_.use(root.name, [&]() -> Outcome<TPM2_HANDLE> {
      root.handle.abandon();
      return handle;
    }));
    name = std::move(root.name);
  }
  return ForeignParent{cipher_bits, name};
}

Outcome<Entity> Tpm::parent_of(const KeyMaterial& key) {
  if (!key.parent) return root();
  return keys_.use(key.parent->name, [&]() -> Outcome<TPM2_HANDLE> {
    auto made = TRY(create_parsec_root(key.parent->cipher_bits));
    if (made.name != key.parent->name)
      return fail(Status::PsaErrorHardwareFailure,
                  "the root that Parsec's service made the key under is another one in this TPM: "
                  "this is another TPM, or its owner hierarchy was cleared");
    const TPM2_HANDLE handle = made.handle.handle();
    made.handle.abandon();
    return handle;
  });
}

Outcome<Entity> Tpm::use(const KeyMaterial& key) {
  auto loaded = keys_.use(key.name, [&]() -> Outcome<TPM2_HANDLE> {
    auto parent = TRY(parent_of(key));
    return load(secured(), parent, key.blob);
  });
  if (!loaded && loaded.error().code() == TPM2_RC_INTEGRITY)
    loaded.error().add_context(
        "the key is of another TPM, or of a storage root that was given up; it can be destroyed");
  return loaded;
}

Outcome<KeyBlob> Tpm::create(const TPMT_PUBLIC& area, ByteView auth, ByteView data) {
  return keys_.with_room([&]() -> Outcome<KeyBlob> {
    auto parent = TRY(root());
    return tpm::create(secured(), parent, area, auth, data);
  });
}

Outcome<KeyBlob> Tpm::import(const ImportedKey& key, ByteView auth) {
  auto duplicate = TRY(wrapped_for(primitives_, *root_area_, key, auth));
  return keys_.with_room([&]() -> Outcome<KeyBlob> {
    auto parent = TRY(root());
    auto private_area = TRY(tpm::import(secured(), parent, duplicate));
    return KeyBlob{private_area, TPM2B_PUBLIC{.size = 0, .publicArea = key.public_area}};
  });
}

bool Tpm::recover(TSS2_RC code) {
  bool is_lost = tells_of_a_loss(code);
  if (!is_lost && !ends_the_session(code)) return false;
  log::debug("tpm", "the TPM is made ready anew, after code 0x{:x}", code);
  forget();
  if (code != TPM2_RC_INITIALIZE) return is_lost;
  // Firmware would have sent it: TPM 2.0 r1.59 Part 3 §9.3.
  auto started = startup(channel_);
  return started.has_value();
}

// What may still be there goes with the connection where a resource manager is, else as what is
// left over.
void Tpm::forget() noexcept {
  session_.reset();
  session_owned_.abandon();
  session_owned_ = FlushedHandle();
  keys_.abandon_all();
  endorsement_.forget();
  root_area_.reset();
  device_->close();
  has_leftovers_ = settings_.is_exclusive;
}

}  // namespace strongroom::tpm
