// What the service does in front of every provider, whichever it is: policy, statuses in their
// order, names, deprecated primitives, what outlives a restart. Cases are clients of a real daemon
// with one provider, which joins by one INSTANTIATE_TEST_SUITE_P in its file below
// tests/conformance/providers/.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/conformance/fixed_keys.h"
#include "tests/conformance/socket/running_service.h"
#include "tests/support/attributes.h"
#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom::conformance {

using strongroom::testing::FailsWith;
using strongroom::testing::IsOk;
using strongroom::testing::IsOkAndHolds;

struct ServedProvider {
  std::string name;
  ServiceConfiguration configuration;
};

inline void PrintTo(const ServedProvider& provider, std::ostream* out) {
  *out << provider.name;
}

inline std::string name_of_served(const ::testing::TestParamInfo<ServedProvider>& info) {
  return info.param.name;
}

inline constexpr psa::UsageFlags kNoUsage{};

psa::KeyAttributes key_of(psa::KeyType::Kind kind, std::uint32_t bits,
                          const psa::Algorithm& algorithm,
                          const psa::UsageFlags& usage = testing::kAllUsages);
psa::KeyAttributes curve_key_of(psa::KeyType::Kind kind, std::uint32_t bits,
                                const psa::Algorithm& algorithm,
                                const psa::UsageFlags& usage = testing::kAllUsages);

class ServiceConformance : public ::testing::TestWithParam<ServedProvider> {
 protected:
  void SetUp() override;
  // Destroys the keys whose names are of this case.
  void TearDown() override;

  Client& client() { return *client_; }
  static ServiceConfiguration configuration() { return GetParam().configuration; }

  // A name that no other case uses.
  std::string name(std::string_view word) const;
  // Makes a key, which is fixed_key() where the provider imports such and a new one else. False
  // when it does neither.
  bool make(const std::string& name, const psa::KeyAttributes& attributes);
  // As the service lists it.
  std::optional<KeyInfo> listed(const std::string& name);

 private:
  std::string prefix_;
  std::optional<Client> client_;
};

}  // namespace strongroom::conformance
