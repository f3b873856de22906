// Workers whose module has taken them over say things before they are asked, half of them, too
// late, twice, or ask for the PIN on and on. Each call ends; the PIN goes to one at a time, and to
// nobody once it was refused; nothing of a worker is left.
//
// An input is what the service asks, and then what each worker does, in parts of equal length.

#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "base/log.h"
#include "providers/token_worker/daemon/worker_pool.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/support/token_worker/scripted_workers.h"

namespace strongroom::token_worker {
namespace {

using namespace std::chrono_literals;
using testing::FuzzInput;
using testing::WorkerSide;

constexpr std::size_t kMost = 2'048;
constexpr std::size_t kMostCalls = 6;
constexpr std::size_t kWorkers = 4;
constexpr std::size_t kMostOfAPiece = 64;
constexpr unsigned kMostPauses = 3;
constexpr auto kLimit = 20ms;

// What is known of the PIN.
class Pin {
 public:
  pkcs11::Login::Settings settings() {
    return {.pin = [this]() -> Result<SecretBuffer> {
              if (is_refused_ || is_out_.exchange(true)) std::abort();
              auto pin = SecretBuffer::copy_of(view_of("1234"));
              is_out_ = false;
              return pin;
            },
            .was_refused = false,
            .on_verdict = {},
            .on_refused = [this] { is_refused_ = true; }};
  }
  void allow() { is_refused_ = false; }

 private:
  std::atomic<bool> is_refused_ = false;
  std::atomic<bool> is_out_ = false;
};

Bytes piece_of(FuzzInput& input) {
  const std::string text = input.text(input.below(kMostOfAPiece));
  return copy_of(view_of(text));
}

// False when the worker ends.
bool take_step(WorkerSide& side, FuzzInput& input, unsigned& pauses) {
  const Started started{.token = {.label = "keys", .serial = "1"}, .missing_confinement = {}};
  switch (input.below(12)) {
    case 0: return side.receive();
    case 1: side.answer(Reply::Done, started); break;
    case 2: side.answer(Reply::Done, piece_of(input)); break;
    case 3: side.answer(Reply::Failed, Error(Status::PsaErrorHardwareFailure, "no token")); break;
    case 4: side.answer(Reply::PinWanted); break;
    case 5: side.answer(Reply::PinRefused); break;
    case 6: side.answer(Reply::PinUnclear); break;
    case 7: side.say(piece_of(input)); break;
    case 8:
      if (pauses++ < kMostPauses) std::this_thread::sleep_for(input.flip() ? 2ms : 2 * kLimit);
      break;
    case 9: side.say_no_more(); break;
    case 10: side.answer(static_cast<Reply>(input.byte()), piece_of(input)); break;
    default: return false;
  }
  return true;
}

// At the end of its script a worker does as it should.
void play(WorkerSide& side, std::string_view script) {
  FuzzInput input(reinterpret_cast<const std::uint8_t*>(script.data()), script.size());
  unsigned pauses = 0;
  while (!input.is_empty())
    if (!take_step(side, input, pauses)) return;
  if (script.empty() && !side.start()) return;
  while (side.receive())
    side.answer(Reply::Failed, Error(Status::PsaErrorNotSupported, "nothing"));
}

KeyRecord some_key() {
  KeyRecord key{};
  key.attributes.type.kind = psa::KeyType::Kind::RsaKeyPair;
  key.attributes.bits = 2048;
  return key;
}

void ask(WorkerPool& pool, Pin& pin, std::size_t what) {
  const KeyRecord key = some_key();
  switch (what) {
    case 0: std::ignore = pool.call<Operation::Identity>(); break;
    case 1:
      std::ignore = pool.call<Operation::SignHash>(
          key, psa::AsymmetricSignature{.kind = psa::AsymmetricSignature::Kind::RsaPkcs1v15},
          ByteView(view_of("digest")));
      break;
    case 2: std::ignore = pool.call<Operation::Random>(std::uint64_t{16}); break;
    case 3: std::ignore = pool.call<Operation::Materials>(); break;
    case 4: std::ignore = pool.call<Operation::Generate>(SecretBuffer(), key.attributes); break;
    case 5: pool.replace_all(); break;
    default:
      pin.allow();
      pool.gate().allow();
      pool.forget_failures();
  }
}

void let_play(FuzzInput input) {
  std::array<std::size_t, kMostCalls> calls{};
  for (std::size_t& call : calls)
    call = input.below(8);
  Pin pin;
  WorkerSettings settings;
  settings.workers = input.flip() ? 2 : 1;
  settings.token.login = pin.settings();
  settings.token.patience = 2 * kLimit;
  settings.limits = {.start = kLimit, .request = kLimit, .generation = kLimit};
  const std::string scripts = input.text(kMost);
  const std::size_t part = scripts.size() / kWorkers;
  auto workers =
      std::make_shared<testing::ScriptedWorkers>([&scripts, part](WorkerSide& side, int number) {
        const auto at = static_cast<std::size_t>(number) * part;
        play(side, at < scripts.size() ? std::string_view(scripts).substr(at, part) : "");
      });
  auto pool = std::make_shared<WorkerPool>("fuzz", settings, workers);
  for (const std::size_t call : calls)
    ask(*pool, pin, call);
  pool->end();
  pool.reset();
  if (workers.use_count() != 1 || workers->alive() != 0) std::abort();
}

}  // namespace
}  // namespace strongroom::token_worker

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom;
  log::set_level(log::Level::Off);
  if (size > token_worker::kMost) return 0;
  token_worker::let_play(testing::FuzzInput(data, size));
  return 0;
}
