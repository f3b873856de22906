#include "tests/conformance/service/service_conformance.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>

namespace strongroom::conformance {

psa::KeyAttributes key_of(psa::KeyType::Kind kind, std::uint32_t bits,
                          const psa::Algorithm& algorithm, const psa::UsageFlags& usage) {
  return {.type = {.kind = kind, .curve_family = {}},
          .bits = bits,
          .usage = usage,
          .algorithm = algorithm};
}

psa::KeyAttributes curve_key_of(psa::KeyType::Kind kind, std::uint32_t bits,
                                const psa::Algorithm& algorithm, const psa::UsageFlags& usage) {
  psa::KeyAttributes attributes = key_of(kind, bits, algorithm, usage);
  attributes.type.curve_family = psa::EccFamily::SecpR1;
  return attributes;
}

void ServiceConformance::SetUp() {
  static std::atomic<int> last = 0;
  prefix_ = fmt::format("service case {} ", ++last);
  client_ = client_of(configuration());
}

void ServiceConformance::TearDown() {
  auto keys = client().list_keys();
  ASSERT_THAT(keys, IsOk());
  for (const KeyInfo& key : *keys)
    if (key.name.starts_with(prefix_)) {
      EXPECT_THAT(client().destroy_key(key.name), IsOk());
    }
}

std::string ServiceConformance::name(std::string_view word) const {
  return prefix_ + std::string(word);
}

bool ServiceConformance::make(const std::string& name, const psa::KeyAttributes& attributes) {
  psa::KeyAttributes any_use = attributes;
  any_use.algorithm = psa::NoAlgorithm();
  Bytes data = fixed_key(attributes.type, attributes.bits);
  bool imports = !data.empty() && client().can_do_crypto(CryptoCheck::Import, any_use);
  if (!imports && !client().can_do_crypto(CryptoCheck::Generate, any_use)) return false;
  auto made = imports ? client().import_key(name, attributes, data)
                      : client().generate_key(name, attributes);
  EXPECT_THAT(made, IsOk());
  return made.has_value();
}

std::optional<KeyInfo> ServiceConformance::listed(const std::string& name) {
  auto keys = client().list_keys();
  EXPECT_THAT(keys, IsOk());
  if (!keys) return std::nullopt;
  auto found = std::ranges::find(*keys, name, &KeyInfo::name);
  if (found == keys->end()) return std::nullopt;
  return *found;
}

}  // namespace strongroom::conformance
