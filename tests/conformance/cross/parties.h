// Software, a TPM and a token beside each other: what one makes, the others and OpenSSL read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "providers/provider.h"
#include "tests/support/matchers.h"
#include "tests/support/pkcs11/soft_hsm.h"
#include "tests/support/tpm/sw_tpm.h"

namespace strongroom::conformance {

struct Party {
  std::string name;
  std::unique_ptr<Provider> provider;
};

// All three, in this order, once for a suite; its tests are skipped where a device's simulator is
// missing, since nothing would be crossed then.
class AcrossProviders : public ::testing::Test {
 public:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

 protected:
  void SetUp() override;
  void TearDown() override;

  // Calls `test` with each party that offers all of it for the attributes; fails unless some do.
  void with_each(const psa::KeyAttributes& attributes,
                 const std::function<void(const Party&)>& test);
  // The same with each pair of different parties that both offer it.
  void with_pairs(const psa::KeyAttributes& attributes,
                  const std::function<void(const Party&, const Party&)>& test);

  // As the store would hand it out; destroyed at the test's end.
  KeyRecordPtr generated(const Party& party, const psa::KeyAttributes& attributes);
  KeyRecordPtr imported(const Party& party, const psa::KeyAttributes& attributes, ByteView data);
  // The public half of a key of some party, with another.
  KeyRecordPtr public_half(const Party& party, const KeyRecord& pair);

 private:
  KeyRecordPtr kept(const Party& party, Result<NewKey> made);

  struct Kept {
    const Party* party;
    KeyRecordPtr key;
  };
  std::vector<Kept> keys_;
};

}  // namespace strongroom::conformance
