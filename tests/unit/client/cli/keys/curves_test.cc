#include "client/cli/keys/curves.h"

#include <memory>

#include <gmock/gmock.h>
#include <openssl/objects.h>

namespace strongroom::cli {
namespace {

TEST(Curves, IdentifiersAreThoseOfOpenssl) {
  for (const Curve& curve : curves()) {
    const ASN1_OBJECT* object = OBJ_nid2obj(OBJ_txt2nid(curve.openssl_name));
    ASSERT_NE(object, nullptr) << curve.openssl_name;
    std::string_view content(reinterpret_cast<const char*>(OBJ_get0_data(object)),
                             OBJ_length(object));
    EXPECT_EQ(curve.identifier, content) << curve.openssl_name;
  }
}

TEST(Curves, EachIsFoundByEachOfItsNames) {
  for (const Curve& curve : curves()) {
    psa::KeyType type{psa::KeyType::Kind::EccKeyPair, curve.family};
    EXPECT_EQ(curve_of(type, curve.bits), &curve);
    EXPECT_EQ(curve_identified_by(view_of(curve.identifier)), &curve);
    EXPECT_EQ(curve_of_ssh(curve.ssh_name), curve.ssh_name.empty() ? nullptr : &curve);
  }
  EXPECT_EQ(curve_of_ssh(""), nullptr);
  EXPECT_EQ(curve_identified_by({}), nullptr);
}

}  // namespace
}  // namespace strongroom::cli
