// Many signatures for one request: all or none.
#include "sign_batch.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::ecc_pair;
using testing::generate_body;
using testing::key_of;
using testing::request_of;
using testing::result_in;
using testing::ServiceUnderTest;

class SignBatch : public ::testing::Test {
 protected:
  SignBatch() {
    generate("web", ecc_pair());
    request_.set_key_name("web");
    *request_.mutable_alg() = encode(testing::kEcdsaSha256);
  }

  void generate(std::string_view name, const psa::KeyAttributes& attributes) {
    ASSERT_EQ(
        service_.status_of(request_of(Opcode::PsaGenerateKey, generate_body(name, attributes))),
        Status::Success);
  }
  void add_hashes(int count) {
    for (int i = 0; i < count; ++i)
      request_.add_hashes(std::string(32, static_cast<char>('a' + i % 26)));
  }

  Request request() const { return request_of(Opcode::SignBatch, *serialized(request_)); }
  Status status() { return service_.status_of(request()); }

  Result<Work> planned() {
    const auto generation = service_.generation().lock();
    const Call call{.opcode = Opcode::SignBatch,
                    .provider = 1,
                    .application = service_.id_of("web").application,
                    .account = service_.caller.account,
                    .extended = false,
                    .body = *serialized(request_),
                    .gone = {}};
    Planning planning(call, generation, Reading::MayRead);
    return find_operation(std::to_underlying(Opcode::SignBatch))->plan(planning);
  }

  ServiceUnderTest service_;
  ::sign_batch::Operation request_;
};

TEST_F(SignBatch, SignsHashesInTheirOrder) {
  add_hashes(3);
  const auto result = result_in<::sign_batch::Result>(service_.ask(request()));
  ASSERT_EQ(result.signatures_size(), 3);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(result.signatures(i), "signed:" + request_.hashes(i));
}

TEST_F(SignBatch, SignsMessagesOfAnyLengthInTheirOrder) {
  for (const char* message : {"one", "", "three"})
    request_.add_messages(message);
  const auto result = result_in<::sign_batch::Result>(service_.ask(request()));
  ASSERT_EQ(result.signatures_size(), 3);
  EXPECT_EQ(result.signatures(1), "signed:");
  EXPECT_EQ(result.signatures(2), "signed:three");
}

TEST_F(SignBatch, IsOfHashesOrOfMessages) {
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
  add_hashes(1);
  EXPECT_EQ(status(), Status::Success);
  request_.add_messages("message");
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
}

TEST_F(SignBatch, HasAtMost1024Entries) {
  add_hashes(1024);
  EXPECT_EQ(status(), Status::Success);
  add_hashes(1);
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
  request_.clear_hashes();
  for (int i = 0; i < 1025; ++i)
    request_.add_messages("message");
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
}

TEST_F(SignBatch, WithOneBadHashSignsNothing) {
  add_hashes(3);
  request_.set_hashes(2, "too short");
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
  EXPECT_EQ(service_.provider().signatures, 0);
}

TEST_F(SignBatch, WhoseAnswerWouldBeTooLongSignsNothing) {
  service_.reload({.front_end = {}, .response_limit = 4096});
  add_hashes(64);
  EXPECT_EQ(status(), Status::ResponseTooLarge);
  EXPECT_EQ(service_.provider().signatures, 0);
}

TEST_F(SignBatch, FailsInTheOrderOfTheContract) {
  psa::KeyAttributes of_messages = ecc_pair();
  of_messages.usage = {.sign_message = true};
  generate("messages", of_messages);
  request_.clear_alg();
  request_.set_key_name("nowhere");
  request_.add_hashes("too short");
  EXPECT_EQ(status(), Status::InvalidEncoding);
  *request_.mutable_alg() = encode(testing::kEcdsaSha256);
  Request anonymous = request();
  anonymous.header.auth_type = 0;
  EXPECT_EQ(service_.status_of(std::move(anonymous)), Status::NotAuthenticated);
  EXPECT_EQ(status(), Status::PsaErrorDoesNotExist);
  request_.set_key_name("messages");
  EXPECT_EQ(status(), Status::PsaErrorNotPermitted);
  request_.set_key_name("web");
  EXPECT_EQ(status(), Status::PsaErrorInvalidArgument);
  request_.clear_hashes();
  request_.add_messages("message");
  request_.set_key_name("messages");
  EXPECT_EQ(status(), Status::Success);
}

TEST_F(SignBatch, OfHashesIsNotForAlgorithmsThatTakeMessages) {
  const psa::AsymmetricSignature eddsa{psa::AsymmetricSignature::Kind::PureEddsa, std::nullopt};
  psa::KeyAttributes edwards = ecc_pair(eddsa);
  edwards.type.curve_family = psa::EccFamily::TwistedEdwards;
  edwards.bits = 255;
  generate("edwards", edwards);
  request_.set_key_name("edwards");
  *request_.mutable_alg() = encode(eddsa);
  add_hashes(1);
  EXPECT_EQ(status(), Status::PsaErrorNotPermitted);
  request_.clear_hashes();
  request_.add_messages("message");
  EXPECT_EQ(status(), Status::Success);
}

TEST_F(SignBatch, CostsTheSumOfItsSignatures) {
  add_hashes(1);
  auto one = planned();
  ASSERT_THAT(one, testing::IsOk());
  EXPECT_LE(one->cost, kInlineCost);
  add_hashes(63);
  auto many = planned();
  ASSERT_THAT(many, testing::IsOk());
  EXPECT_EQ(many->cost, 64 * one->cost);
  EXPECT_LE(many->cost, kQuickCost);
  add_hashes(960);
  auto most = planned();
  ASSERT_THAT(most, testing::IsOk());
  EXPECT_GT(most->cost, kQuickCost);
}

TEST_F(SignBatch, StopsWhenItsClientIsGone) {
  add_hashes(1000);
  service_.provider().signing.close();
  std::stop_source gone;
  auto answer = service_.begin(request(), gone.get_token());
  service_.provider().signing.await_entered(1);
  gone.request_stop();
  service_.provider().signing.open();
  answer.wait();
  EXPECT_EQ(service_.provider().signatures, 1);
}

}  // namespace
}  // namespace strongroom
