// Operations in parts that fail: for which reason, and that nothing goes on by itself.
#include <atomic>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "strongroom/async_client.h"
#include "strongroom/multipart.h"
#include "tests/unit/client/client_matchers.h"
#include "tests/unit/client/multipart_service.h"

namespace strongroom {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::HasSubstr;

constexpr psa::Aead kGcm{.kind = psa::Aead::Kind::Gcm, .shortened_tag_size = {}};
constexpr PartOptions kSmall{.part_size = 4, .window = 8};

Client client_of(const ScriptedService& service, std::chrono::milliseconds timeout = 30s) {
  return Client::open({.endpoint = service.socket_path(),
                       .provider = ProviderId::Software,
                       .timeout = timeout})
      .value();
}

// Updates until it fails.
ClientError failure_of(HashOperation& hash) {
  ClientResult<> updated;
  for (int i = 0; i < 100 && updated; ++i)
    updated = hash.update(view_of("abcd"));
  EXPECT_FALSE(updated.has_value());
  return updated ? ClientError(ErrorSource::Caller, Status::Success, "") : updated.error();
}

TEST(FailedOperation, IsRefusedByAServiceThatDoesNotKnowIt) {
  ScriptedService service([](Conversation& conversation) {
    while (auto request = conversation.next())
      conversation.send(refusal(*request, Status::OpcodeDoesNotExist));
  });
  EXPECT_THAT(HashOperation::begin(client_of(service), psa::Hash::Sha256),
              FailsFrom(ErrorSource::Service, Status::OpcodeDoesNotExist));
}

TEST(FailedOperation, HasNoServiceToTalkTo) {
  ScriptedService service(keep_hashing);
  const Client client = client_of(service);
  service.stop();
  EXPECT_THAT(HashOperation::begin(client, psa::Hash::Sha256),
              FailsFrom(ErrorSource::Endpoint, Status::ConnectionError));
}

TEST(FailedOperation, IsGoneWithAConnectionThatIsNotKept) {
  ScriptedService service([](Conversation& conversation) {
    conversation.send(multipart_answer(*conversation.next()));
    conversation.hang_up();
  });
  auto hash = HashOperation::begin(client_of(service), psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  const ClientError error = failure_of(*hash);
  EXPECT_EQ(error.source(), ErrorSource::Connection);
  EXPECT_THAT(error.message(), HasSubstr("gone with its connection"));
  EXPECT_FALSE(error.outcome_is_unknown());
  EXPECT_EQ(service.connections(), 1) << "nothing is tried on another one";
  EXPECT_THAT(hash->update({}), FailsFrom(ErrorSource::Caller, Status::PsaErrorBadState));
}

TEST(FailedOperation, IsGoneWithAConnectionThatIsLostInBetween) {
  ScriptedService dying([](Conversation& conversation) {
    conversation.send(begun_answer(*conversation.next()));
    for (int i = 0; i < 3; ++i)
      conversation.send(success(*conversation.next()));
    std::ignore = conversation.next();
    conversation.hang_up();
  });
  auto hash = HashOperation::begin(client_of(dying), psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  const ClientError error = failure_of(*hash);
  EXPECT_EQ(error.source(), ErrorSource::Connection);
  EXPECT_THAT(error.message(), HasSubstr("gone with its connection"));
  EXPECT_EQ(dying.connections(), 1);
}

// As after five idle minutes.
TEST(FailedOperation, IsGoneWithAConnectionThatWasClosedWhileNobodyLooked) {
  std::atomic<bool> is_closed = false;
  ScriptedService service([&](Conversation& conversation) {
    conversation.send(begun_answer(*conversation.next()));
    for (int i = 0; i < 2; ++i)
      conversation.send(success(*conversation.next()));
    conversation.hang_up();
    is_closed = true;
  });
  auto hash =
      HashOperation::begin(client_of(service), psa::Hash::Sha256, {.part_size = 4, .window = 4});
  ASSERT_THAT(hash, IsOk());
  ASSERT_THAT(hash->update(view_of("abcdefgh")), IsOk());
  while (!is_closed)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(failure_of(*hash).source(), ErrorSource::Connection);
  EXPECT_EQ(service.connections(), 1);
}

TEST(FailedOperation, FailsAsItsFirstPartThatFailed) {
  ScriptedService service([](Conversation& conversation) {
    conversation.send(begun_answer(*conversation.next()));
    conversation.send(success(*conversation.next()));
    const Request second = *conversation.next();
    const Request third = *conversation.next();
    conversation.send(refusal(third, Status::PsaErrorBadState));
    std::this_thread::sleep_for(20ms);
    conversation.send(refusal(second, Status::PsaErrorInsufficientMemory));
  });
  auto hash = HashOperation::begin(client_of(service), psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  const ClientError error = failure_of(*hash);
  EXPECT_EQ(error.source(), ErrorSource::Service);
  EXPECT_EQ(error.status(), Status::PsaErrorInsufficientMemory);
}

TEST(FailedOperation, TimesOutPartByPart) {
  ScriptedService service([](Conversation& conversation) {
    conversation.send(begun_answer(*conversation.next()));
    while (conversation.next())
      continue;
  });
  auto hash = HashOperation::begin(client_of(service, 100ms), psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  EXPECT_EQ(failure_of(*hash).source(), ErrorSource::Timeout);
}

TEST(FailedOperation, IsCancelledByItsClientsToken) {
  std::stop_source stop;
  ScriptedService service([&](Conversation& conversation) {
    conversation.send(begun_answer(*conversation.next()));
    std::ignore = conversation.next();
    stop.request_stop();
    std::ignore = conversation.next();
  });
  const Client client = client_of(service).with_cancellation(stop.get_token());
  auto hash = HashOperation::begin(client, psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  EXPECT_EQ(failure_of(*hash).source(), ErrorSource::Cancelled);
}

TEST(FailedOperation, DoesNotTrustAnAnswerWithoutAnIdentity) {
  ScriptedService service([](Conversation& conversation) {
    while (auto request = conversation.next())
      conversation.send(success(*request));
  });
  EXPECT_THAT(HashOperation::begin(client_of(service), psa::Hash::Sha256),
              FailsFrom(ErrorSource::Answer, Status::InvalidEncoding));
}

TEST(FailedOperation, DoesNotTakeOutputsForAHash) {
  ScriptedService service(keep_multipart);
  auto hash = HashOperation::begin(client_of(service), psa::Hash::Sha256, kSmall);
  ASSERT_THAT(hash, IsOk());
  EXPECT_EQ(failure_of(*hash).source(), ErrorSource::Cancelled);
}

class NotedQuarantine final : public Quarantine {
 public:
  bool add(ByteView) noexcept override { return true; }
  bool release() noexcept override { return true; }
  void discard() noexcept override { is_discarded = true; }
  bool is_discarded = false;
};

// And the copy of the operation that the child has takes nothing away from the parent's.
TEST(FailedOperation, IsNotTheChildsToGoOnWith) {
  ScriptedService service(keep_multipart);
  NotedQuarantine quarantine;
  auto decryption = AeadDecryption::begin(client_of(service), "web", kGcm, view_of("nonce"), {},
                                          quarantine, kSmall);
  ASSERT_THAT(decryption, IsOk());
  ASSERT_THAT(decryption->update(view_of("abcdefgh")), IsOk());
  const pid_t child = ::fork();
  if (child == 0) {
    const ClientResult<> updated = decryption->update(view_of("abcd"));
    const bool is_refused = !updated && updated.error().source() == ErrorSource::Caller &&
                            updated.error().status() == Status::PsaErrorBadState;
    {
      const auto mine = std::move(decryption);
    }
    ::_exit(is_refused && !quarantine.is_discarded ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(decryption->update(view_of("ijkl")), IsOk());
  EXPECT_THAT(decryption->finish(view_of("tag")), IsOk());
}

// The requests by themselves, on a client's own poll loop.
TEST(RequestsOfOperations, GoOverAnAsynchronousClient) {
  ScriptedService service(keep_multipart);
  AsyncClient client =
      AsyncClient::open({.endpoint = service.socket_path(), .provider = ProviderId::Software})
          .value();
  std::optional<EndOfEncryption> end;
  std::string output;
  const auto finished = [&](ClientResult<EndOfEncryption> answer) {
    ASSERT_THAT(answer, IsOk());
    end = std::move(*answer);
  };
  const auto updated = [&](ClientResult<SecretBytes> answer) {
    ASSERT_THAT(answer, IsOk());
    output += text_of(*answer);
  };
  const auto begun = [&](ClientResult<BegunEncryption> answer) {
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(text_of(answer->nonce), "drawn");
    for (std::uint64_t part = 1; part <= 3; ++part)
      ASSERT_THAT(
          client.start(requests::update_operation(answer->id, part, view_of("part")), updated),
          IsOk());
    ASSERT_THAT(client.start(requests::finish_encryption(answer->id, 4), finished), IsOk());
  };
  ASSERT_THAT(client.start(requests::begin_encryption("web", kGcm, {}, view_of("header")), begun),
              IsOk());
  for (int i = 0; i < 5000 && !end; ++i) {
    client.process();
    std::this_thread::sleep_for(1ms);
  }
  ASSERT_TRUE(end);
  EXPECT_EQ(text_of(end->tag), "tag");
  EXPECT_EQ(output, "partpartpart");
}

}  // namespace
}  // namespace strongroom
