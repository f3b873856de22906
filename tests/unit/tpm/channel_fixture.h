// A channel to a TPM with a storage root and a session salted to it, for tests of what goes over
// it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "providers/tpm/objects/commands.h"
#include "providers/tpm/objects/names.h"
#include "providers/tpm/objects/templates.h"
#include "tests/support/attributes.h"
#include "tests/support/matchers.h"
#include "tests/support/tpm/fault_tcti.h"
#include "tests/support/tpm/sw_tpm.h"

namespace strongroom::tpm {

inline const psa::KeyType kEcPair{psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};
inline const psa::KeyType kRsaPair{psa::KeyType::Kind::RsaKeyPair, std::nullopt};

inline TPMT_SIG_SCHEME signature_scheme(TPM2_ALG_ID scheme) {
  TPMT_SIG_SCHEME chosen{};
  chosen.scheme = scheme;
  chosen.details.any.hashAlg = TPM2_ALG_SHA256;
  return chosen;
}

inline TPMT_RSA_DECRYPT oaep_sha256() {
  TPMT_RSA_DECRYPT scheme{};
  scheme.scheme = TPM2_ALG_OAEP;
  scheme.details.oaep.hashAlg = TPM2_ALG_SHA256;
  return scheme;
}

// Everything is flushed at the end of a test, in the order that it was made in, backwards.
class ChannelFixture : public testing::WithSwTpm {
 protected:
  struct LoadedKey {
    KeyBlob blob;
    Entity entity;
    FlushedHandle owned;
  };

  void SetUp() override {
    WithSwTpm::SetUp();
    if (IsSkipped()) return;
    primitives.emplace(*Primitives::load());
    device = *Device::over(faults.around([] { return open_tcti(tpm().tcti()); }));
    channel.emplace(*device, *primitives);
  }
  void TearDown() override {
    faults.on_answer = {};
    faults.on_command = {};
    session.reset();
    root_owned = {};
    session_owned = {};
  }

  // With a root of that type, and a session salted to it.
  void make_root(RootType type) {
    auto unsalted = start_session(*channel, std::nullopt);
    ASSERT_THAT(unsalted, testing::IsOk());
    FlushedHandle ended(*channel, unsalted->handle());
    const Entity owner{TPM2_RH_OWNER, name_of(TPM2_RH_OWNER)};
    auto made = create_primary({*channel, *unsalted}, {owner, {}}, storage_root(type));
    ASSERT_THAT(made, testing::IsOk());
    root_owned = FlushedHandle(*channel, made->handle);
    root_area = made->public_area;
    root = Entity{made->handle, *name_of(*primitives, made->public_area)};
    start_salted();
  }
  void start_salted() {
    session.reset();
    session_owned = {};
    auto started = start_session(*channel, SaltKey{root.handle, root_area});
    ASSERT_THAT(started, testing::IsOk());
    session.emplace(*std::move(started));
    session_owned = FlushedHandle(*channel, session->handle());
  }
  Secured secured() { return {*channel, *session}; }

  LoadedKey new_key(const psa::KeyType& type, std::uint32_t bits) {
    auto blob = create(secured(), root, *generated_key(type, bits), auth);
    EXPECT_THAT(blob, testing::IsOk());
    return loaded(*blob);
  }
  LoadedKey loaded(const KeyBlob& blob) {
    auto handle = load(secured(), root, blob);
    EXPECT_THAT(handle, testing::IsOk());
    Entity entity{*handle, *name_of(*primitives, blob.public_area.publicArea)};
    return {blob, entity, FlushedHandle(*channel, *handle)};
  }

  std::size_t count_of_handles(TPM2_HT kind) {
    auto found = capability(*channel, TPM2_CAP_HANDLES, UINT32{kind} << 24, 254);
    EXPECT_THAT(found, testing::IsOk());
    return found->data.handles.count;
  }

  testing::Faults faults;
  std::optional<Primitives> primitives;
  std::unique_ptr<Device> device;
  std::optional<Channel> channel;
  Entity root{};
  TPMT_PUBLIC root_area{};
  std::optional<HmacSession> session;
  FlushedHandle session_owned;
  FlushedHandle root_owned;
  const Bytes auth = Bytes(32, std::byte{0x7a});
  const Bytes digest = Bytes(32, std::byte{0x5d});
};

}  // namespace strongroom::tpm
