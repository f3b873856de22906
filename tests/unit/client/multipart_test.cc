// Operations in parts: what is sent when, in which order outputs arrive, and how they end.
#include "strongroom/multipart.h"

#include <atomic>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "strongroom/async_client.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/multipart_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr psa::Aead kGcm{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = {}};
constexpr PartOptions kSmall{.part_size = 4, .window = 8};

Client client_of(const ScriptedService& service, ClientOptions options = {}) {
  options.endpoint = service.socket_path();
  options.provider = ProviderId::Software;
  if (options.timeout == 60s) options.timeout = 30s;
  return Client::open(std::move(options)).value();
}

// Requests by kind and number, as they came.
class Record {
 public:
  void add(const Request& request) {
    std::string line = "?";
    if (is_for(request, Opcode::MultipartSetup)) line = "setup";
    if (is_for(request, Opcode::MultipartUpdate)) {
      const auto part = body_of<multipart_update::Operation>(request);
      line = fmt::format("{}:{}", part.part_number(), part.data());
    }
    if (is_for(request, Opcode::MultipartFinish))
      line = fmt::format("{}.", body_of<multipart_finish::Operation>(request).part_number());
    const std::scoped_lock lock(mutex_);
    lines_.push_back(line);
  }
  std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

class CountingQuarantine final : public Quarantine {
 public:
  bool add(ByteView unverified) noexcept override {
    text += text_of(unverified);
    return takes_more;
  }
  bool release() noexcept override {
    ++released;
    return is_releasable;
  }
  void discard() noexcept override { ++discarded; }

  std::string text;
  bool takes_more = true;
  bool is_releasable = true;
  int released = 0;
  int discarded = 0;
};

TEST(HashInPartsOfClient, IsSentInNumberedPartsOfOneSize) {
  Record record;
  ScriptedService service([&](Conversation& conversation) {
    while (auto request = conversation.next()) {
      record.add(*request);
      EXPECT_NE(request->header.auth_type, 0);
      if (is_for(*request, Opcode::MultipartUpdate)) {
        EXPECT_EQ(body_of<multipart_update::Operation>(*request).operation_id(), kOperation);
      }
      conversation.send(is_for(*request, Opcode::MultipartUpdate) ? success(*request)
                                                                  : multipart_answer(*request));
    }
  });
  const Client client = client_of(service);
  auto hash = HashOperation::begin(client, psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  for (std::string_view data : {"ab", "", "cdefgh", "ijklm", "n"})
    ASSERT_THAT(hash->update(view_of(data)), IsOk());
  EXPECT_THAT(hash->finish(), IsOkAndHolds(bytes_of("digest")));
  EXPECT_THAT(record.lines(), ElementsAre("setup", "1:abcd", "2:efgh", "3:ijkl", "4:mn", "5."));
  EXPECT_THAT(hash->update(view_of("more")),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorBadState));
  EXPECT_THAT(hash->finish(), FailsFrom(ErrorSource::Caller, Status::PsaErrorBadState));
}

TEST(HashInPartsOfClient, OfNothingHasNoParts) {
  Record record;
  ScriptedService service([&](Conversation& conversation) {
    while (auto request = conversation.next()) {
      record.add(*request);
      conversation.send(multipart_answer(*request));
    }
  });
  auto hash = HashOperation::begin(client_of(service), psa::Hash::Sha256);
  ASSERT_THAT(hash, IsOk());
  EXPECT_THAT(hash->finish(), IsOk());
  EXPECT_THAT(record.lines(), ElementsAre("setup", "1."));
}

TEST(HashInPartsOfClient, IsComparedByTheService) {
  ScriptedService service(keep_hashing);
  const Client client = client_of(service);
  EXPECT_THAT(HashOperation::begin(client, psa::Hash::Sha256)->compare(view_of("digest")), IsOk());
  // An empty digest is compared, too, and not taken for none.
  for (std::string_view other : {"tsegid", ""})
    EXPECT_THAT(HashOperation::begin(client, psa::Hash::Sha256)->compare(view_of(other)),
                FailsFrom(ErrorSource::Service, Status::PsaErrorInvalidSignature));
}

TEST(HashInPartsOfClient, SendsNoMoreAheadThanItsWindow) {
  std::atomic<std::size_t> most = 0;
  ScriptedService service([&](Conversation& conversation) {
    conversation.send(begun_answer(*conversation.next()));
    std::vector<Request> unanswered;
    for (int answered = 0; answered < 10; ++answered) {
      while (conversation.anything_within(unanswered.empty() ? 5000ms : 50ms))
        unanswered.push_back(*conversation.next());
      most = std::max<std::size_t>(most, unanswered.size());
      conversation.send(success(unanswered.front()));
      unanswered.erase(unanswered.begin());
    }
  });
  auto hash = HashOperation::begin(client_of(service), psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  // What is beyond the ten parts that are answered finds the service gone.
  for (ClientResult<> updated; updated;)
    updated = hash->update(view_of("abcd"));
  EXPECT_EQ(most, 2U);
}

TEST(EncryptionInPartsOfClient, GivesItsSinkTheOutputsInTheirOrder) {
  ScriptedService service([](Conversation& conversation) {
    conversation.send(begun_answer(*conversation.next()));
    conversation.send(part_answer(*conversation.next()));  // one at a time until it is proven
    const Request second = *conversation.next();
    const Request third = *conversation.next();
    conversation.send(part_answer(third));
    conversation.send(part_answer(second));
    conversation.send(end_answer(*conversation.next()));
  });
  std::string ciphertext;
  auto encryption = AeadEncryption::begin(
      client_of(service), "web", kGcm, view_of("header"),
      [&](ByteView output) {
        ciphertext += text_of(output);
        return true;
      },
      kSmall);
  ASSERT_THAT(encryption, IsOk());
  EXPECT_EQ(text_of(encryption->nonce()), "drawn");
  ASSERT_THAT(encryption->update(view_of("abcdefghijkl")), IsOk());
  EXPECT_THAT(encryption->finish(), IsOkAndHolds(bytes_of("tag")));
  EXPECT_EQ(ciphertext, "abcdefghijkl");
}

TEST(EncryptionInPartsOfClient, SendsItsNonceOnlyWhenThereIsOne) {
  std::vector<std::string> nonces;
  std::mutex mutex;
  ScriptedService service([&](Conversation& conversation) {
    while (auto request = conversation.next()) {
      const std::scoped_lock lock(mutex);
      if (is_for(*request, Opcode::MultipartSetup)) {
        const auto setup = body_of<multipart_setup::Operation>(*request);
        EXPECT_EQ(setup.aead_encrypt().additional_data(), "header");
        nonces.push_back(setup.aead_encrypt().nonce());
      }
      conversation.send(multipart_answer(*request));
    }
  });
  const Client client = client_of(service);
  const auto all = [](ByteView) { return true; };
  ASSERT_THAT(AeadEncryption::begin(client, "web", kGcm, view_of("header"), all), IsOk());
  auto own = AeadEncryption::begin_with_nonce(client, "web", kGcm, view_of("my nonce"),
                                              view_of("header"), all);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(text_of(own->nonce()), "my nonce");
  EXPECT_THAT(AeadEncryption::begin_with_nonce(client, "web", kGcm, {}, view_of("header"), all),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
  EXPECT_THAT(nonces, ElementsAre("", "my nonce"));
}

TEST(EncryptionInPartsOfClient, EndsWhenItsSinkWantsNoMore) {
  std::atomic<bool> is_closed = false;
  ScriptedService service([&](Conversation& conversation) {
    keep_multipart(conversation);
    is_closed = true;
  });
  auto encryption = AeadEncryption::begin(
      client_of(service), "web", kGcm, {}, [](ByteView) { return false; }, kSmall);
  ASSERT_THAT(encryption, IsOk());
  ClientResult<> updated;
  for (int i = 0; i < 10 && updated; ++i)
    updated = encryption->update(view_of("abcd"));
  EXPECT_THAT(updated, FailsFrom(ErrorSource::Cancelled, Status::ConnectionError));
  for (int i = 0; i < 500 && !is_closed; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(is_closed);
}

TEST(DecryptionInPartsOfClient, ReleasesWhatWasGenuine) {
  ScriptedService service(keep_multipart);
  CountingQuarantine quarantine;
  {
    auto decryption = AeadDecryption::begin(client_of(service), "web", kGcm, view_of("nonce"), {},
                                            quarantine, kSmall);
    ASSERT_THAT(decryption, IsOk());
    ASSERT_THAT(decryption->update(view_of("abcdefghij")), IsOk());
    EXPECT_EQ(quarantine.released, 0);
    EXPECT_THAT(decryption->finish(view_of("tag")), IsOk());
  }
  EXPECT_EQ(quarantine.text, "abcdefghij");
  EXPECT_EQ(quarantine.released, 1);
  EXPECT_EQ(quarantine.discarded, 0);
}

TEST(DecryptionInPartsOfClient, DiscardsWhatWasNot) {
  ScriptedService service(keep_multipart);
  CountingQuarantine quarantine;
  {
    auto decryption = AeadDecryption::begin(client_of(service), "web", kGcm, view_of("nonce"), {},
                                            quarantine, kSmall);
    ASSERT_THAT(decryption, IsOk());
    ASSERT_THAT(decryption->update(view_of("abcdefghij")), IsOk());
    EXPECT_THAT(decryption->finish(view_of("gat")),
                FailsFrom(ErrorSource::Service, Status::PsaErrorInvalidSignature));
    EXPECT_EQ(quarantine.discarded, 1);
  }
  EXPECT_EQ(quarantine.released, 0);
  EXPECT_EQ(quarantine.discarded, 1);
}

TEST(DecryptionInPartsOfClient, DiscardsWhatIsNotFinished) {
  ScriptedService service(keep_multipart);
  const Client client = client_of(service);
  CountingQuarantine quarantine;
  {
    auto decryption =
        AeadDecryption::begin(client, "web", kGcm, view_of("nonce"), {}, quarantine, kSmall);
    ASSERT_THAT(decryption, IsOk());
    const AeadDecryption moved = *std::move(decryption);
    EXPECT_EQ(quarantine.discarded, 0);
  }
  EXPECT_EQ(quarantine.discarded, 1);
  EXPECT_THAT(AeadDecryption::begin(client, "web", kGcm, view_of("nonce"), {}, quarantine,
                                    {.part_size = 0}),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
  EXPECT_EQ(quarantine.discarded, 2);
  EXPECT_THAT(AeadDecryption::begin(client, "\xff", kGcm, view_of("nonce"), {}, quarantine),
              FailsFrom(ErrorSource::Caller, Status::PsaErrorInvalidArgument));
  EXPECT_EQ(quarantine.discarded, 3);
  EXPECT_EQ(quarantine.released, 0);
}

TEST(DecryptionInPartsOfClient, DiscardsWhatCannotBeKeptOrReleased) {
  ScriptedService service(keep_multipart);
  const Client client = client_of(service);
  CountingQuarantine quarantine;
  quarantine.is_releasable = false;
  auto decryption = AeadDecryption::begin(client, "web", kGcm, view_of("nonce"), {}, quarantine);
  ASSERT_THAT(decryption, IsOk());
  EXPECT_THAT(decryption->finish(view_of("tag")),
              FailsFrom(ErrorSource::Cancelled, Status::ConnectionError));
  EXPECT_EQ(quarantine.discarded, 1);

  quarantine.takes_more = false;
  auto full = AeadDecryption::begin(client, "web", kGcm, view_of("nonce"), {}, quarantine);
  ASSERT_THAT(full, IsOk());
  ASSERT_THAT(full->update(view_of("text")), IsOk());
  EXPECT_THAT(full->finish(view_of("tag")),
              FailsFrom(ErrorSource::Cancelled, Status::ConnectionError));
  EXPECT_EQ(quarantine.discarded, 2);
}

TEST(QuarantineInMemory, GivesOutWhatWasReleasedAlone) {
  MemoryQuarantine quarantine(6);
  EXPECT_TRUE(quarantine.add(view_of("abc")));
  EXPECT_TRUE(quarantine.take().empty());
  EXPECT_TRUE(quarantine.add(view_of("def")));
  EXPECT_FALSE(quarantine.add(view_of("g")));
  EXPECT_TRUE(quarantine.release());
  EXPECT_EQ(text_of(quarantine.take()), "abcdef");

  MemoryQuarantine discarded(6);
  EXPECT_TRUE(discarded.add(view_of("abc")));
  discarded.discard();
  EXPECT_TRUE(discarded.take().empty());
}

}  // namespace
}  // namespace strongroom
