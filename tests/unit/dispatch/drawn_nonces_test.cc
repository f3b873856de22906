#include "service/dispatch/drawn_nonces.h"

#include <algorithm>
#include <set>
#include <thread>
#include <unistd.h>
#include <vector>

#include "aead_seal.pb.h"
#include "key_info.pb.h"
#include "psa_aead_decrypt.pb.h"
#include "psa_aead_encrypt.pb.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::FailsWith;
using testing::generate_body;
using testing::import_body;
using testing::IsOk;
using testing::kAesGcm;
using testing::key_of;
using testing::request_of;
using testing::result_in;
using testing::ServiceUnderTest;
using testing::valid_body;

using Nonce = DrawnNonces::Nonce;

ByteView random_part(const Nonce& nonce) {
  return ByteView(nonce).first(8);
}

std::uint32_t counter(const Nonce& nonce) {
  std::uint32_t value = 0;
  for (std::byte byte : ByteView(nonce).last(4))
    value = value << 8U | std::to_integer<std::uint32_t>(byte);
  return value;
}

bool is_one_series(const Nonce& first, const Nonce& second) {
  return std::ranges::equal(random_part(first), random_part(second));
}

Nonce drawn(DrawnNonces& nonces, std::uint64_t key) {
  Result<Nonce> nonce = nonces.draw(key);
  EXPECT_THAT(nonce, IsOk());
  return *nonce;
}

TEST(DrawnNonces, CountUpBehindARandomPart) {
  DrawnNonces nonces;
  Nonce before = drawn(nonces, 1);
  for (int i = 0; i < 1000; ++i) {
    const Nonce next = drawn(nonces, 1);
    EXPECT_TRUE(is_one_series(before, next));
    EXPECT_EQ(counter(next), counter(before) + 1);  // around, too
    before = next;
  }
}

TEST(DrawnNonces, OfTwoKeysAndOfTwoProcessesHaveRandomPartsOfTheirOwn) {
  DrawnNonces nonces;
  EXPECT_FALSE(is_one_series(drawn(nonces, 1), drawn(nonces, 2)));
  DrawnNonces restarted;
  EXPECT_FALSE(is_one_series(drawn(nonces, 1), drawn(restarted, 1)));
}

// The counter of one in 256 series passes a byte's end, of one in 65,536 two.
TEST(DrawnNonces, CarryIntoEveryByteOfTheCounter) {
  DrawnNonces nonces({.keys = 1});
  for (std::uint64_t key = 0; key < 100; ++key) {
    Nonce before = drawn(nonces, key);
    for (int i = 0; i < 300; ++i) {
      const Nonce next = drawn(nonces, key);
      ASSERT_EQ(counter(next), counter(before) + 1);
      ASSERT_TRUE(is_one_series(before, next));
      before = next;
    }
  }
}

TEST(DrawnNonces, BeginAnotherSeriesAtTheEndOfOne) {
  DrawnNonces nonces({.series = 4});
  std::vector<Nonce> all;
  for (int i = 0; i < 9; ++i)
    all.push_back(drawn(nonces, 1));
  EXPECT_TRUE(is_one_series(all[0], all[3]));
  EXPECT_FALSE(is_one_series(all[3], all[4]));
  EXPECT_TRUE(is_one_series(all[4], all[7]));
  EXPECT_FALSE(is_one_series(all[7], all[8]));
}

TEST(DrawnNonces, OfAForgottenKeyAreOfAnotherSeries) {
  DrawnNonces nonces({.keys = 2});
  const Nonce first = drawn(nonces, 1);
  const Nonce second = drawn(nonces, 2);
  EXPECT_TRUE(is_one_series(drawn(nonces, 1), first));
  std::ignore = drawn(nonces, 3);  // in the place of 2, which was not used as lately as 1
  EXPECT_TRUE(is_one_series(drawn(nonces, 1), first));
  EXPECT_FALSE(is_one_series(drawn(nonces, 2), second));
}

TEST(DrawnNonces, NeverRepeatWhoeverDraws) {
  constexpr int kThreads = 8;
  constexpr int kEach = 5000;
  DrawnNonces nonces({.keys = 2, .series = 64});
  std::vector<std::vector<Nonce>> drawn_by(kThreads);
  {
    std::vector<std::jthread> threads;
    for (std::vector<Nonce>& mine : drawn_by)
      threads.emplace_back([&nonces, &mine] {
        for (int i = 0; i < kEach; ++i)
          mine.push_back(*nonces.draw(static_cast<std::uint64_t>(i % 3)));
      });
  }
  std::set<Nonce> all;
  for (const std::vector<Nonce>& some : drawn_by)
    all.insert(some.begin(), some.end());
  EXPECT_EQ(all.size(), std::size_t{kThreads} * kEach);
}

template <typename Message>
Request request_with(Opcode opcode, const Message& message) {
  return request_of(opcode, *serialized(message));
}

class AeadSealed : public ::testing::Test {
 protected:
  static psa::KeyAttributes careful() {
    psa::KeyAttributes key = key_of(psa::KeyType::Kind::Aes, 128, kAesGcm);
    key.drawn_nonce_only = true;
    return key;
  }
  Status generate(std::string_view name, const psa::KeyAttributes& attributes) {
    return service_.status_of(request_of(Opcode::PsaGenerateKey, generate_body(name, attributes)));
  }
  ::aead_seal::Result seal(std::string_view name = "web") {
    return result_in<::aead_seal::Result>(
        service_.ask(request_of(Opcode::AeadSeal, valid_body(Opcode::AeadSeal, name))));
  }
  static ::aead_seal::Operation operation(const psa::Aead& algorithm = kAesGcm) {
    ::aead_seal::Operation operation;
    operation.set_key_name("web");
    *operation.mutable_alg() = encode(algorithm);
    return operation;
  }

  ServiceUnderTest service_;
};

TEST_F(AeadSealed, TellsTheNonceBesideTheCiphertext) {
  ASSERT_EQ(generate("web", careful()), Status::Success);
  const auto sealed = seal();
  EXPECT_EQ(sealed.nonce().size(), DrawnNonces::kSize);
  EXPECT_EQ(sealed.ciphertext(), "sealed:plain");
  EXPECT_NE(seal().nonce(), sealed.nonce());
}

TEST_F(AeadSealed, GoesOnWithASeriesAfterAReload) {
  ASSERT_EQ(generate("web", careful()), Status::Success);
  const std::string before = seal().nonce();
  service_.reload();
  const std::string after = seal().nonce();
  EXPECT_EQ(after.substr(0, 8), before.substr(0, 8));
  EXPECT_NE(after, before);
}

TEST_F(AeadSealed, OfAKeyMadeAgainUnderItsNameIsOfAnotherSeries) {
  ASSERT_EQ(generate("web", careful()), Status::Success);
  const std::string before = seal().nonce();
  ASSERT_EQ(service_.status_of(Opcode::PsaDestroyKey), Status::Success);
  ASSERT_EQ(generate("web", careful()), Status::Success);
  EXPECT_NE(seal().nonce().substr(0, 8), before.substr(0, 8));
}

TEST_F(AeadSealed, TakesAnEmptyText) {
  ASSERT_EQ(generate("web", careful()), Status::Success);
  EXPECT_EQ(service_.status_of(request_with(Opcode::AeadSeal, operation())), Status::Success);
}

TEST_F(AeadSealed, FailsInTheOrderOfTheContract) {
  Request anonymous = request_with(Opcode::AeadSeal, ::aead_seal::Operation());
  anonymous.header.auth_type = 0;
  anonymous.auth.clear();
  EXPECT_EQ(service_.status_of(anonymous), Status::InvalidEncoding);
  anonymous.body = *serialized(operation());
  EXPECT_EQ(service_.status_of(anonymous), Status::NotAuthenticated);
  EXPECT_EQ(service_.status_of(Opcode::AeadSeal), Status::PsaErrorDoesNotExist);

  psa::KeyAttributes key = careful();
  key.usage.encrypt = false;
  ASSERT_EQ(generate("web", key), Status::Success);
  EXPECT_EQ(service_.status_of(Opcode::AeadSeal), Status::PsaErrorNotPermitted);
  ASSERT_EQ(service_.status_of(Opcode::PsaDestroyKey), Status::Success);

  ASSERT_EQ(generate("web", careful()), Status::Success);
  const psa::Aead shortened{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = 12};
  EXPECT_EQ(service_.status_of(request_with(Opcode::AeadSeal, operation(shortened))),
            Status::PsaErrorNotPermitted);
}

TEST_F(AeadSealed, IsTheOnlyWayForAKeyThatWantsDrawnNonces) {
  ASSERT_EQ(generate("web", careful()), Status::Success);
  EXPECT_EQ(service_.status_of(Opcode::PsaAeadEncrypt), Status::PsaErrorNotPermitted);
  EXPECT_EQ(service_.status_of(Opcode::PsaAeadDecrypt), Status::Success);
  // Before the lengths are looked at.
  psa_aead_encrypt::Operation empty;
  empty.set_key_name("web");
  *empty.mutable_alg() = encode(kAesGcm);
  EXPECT_EQ(service_.status_of(request_with(Opcode::PsaAeadEncrypt, empty)),
            Status::PsaErrorNotPermitted);
}

TEST_F(AeadSealed, IsThereForOtherKeysToo) {
  service_.make_key_for(Opcode::PsaAeadEncrypt);
  EXPECT_EQ(service_.status_of(Opcode::AeadSeal), Status::Success);
  EXPECT_EQ(service_.status_of(Opcode::PsaAeadEncrypt), Status::Success);
}

TEST_F(AeadSealed, DemandOfAKeyIsTold) {
  ASSERT_EQ(generate("web", careful()), Status::Success);
  const auto info = result_in<::key_info::Result>(
      service_.ask(request_of(Opcode::KeyInfo, valid_body(Opcode::KeyInfo))));
  EXPECT_TRUE(info.attributes().key_policy().drawn_nonce_only());
}

TEST_F(AeadSealed, DemandIsRefusedForKeysWithoutAead) {
  for (const psa::Algorithm& algorithm :
       {psa::Algorithm(psa::NoAlgorithm()), psa::Algorithm(psa::Cipher::Ctr)}) {
    psa::KeyAttributes key = key_of(psa::KeyType::Kind::Aes, 128, algorithm);
    key.drawn_nonce_only = true;
    EXPECT_EQ(generate("web", key), Status::PsaErrorInvalidArgument);
    EXPECT_EQ(service_.status_of(
                  request_of(Opcode::PsaImportKey, import_body("web", key, view_of("data")))),
              Status::PsaErrorInvalidArgument);
    key.drawn_nonce_only = false;
    EXPECT_EQ(generate("web", key), Status::Success);
    EXPECT_EQ(service_.status_of(Opcode::PsaDestroyKey), Status::Success);
  }
}

}  // namespace
}  // namespace strongroom
