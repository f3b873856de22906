// Operations in parts by the client library, against the real daemon and what befalls it.
#include "strongroom/multipart.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/fault/fault_fixture.h"
#include "tests/support/attributes.h"

namespace strongroom::testing {
namespace {

using namespace std::chrono_literals;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMuch = std::size_t{30} * 1024 * 1024;
constexpr bool kMemoryIsOurs = false;
#else
constexpr std::size_t kMuch = std::size_t{300} * 1024 * 1024;
constexpr bool kMemoryIsOurs = true;
#endif

// The most memory that a process has had, in bytes.
std::size_t peak_memory_of(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return 1024 * std::stoul(line.substr(6));
  return 0;
}

class MultipartTest : public FaultTest {
 protected:
  void SetUp() override {
    write_configuration("");
    daemon_.emplace(place_, DaemonOptions{.configuration = place_.file("strongroom.toml")});
    ASSERT_TRUE(daemon_->await_ready());
  }
  void write_configuration(const std::string& service) const {
    std::ofstream(place_.file("strongroom.toml")) << fmt::format(
        "[service]\nrequire_locked_memory = false\n{1}\n"
        "[[socket]]\npath = \"{0}/strongroom.sock\"\nmode = \"0666\"\n"
        "[store]\npath = \"{0}/keys.db\"\nkey_source = \"file:{0}/store.key\"\n"
        "[admin]\ngroups = []\n",
        place_.state(), service);
  }
  void reload(const std::string& service) {
    write_configuration(service);
    const std::size_t before = place_.log_text().size();
    ::kill(daemon_->pid(), SIGHUP);
    ASSERT_TRUE(eventually(
        [&] { return place_.log_text().substr(before).contains("reloaded generation="); }));
  }
  void make_key(const psa::Aead& algorithm = kAesGcm) {
    ASSERT_THAT(client_.generate_key("vault", key_of(psa::KeyType::Kind::Aes, 256, algorithm)),
                IsOk());
  }
  static Bytes pattern(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<std::byte>(i * 2654435761U >> 24U);
    return bytes;
  }

  std::optional<DaemonProcess> daemon_;
  Client client_ = client_of(place_.socket());
};

TEST_F(MultipartTest, HashOfMuchTakesLittleMemory) {
  const Bytes piece = pattern(std::size_t{1} << 20U);
  const std::size_t daemon_before = peak_memory_of(daemon_->pid());
  const std::size_t client_before = peak_memory_of(::getpid());
  const auto begun = std::chrono::steady_clock::now();
  auto hash = HashOperation::begin(client_, psa::Hash::Sha256);
  ASSERT_THAT(hash, IsOk());
  for (std::size_t sent = 0; sent < kMuch; sent += piece.size())
    ASSERT_THAT(hash->update(piece), IsOk());
  const ClientResult<Bytes> digest = hash->finish();
  ASSERT_THAT(digest, IsOk());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  constexpr double kMegabyte = 1024 * 1024;
  fmt::print("{:.0f} MiB/s; peak memory: daemon +{:.1f} MiB, client +{:.1f} MiB\n",
             static_cast<double>(kMuch) / kMegabyte / took.count(),
             static_cast<double>(peak_memory_of(daemon_->pid()) - daemon_before) / kMegabyte,
             static_cast<double>(peak_memory_of(::getpid()) - client_before) / kMegabyte);
  if (kMemoryIsOurs) {
    EXPECT_LT(peak_memory_of(daemon_->pid()), daemon_before + 16 * 1024 * 1024);
    EXPECT_LT(peak_memory_of(::getpid()), client_before + 16 * 1024 * 1024);
  }

  auto again = HashOperation::begin(client_, psa::Hash::Sha256, {.part_size = 1'000'000});
  ASSERT_THAT(again, IsOk());
  for (std::size_t sent = 0; sent < kMuch; sent += piece.size())
    ASSERT_THAT(again->update(piece), IsOk());
  EXPECT_THAT(again->compare(*digest), IsOk());
}

TEST_F(MultipartTest, HashIsThatOfOnePiece) {
  const Bytes data = pattern(900'001);
  for (std::size_t part : {999, 16'384, 131'072, 900'000, 900'001}) {
    auto hash =
        HashOperation::begin(client_, psa::Hash::Sha3_512, {.part_size = part, .window = 300'000});
    ASSERT_THAT(hash, IsOk());
    ASSERT_THAT(hash->update(data), IsOk());
    EXPECT_EQ(*hash->finish(), *client_.hash_compute(psa::Hash::Sha3_512, data));
  }
}

TEST_F(MultipartTest, WhatIsEncryptedInPartsIsDecryptedInParts) {
  make_key();
  const Bytes text = pattern(5'000'001);
  Bytes ciphertext;
  auto encryption =
      AeadEncryption::begin(client_, "vault", kAesGcm, view_of("header"), [&](ByteView output) {
        ciphertext.insert(ciphertext.end(), output.begin(), output.end());
        return true;
      });
  ASSERT_THAT(encryption, IsOk());
  const Bytes nonce = copy_of(encryption->nonce());
  EXPECT_EQ(nonce.size(), 12U);
  for (std::size_t at = 0; at < text.size(); at += 77'777)
    ASSERT_THAT(encryption->update(
                    ByteView(text).subspan(at, std::min<std::size_t>(77'777, text.size() - at))),
                IsOk());
  const ClientResult<Bytes> tag = encryption->finish();
  ASSERT_THAT(tag, IsOk());
  EXPECT_EQ(ciphertext.size(), text.size());

  const auto decrypted = [&](ByteView given, MemoryQuarantine& quarantine) -> ClientResult<> {
    auto decryption = AeadDecryption::begin(client_, "vault", kAesGcm, nonce, view_of("header"),
                                            quarantine, {.part_size = 100'000});
    if (!decryption) return std::unexpected(decryption.error());
    if (ClientResult<> updated = decryption->update(ciphertext); !updated) return updated;
    return decryption->finish(given);
  };
  MemoryQuarantine genuine(text.size());
  EXPECT_THAT(decrypted(*tag, genuine), IsOk());
  const SecretBytes plaintext = genuine.take();
  EXPECT_TRUE(std::ranges::equal(plaintext, text));

  MemoryQuarantine altered(text.size());
  ciphertext[4'000'000] ^= std::byte{1};
  EXPECT_THAT(decrypted(*tag, altered), FailsWith(Status::PsaErrorInvalidSignature));
  EXPECT_TRUE(altered.take().empty());
}

TEST_F(MultipartTest, SmallTextsAreThoseOfOnePiece) {
  make_key();
  Bytes whole;
  auto encryption = AeadEncryption::begin_with_nonce(client_, "vault", kAesGcm, Bytes(12), {},
                                                     [&](ByteView output) {
                                                       whole = copy_of(output);
                                                       return true;
                                                     });
  ASSERT_THAT(encryption, IsOk());
  ASSERT_THAT(encryption->update(view_of("to be")), IsOk());
  const ClientResult<Bytes> tag = encryption->finish();
  ASSERT_THAT(tag, IsOk());
  whole.insert(whole.end(), tag->begin(), tag->end());
  EXPECT_EQ(whole, *client_.aead_encrypt("vault", kAesGcm, Bytes(12), {}, view_of("to be")));
}

TEST_F(MultipartTest, CcmIsRefusedAtTheBeginning) {
  constexpr psa::Aead kCcm{.kind = psa::Aead::Kind::Ccm, .shortened_tag_size = {}};
  make_key(kCcm);
  EXPECT_THAT(AeadEncryption::begin(client_, "vault", kCcm, {}, [](ByteView) { return true; }),
              FailsWith(Status::PsaErrorNotSupported));
}

TEST_F(MultipartTest, ADestroyedKeyEndsIt) {
  make_key();
  auto encryption = AeadEncryption::begin(
      client_, "vault", kAesGcm, {}, [](ByteView) { return true; }, {.part_size = 1, .window = 1});
  ASSERT_THAT(encryption, IsOk());
  ASSERT_THAT(encryption->update(view_of("ab")), IsOk());
  ASSERT_THAT(client_.destroy_key("vault"), IsOk());
  EXPECT_THAT(encryption->update(view_of("cdef")), FailsWith(Status::PsaErrorBadState));
  EXPECT_THAT(encryption->finish(), FailsWith(Status::PsaErrorBadState));
}

TEST_F(MultipartTest, ARestartEndsItAndTheNextOneBegins) {
  auto hash = HashOperation::begin(client_, psa::Hash::Sha256, {.part_size = 4});
  ASSERT_THAT(hash, IsOk());
  ASSERT_THAT(hash->update(view_of("abcdefgh")), IsOk());
  EXPECT_EQ(daemon_->stop(), 0);
  daemon_.emplace(place_, DaemonOptions{.configuration = place_.file("strongroom.toml")});
  ASSERT_TRUE(daemon_->await_ready());
  ClientResult<> updated;
  for (int i = 0; i < 10 && updated; ++i)
    updated = hash->update(view_of("ijkl"));
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().source(), ErrorSource::Connection) << updated.error().message();
  EXPECT_FALSE(updated.error().outcome_is_unknown());
  auto next = HashOperation::begin(client_, psa::Hash::Sha256);
  ASSERT_THAT(next, IsOk());
  EXPECT_THAT(next->finish(), IsOk());
}

TEST_F(MultipartTest, AReloadEndsItOnlyWhenItReplacesTheProvider) {
  auto hash = HashOperation::begin(client_, psa::Hash::Sha256, {.part_size = 1, .window = 1});
  ASSERT_THAT(hash, IsOk());
  ASSERT_THAT(hash->update(view_of("a")), IsOk());
  reload("rsa_pkcs1v15_decryption = false");
  ASSERT_THAT(hash->update(view_of("bc")), IsOk());
  reload("strict = false\nallow_deprecated = true");
  ClientResult<> updated = hash->update(view_of("def"));
  if (updated) updated = hash->update(view_of("ghi"));
  EXPECT_THAT(updated, FailsWith(Status::PsaErrorBadState));
}

TEST_F(MultipartTest, ManyAtATimeGoTheirWaysOnConnectionsOfTheirOwn) {
  const Bytes data = pattern(2'000'000);
  const Bytes digest = [&] {
    auto hash = HashOperation::begin(client_, psa::Hash::Sha256);
    EXPECT_THAT(hash->update(data), IsOk());
    return *hash->finish();
  }();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 12; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 3; ++round) {
        auto hash = HashOperation::begin(
            client_, psa::Hash::Sha256, {.part_size = 10'000U + 7'000U * static_cast<unsigned>(i)});
        ASSERT_THAT(hash, IsOk());
        for (std::size_t at = 0; at < data.size(); at += 250'000)
          ASSERT_THAT(hash->update(ByteView(data).subspan(at, 250'000)), IsOk());
        EXPECT_THAT(hash->compare(digest), IsOk());
      }
    });
}

TEST_F(MultipartTest, ThoseThatAreNotFinishedLeaveNothingOpen) {
  for (int i = 0; i < 600; ++i) {
    auto hash = HashOperation::begin(client_, psa::Hash::Sha256, {.part_size = 4});
    ASSERT_THAT(hash, IsOk()) << i;
    ASSERT_THAT(hash->update(view_of("abcdef")), IsOk());
  }
}

}  // namespace
}  // namespace strongroom::testing
