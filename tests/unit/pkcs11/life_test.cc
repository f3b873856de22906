// A token that fails at any call leaves store and token in agreement: in the service, in two
// phases.
#include <unistd.h>

#include "psa_destroy_key.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/service_under_test.h"
#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom {
namespace {

using testing::IsOk;
using testing::request_of;
using testing::ServiceUnderTest;
using ::testing::SizeIs;

constexpr std::uint8_t kTokenId = 2;
constexpr int kMostCalls = 40;  // of one function, in one change of a key

enum class When { InsteadOf, After };

class LifeTest : public testing::WithSoftHsm {
 protected:
  void SetUp() override {
    WithSoftHsm::SetUp();
    if (IsSkipped()) return;
    // The token has what other tests have left.
    auto with = settings();
    with.creation.label = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    token_ = provider(std::move(with));
    testing::ServiceOptions options;
    options.others = {token_};
    service_.emplace(std::move(options));
  }

  Status generate() {
    Request request =
        request_of(Opcode::PsaGenerateKey, testing::generate_body("web", testing::ecc_pair()));
    request.header.provider = kTokenId;
    return service_->status_of(std::move(request));
  }
  Status destroy() {
    psa_destroy_key::Operation operation;
    operation.set_key_name("web");
    Request request = request_of(Opcode::PsaDestroyKey, *serialized(operation));
    request.header.provider = kTokenId;
    return service_->status_of(std::move(request));
  }
  bool has_key() { return service_->store().find(id()).has_value(); }
  KeyId id() {
    KeyId id = service_->id_of("web");
    id.provider = token_->description().identity;
    return id;
  }

  void expect_agreement() {
    EXPECT_TRUE(testing::eventually([this] { return is_settled(); }));
    const auto objects = token_->inventory()->materials();
    ASSERT_THAT(objects, IsOk());
    EXPECT_THAT(*objects, SizeIs(has_key() ? 1 : 0));
    if (has_key())
      EXPECT_THAT(token_->inventory()->look_for(**service_->store().find(id())), IsOk());
    else
      EXPECT_THAT(service_->store().check_free(id()), IsOk());
  }
  bool is_settled() {
    return service_->device_keys().left_of(id().provider) == 0 &&
           service_->store().unfinished(id().provider)->empty();
  }

  // `change`, after `prepare`, with a failure at each call of each function; `check` sees what was
  // answered.
  template <typename Prepare, typename Change, typename Check>
  void at_each_call(Prepare prepare, Change change, Check check) {
    int failures = 0;
    faults().for_each([&](auto& function) {
      for (When when : {When::InsteadOf, When::After})
        for (int number = 1; number < kMostCalls && !HasFailure(); ++number) {
          prepare();
          const auto calls = std::make_shared<std::atomic<int>>(0);
          function.hook.instead([calls, number, when](auto real, auto... arguments) -> CK_RV {
            if (++*calls != number) return real(arguments...);
            if (when == When::After) std::ignore = real(arguments...);
            return CKR_DEVICE_REMOVED;
          });
          check(change());
          faults().forget();
          expect_agreement();
          if (*calls < number) break;
          ++failures;
        }
    });
    EXPECT_GT(failures, 3);
  }

  std::shared_ptr<Pkcs11Provider> token_;
  std::optional<ServiceUnderTest> service_;
};

TEST_F(LifeTest, OfAKeyAtItsBeginningEndsInAgreement) {
  at_each_call(
      [&] {
        EXPECT_THAT(destroy(), ::testing::AnyOf(Status::Success, Status::PsaErrorDoesNotExist));
      },
      [&] { return generate(); },
      [&](Status answered) { EXPECT_EQ(answered == Status::Success, has_key()); });
}

TEST_F(LifeTest, OfAKeyAtItsEndEndsInAgreement) {
  at_each_call([&] { EXPECT_EQ(generate(), Status::Success); }, [&] { return destroy(); },
               [&](Status) { EXPECT_FALSE(has_key()); });
}

TEST_F(LifeTest, EndsInATokenThatLostIt) {
  ASSERT_EQ(generate(), Status::Success);
  ASSERT_THAT(token_->keys()->destroy(**service_->store().find(id())), IsOk());
  EXPECT_EQ(destroy(), Status::PsaErrorDoesNotExist);
  expect_agreement();
}

TEST_F(LifeTest, DoesNotTouchAnotherKeyOfItsId) {
  ASSERT_EQ(generate(), Status::Success);
  const KeyRecordPtr key = *service_->store().find(id());
  ASSERT_THAT(token_->keys()->destroy(*key), IsOk());
  auto material = SecretBuffer::copy_of(key->material.reveal());
  ASSERT_THAT(token_->keys()->generate(key->attributes, {}, *std::move(material)), IsOk());
  EXPECT_EQ(destroy(), Status::PsaErrorDataCorrupt);
  EXPECT_FALSE(has_key());
  EXPECT_THAT(*token_->inventory()->materials(), SizeIs(1));
  EXPECT_THAT(token_->keys()->destroy(*key), IsOk());
}

}  // namespace
}  // namespace strongroom
