#include "client/cli/certificates/documents.h"

#include <gmock/gmock.h>

#include "base/bytes.h"
#include "client/cli/certificates/distinguished_name.h"
#include "client/cli/certificates/signature_algorithm.h"
#include "tests/unit/client/cli/test_keys.h"

namespace strongroom::cli {
namespace {

using std::chrono::sys_days;
using ::testing::HasSubstr;

class Documents : public ::testing::Test {
 protected:
  der::Element signed_by_key(ByteView content) const {
    Bytes signature = testing::sign_der(key_, testing::sha256(text_of(content)));
    return signed_document(content, algorithm_, signature);
  }
  Issue issue(std::chrono::sys_seconds until) const {
    return {.subject = subject_,
            .public_key_info = public_key_,
            .signature_algorithm = algorithm_,
            .from = sys_days(std::chrono::year(2026) / 11 / 22),
            .until = until};
  }

  testing::Key key_ = testing::generate_ecc("prime256v1");
  Bytes public_key_ = testing::public_info(key_);
  der::Element subject_ = *name_from("/CN=a");
  der::Element algorithm_ =
      signature_algorithm({psa::AsymmetricSignature::Kind::Ecdsa, psa::Hash::Sha256}, 256, {})
          ->identifier;
};

TEST_F(Documents, RequestIsReadAndVerified) {
  Extensions extensions{.basic_constraints = basic_constraints(true)};
  for (const Extensions& asked : {Extensions(), extensions}) {
    der::Element request = signed_by_key(request_info(subject_, public_key_, asked));
    EXPECT_TRUE(check_request(request));
    EXPECT_FALSE(check_certificate(request));
    request.back() ^= std::byte{1};
    EXPECT_EQ(check_request(request).error().code, ExitCode::ServiceFailure);
  }
  EXPECT_EQ(check_request({}).error().code, ExitCode::ServiceFailure);
}

TEST_F(Documents, CertificateIsReadAndVerified) {
  der::Element content = *self_issued(issue(sys_days(std::chrono::year(2027) / 1 / 1)), {});
  der::Element certificate = signed_by_key(content);
  EXPECT_TRUE(check_certificate(certificate));
  certificate.back() ^= std::byte{1};
  EXPECT_EQ(check_certificate(certificate).error().code, ExitCode::ServiceFailure);
}

TEST_F(Documents, TimesChangeTheirFormWithTheYear2050) {
  der::Element last = *self_issued(issue(sys_days(std::chrono::year(2049) / 12 / 31)), {});
  EXPECT_THAT(std::string(text_of(last)), HasSubstr("\x17\x0d"
                                                    "491231000000Z"));
  der::Element next = *self_issued(issue(sys_days(std::chrono::year(2050) / 1 / 1)), {});
  EXPECT_THAT(std::string(text_of(next)), HasSubstr("\x18\x0f"
                                                    "20500101000000Z"));
}

TEST_F(Documents, SerialNumbersDiffer) {
  Issue one = issue(sys_days(std::chrono::year(2027) / 1 / 1));
  EXPECT_NE(*self_issued(one, {}), *self_issued(one, {}));
}

}  // namespace
}  // namespace strongroom::cli
