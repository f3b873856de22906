// How keys go in and come out, and what is said of them, for every type and size of the contract.
#include <algorithm>
#include <chrono>

#include "tests/conformance/service/service_conformance.h"
#include "tests/support/contract_values.h"

namespace strongroom::conformance {
namespace {

using Kind = psa::KeyType::Kind;

psa::KeyAttributes exportable(const psa::KeyType& type, std::uint32_t bits) {
  return {.type = type, .bits = bits, .usage = {.may_export = true}, .algorithm = {}};
}

// SECT_K1 has two curves whose keys are equally long.
bool has_a_size_of_its_own(const psa::KeyType& type, std::uint32_t bits) {
  return type.curve_family != psa::EccFamily::SectK1 || (bits != 233 && bits != 239);
}

class Formats {
 public:
  Formats(Client& client, std::string name) : client_(client), name_(std::move(name)) {}

  // False when the provider imports no such key.
  bool import(const psa::KeyType& type, std::uint32_t bits, std::uint32_t told) {
    data_ = fixed_key(type, bits);
    return client_.import_key(name_, exportable(type, told), data_).has_value();
  }
  void expect_the_same_bytes() {
    auto exported = client_.export_key(name_);
    ASSERT_THAT(exported, IsOk());
    EXPECT_EQ(to_hex(*exported), to_hex(data_));
  }
  void expect_public_key(const psa::KeyType& type, std::uint32_t bits) {
    auto exported = client_.export_public_key(name_);
    if (!type.is_key_pair() && !type.is_public_key()) {
      EXPECT_THAT(exported, FailsWith(Status::PsaErrorInvalidArgument));
      return;
    }
    ASSERT_THAT(exported, IsOk());
    psa::KeyType public_type = type;
    if (type.kind == Kind::RsaKeyPair) public_type.kind = Kind::RsaPublicKey;
    if (type.kind == Kind::EccKeyPair) public_type.kind = Kind::EccPublicKey;
    if (type.kind == Kind::DhKeyPair) public_type.kind = Kind::DhPublicKey;
    EXPECT_EQ(to_hex(*exported), to_hex(fixed_key(public_type, bits)));
  }
  void expect_details(const psa::KeyType& type, std::uint32_t bits) {
    auto details = client_.key_info(name_);
    ASSERT_THAT(details, IsOk());
    EXPECT_EQ(details->key.attributes, exportable(type, bits));
    EXPECT_EQ(details->key.name, name_);
    auto age = std::chrono::system_clock::now() - details->created;
    EXPECT_LT(std::chrono::abs(age), std::chrono::minutes(1));
    if (auto exported = client_.export_public_key(name_)) {
      EXPECT_EQ(to_hex(details->public_key), to_hex(*exported));
    }
  }

 private:
  Client& client_;
  std::string name_;
  Bytes data_;
};

TEST_P(ServiceConformance, ImportedKeysComeOutAsTheyWentInAndAreShownWithTheirSize) {
  for (const auto& [type, bits] : testing::all_key_types()) {
    for (std::uint32_t told : {bits, 0U}) {
      if (told == 0 && !has_a_size_of_its_own(type, bits)) continue;
      std::string key = name(psa::to_string(type, bits)) + (told == 0 ? " by its data" : "");
      SCOPED_TRACE(key);
      Formats formats(client(), key);
      if (fixed_key(type, bits).empty() || !formats.import(type, bits, told)) continue;
      formats.expect_the_same_bytes();
      formats.expect_public_key(type, bits);
      formats.expect_details(type, bits);
      auto row = listed(key);
      ASSERT_TRUE(row);
      EXPECT_EQ(row->attributes, exportable(type, bits));
      EXPECT_EQ(row->provider, configuration().id);
    }
  }
}

TEST_P(ServiceConformance, GeneratedKeysAreShownAsTheyWereAskedFor) {
  for (const auto& [type, bits] : testing::all_key_types()) {
    if (type.is_rsa() && bits > 2048) continue;  // takes long, and is as the others
    psa::KeyAttributes attributes{type, bits, testing::kAllUsages, psa::NoAlgorithm()};
    if (!client().can_do_crypto(CryptoCheck::Generate, attributes)) continue;
    std::string key = name(psa::to_string(type, bits));
    SCOPED_TRACE(key);
    ASSERT_THAT(client().generate_key(key, attributes), IsOk());
    auto row = listed(key);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->attributes, attributes);
  }
}

}  // namespace
}  // namespace strongroom::conformance
