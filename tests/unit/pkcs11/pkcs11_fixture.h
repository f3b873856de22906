// A token of SoftHSM behind the fault module, and providers on it.
#pragma once

#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "providers/pkcs11/pkcs11_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/matchers.h"
#include "tests/support/pkcs11/faults.h"
#include "tests/support/pkcs11/soft_hsm.h"
#include "tests/support/stored_key.h"

namespace strongroom::testing {

using List = CK_FUNCTION_LIST;

// One token for all tests of a suite, whose tests are skipped where there is no SoftHSM.
class WithSoftHsm : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (why_no_soft_hsm().empty()) tokens_.emplace();
  }
  static void TearDownTestSuite() { tokens_.reset(); }

 protected:
  void SetUp() override {
    if (!tokens_) GTEST_SKIP() << why_no_soft_hsm();
    faults().forget();
  }
  void TearDown() override {
    if (tokens_) faults().forget();
  }

  static SoftHsm& tokens() { return *tokens_; }
  static Pkcs11Faults& faults() { return pkcs11_faults(); }

  static Pkcs11Provider::Settings settings() {
    Pkcs11Provider::Settings settings;
    settings.uri = SoftHsm::uri(fault_module());
    settings.login.pin = [] { return SecretBuffer::copy_of(view_of(SoftHsm::kPin)); };
    settings.pause = std::chrono::milliseconds(0);
    settings.creation.allow_export = true;
    return settings;
  }
  static std::unique_ptr<Pkcs11Provider> provider(Pkcs11Provider::Settings with = settings()) {
    auto made = Pkcs11Provider::create("token", std::move(with));
    EXPECT_THAT(made, IsOk());
    return *std::move(made);
  }
  static KeyRecordPtr new_key(Pkcs11Provider& provider,
                              const psa::KeyAttributes& attributes = ecc_pair()) {
    auto key = provider.keys()->generate(attributes, {});
    EXPECT_THAT(key, IsOk());
    return key ? stored(*std::move(key), 1) : nullptr;
  }
  Result<Bytes> signature_of(Pkcs11Provider& provider, const KeyRecord& key) const {
    return provider.signer()->sign_hash(key, kEcdsaSha256, digest);
  }

  // Of the keys in the token that carry the provider's label.
  static Result<std::vector<pkcs11::ObjectId>> ids_in_token(Pkcs11Provider& provider) {
    auto materials = TRY(provider.inventory()->materials());
    std::vector<pkcs11::ObjectId> ids;
    for (const SecretBuffer& each : materials) {
      auto id = TRY(pkcs11::from_stored(each));
      ids.push_back(std::move(id));
    }
    return ids;
  }

  // The token says it is of another make, of which nothing is known, and what else is changed.
  static void change_token(std::function<void(CK_TOKEN_INFO&)> change) {
    faults().on<&List::C_GetTokenInfo>().instead(
        [change](auto real, CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
          CK_RV code = real(slot, info);
          if (code == CKR_OK) change(*info);
          return code;
        });
  }
  static void be_of_another_make() {
    change_token([](CK_TOKEN_INFO& info) { info.manufacturerID[0] = 'X'; });
  }

  const Bytes digest = Bytes(32, std::byte{0x5d});

 private:
  static inline std::optional<SoftHsm> tokens_;
};

// Attributes of a template, by type.
inline std::map<CK_ATTRIBUTE_TYPE, Bytes> attributes_of(const CK_ATTRIBUTE* first, CK_ULONG count) {
  std::map<CK_ATTRIBUTE_TYPE, Bytes> all;
  for (const CK_ATTRIBUTE& each : std::span(first, count))
    all[each.type] = copy_of({static_cast<const std::byte*>(each.pValue), each.ulValueLen});
  return all;
}

inline bool is_true(const Bytes& value) {
  return value == Bytes{std::byte{1}};
}

}  // namespace strongroom::testing
