#include "tests/conformance/cross/parties.h"

#include "providers/software/software_provider.h"
#include "providers/tpm/tpm_provider.h"
#include "tests/support/pkcs11/kept_token.h"
#include "tests/support/stored_key.h"

namespace strongroom::conformance {
namespace {

using namespace std::chrono_literals;
using testing::IsOk;

struct Devices {
  testing::SwTpm tpm;
  testing::SoftHsm tokens;
  std::vector<Party> parties;
};
std::unique_ptr<Devices> devices;

std::string why_not() {
  std::string why = testing::why_no_sw_tpm();
  return why.empty() ? testing::why_no_soft_hsm() : why;
}

template <typename Made>
void add(Result<std::unique_ptr<Made>> made) {
  ASSERT_THAT(made, IsOk());
  std::string name = (*made)->description().identity.instance;
  devices->parties.push_back({std::move(name), *std::move(made)});
}

Result<std::unique_ptr<TpmProvider>> tpm() {
  TpmProvider::Settings settings;
  settings.upkeep = Upkeep::Kind::None;
  settings.tcti = devices->tpm.tcti();
  // A machine may be busy with other things than this.
  settings.limits = {.use = 2min, .generation = 10min};
  return TpmProvider::create("tpm", std::move(settings));
}

Result<std::unique_ptr<KeptTokenProvider>> token() {
  Pkcs11Provider::Settings settings;
  settings.uri = testing::SoftHsm::uri();
  settings.login.pin = [] { return SecretBuffer::copy_of(view_of(testing::SoftHsm::kPin)); };
  settings.creation.allow_export = true;
  return testing::kept_token("token", std::move(settings));
}

bool offers(const Party& party, const psa::KeyAttributes& attributes) {
  return party.provider->supports(Capability::Use, attributes).has_value();
}

}  // namespace

void AcrossProviders::SetUpTestSuite() {
  if (!why_not().empty()) return;
  devices = std::make_unique<Devices>();
  add(SoftwareProvider::create("software"));
  add(tpm());
  add(token());
}

void AcrossProviders::TearDownTestSuite() {
  devices.reset();
}

void AcrossProviders::SetUp() {
  if (!devices) GTEST_SKIP() << why_not();
}

void AcrossProviders::TearDown() {
  for (const Kept& kept : keys_)
    EXPECT_THAT(kept.party->provider->keys()->destroy(*kept.key), IsOk());
}

void AcrossProviders::with_each(const psa::KeyAttributes& attributes,
                                const std::function<void(const Party&)>& test) {
  int count = 0;
  for (const Party& party : devices->parties) {
    if (!offers(party, attributes)) continue;
    SCOPED_TRACE(party.name);
    ++count;
    test(party);
  }
  EXPECT_GT(count, 1) << to_string(attributes.type, attributes.bits) << " "
                      << to_string(attributes.algorithm);
}

void AcrossProviders::with_pairs(const psa::KeyAttributes& attributes,
                                 const std::function<void(const Party&, const Party&)>& test) {
  with_each(attributes, [&](const Party& one) {
    for (const Party& other : devices->parties) {
      if (&one == &other || !offers(other, attributes)) continue;
      SCOPED_TRACE("and " + other.name);
      test(one, other);
    }
  });
}

KeyRecordPtr AcrossProviders::generated(const Party& party, const psa::KeyAttributes& attributes) {
  return kept(party, party.provider->keys()->generate(attributes, {}));
}

KeyRecordPtr AcrossProviders::imported(const Party& party, const psa::KeyAttributes& attributes,
                                       ByteView data) {
  return kept(party, party.provider->keys()->import(attributes, data));
}

KeyRecordPtr AcrossProviders::public_half(const Party& party, const KeyRecord& pair) {
  using Kind = psa::KeyType::Kind;
  psa::KeyAttributes attributes = pair.attributes;
  attributes.type.kind = attributes.type.is_rsa() ? Kind::RsaPublicKey : Kind::EccPublicKey;
  return imported(party, attributes, pair.public_key);
}

KeyRecordPtr AcrossProviders::kept(const Party& party, Result<NewKey> made) {
  EXPECT_THAT(made, IsOk());
  if (!made) return nullptr;
  auto key = testing::stored(*std::move(made), keys_.size() + 1);
  keys_.push_back({&party, key});
  return key;
}

}  // namespace strongroom::conformance
