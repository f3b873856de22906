// A Tpm over swtpm, with faults between, and keys in it.
#pragma once

#include "providers/tpm/tpm.h"
#include "tests/unit/tpm/channel_fixture.h"

namespace strongroom::tpm {

class TpmFixture : public testing::WithSwTpm {
 protected:
  Tpm::Settings settings() {
    Tpm::Settings chosen;
    chosen.opener = faults.around([] { return open_tcti(tpm().tcti()); });
    chosen.is_exclusive = true;
    return chosen;
  }
  std::unique_ptr<Tpm> made(Tpm::Settings chosen) {
    auto made = Tpm::with(std::move(chosen));
    EXPECT_THAT(made, testing::IsOk());
    return *std::move(made);
  }
  std::unique_ptr<Tpm> made() { return made(settings()); }

  static Outcome<KeyMaterial> new_key(Tpm& tpm, const psa::KeyType& type = kEcPair,
                                      std::uint32_t bits = 256) {
    const Bytes auth(kAuthSize, std::byte{0x7a});
    return tpm.run([&]() -> Outcome<KeyMaterial> {
      auto area = TRY(generated_key(type, bits));
      auto blob = TRY(tpm.create(area, auth));
      auto stored = TRY(to_stored(auth, blob));
      return from_stored(tpm.channel().primitives(), stored);
    });
  }
  static Outcome<TPMT_SIGNATURE> sign_with(Tpm& tpm, const KeyMaterial& key) {
    const Bytes digest(32, std::byte{0x5d});
    return tpm.run([&]() -> Outcome<TPMT_SIGNATURE> {
      auto entity = TRY(tpm.use(key));
      return sign(tpm.secured(), {entity, key.auth.reveal()}, digest,
                  signature_scheme(TPM2_ALG_ECDSA));
    });
  }

  testing::Faults faults;
};

}  // namespace strongroom::tpm
