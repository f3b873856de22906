// The configuration takes the quirks that there are.
#include <gtest/gtest.h>

#include "config/values/words.h"
#include "providers/pkcs11/token/quirks.h"

namespace strongroom::pkcs11 {
namespace {

TEST(QuirkNames, OfTheConfigurationAreTheProviders) {
  Quirks all;
  for (const std::string_view name : config::kTokenQuirks) {
    const auto quirk = quirk_named(name);
    ASSERT_TRUE(quirk) << name;
    all = all.with(*quirk);
  }
  for (const Quirk quirk :
       {Quirk::BarePoints, Quirk::CurvesByName, Quirk::WrappedPeers, Quirk::GeneralDecryptionErrors,
        Quirk::MacSizesInBytes, Quirk::MontgomeryAsEdwards, Quirk::NoAllowedMechanisms,
        Quirk::NoPublicObjects})
    EXPECT_TRUE(all.has(quirk));
}

}  // namespace
}  // namespace strongroom::pkcs11
