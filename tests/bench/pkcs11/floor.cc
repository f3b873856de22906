// Signatures by a token of SoftHSM: the floor, a bare loop over C_Sign in as many threads, beside
// the provider's. In turns, so that what else the machine does strikes all alike.
//
//   pkcs11_floor [--rounds N] [--seconds S]
//
// Prints {"threads-1": {"bare": RATE, "provider": RATE}, …, "p50_us": MICROSECONDS}, medians over
// the rounds; the last of one signature in the bare loop of one thread.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "providers/pkcs11/pkcs11_provider.h"
#include "tests/support/attributes.h"
#include "tests/support/pkcs11/soft_hsm.h"
#include "tests/support/stored_key.h"

namespace strongroom::bench {
namespace {

using Clock = std::chrono::steady_clock;
using testing::SoftHsm;

template <typename T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}\n", result.error().message());
  std::exit(1);
}

// Of as many threads, each with an operation of its own; how many a second.
using Worker = std::function<std::function<void()>()>;
double rate_of(int threads, double seconds, const Worker& worker) {
  std::atomic<long> count = 0;
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i)
      all.emplace_back([&] {
        auto operation = worker();
        const auto end = Clock::now() + std::chrono::duration<double>(seconds);
        while (Clock::now() < end) {
          operation();
          ++count;
        }
      });
  }
  return static_cast<double>(count) / seconds;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Of one operation, in microseconds.
double middle_time_of(double seconds, const Worker& worker) {
  auto operation = worker();
  std::vector<double> times;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (auto now = Clock::now(); now < end;) {
    operation();
    const auto done = Clock::now();
    times.push_back(std::chrono::duration<double, std::micro>(done - now).count());
    now = done;
  }
  return median(std::move(times));
}

class Scene {
 public:
  Scene() {
    Pkcs11Provider::Settings settings;
    settings.uri = SoftHsm::uri();
    settings.login.pin = [] { return SecretBuffer::copy_of(view_of(SoftHsm::kPin)); };
    settings.creation.allow_export = true;
    provider_ = must(Pkcs11Provider::create("token", std::move(settings)));
    key_ = testing::stored(must(provider_->keys()->generate(testing::ecc_pair(), {})), 1);
    module_ = must(
        Result<std::unique_ptr<pkcs11::Module>>(pkcs11::Module::load({SoftHsm::module(), ""})));
  }

  Worker provider() {
    return [this] {
      return
          [this] { must(provider_->signer()->sign_hash(*key_, testing::kEcdsaSha256, digest_)); };
    };
  }
  // The provider's login is the process's.
  Worker bare() {
    return [this] {
      const pkcs11::Functions& functions = module_->functions();
      CK_SESSION_HANDLE session = open(functions);
      CK_OBJECT_HANDLE key = find(functions, session);
      return [this, &functions, session, key] { sign(functions, session, key); };
    };
  }

 private:
  static void check(CK_RV code, const char* function) {
    if (code == CKR_OK) return;
    fmt::print(stderr, "{}: 0x{:x}\n", function, code);
    std::exit(1);
  }
  static CK_SESSION_HANDLE open(const pkcs11::Functions& functions) {
    // The first is the token's, the other SoftHSM's free one.
    std::array<CK_SLOT_ID, 2> slots{};
    CK_ULONG count = slots.size();
    check(functions.call<&CK_FUNCTION_LIST::C_GetSlotList>(CK_BBOOL{1}, slots.data(), &count),
          "C_GetSlotList");
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    check(functions.call<&CK_FUNCTION_LIST::C_OpenSession>(
              slots[0], CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION}, nullptr, CK_NOTIFY{},
              &session),
          "C_OpenSession");
    return session;
  }
  CK_OBJECT_HANDLE find(const pkcs11::Functions& functions, CK_SESSION_HANDLE session) const {
    pkcs11::ObjectId id = must(pkcs11::from_stored(key_->material));
    pkcs11::Template wanted;
    wanted.add(CKA_ID, ByteView(id)).add(CKA_CLASS, CK_ULONG{CKO_PRIVATE_KEY});
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    check(
        functions.call<&CK_FUNCTION_LIST::C_FindObjectsInit>(session, wanted.data(), wanted.size()),
        "C_FindObjectsInit");
    check(functions.call<&CK_FUNCTION_LIST::C_FindObjects>(session, &key, CK_ULONG{1}, &count),
          "C_FindObjects");
    functions.call<&CK_FUNCTION_LIST::C_FindObjectsFinal>(session);
    return key;
  }
  void sign(const pkcs11::Functions& functions, CK_SESSION_HANDLE session,
            CK_OBJECT_HANDLE key) const {
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    unsigned char signature[64];
    CK_ULONG size = sizeof signature;
    check(functions.call<&CK_FUNCTION_LIST::C_SignInit>(session, &mechanism, key), "C_SignInit");
    check(functions.call<&CK_FUNCTION_LIST::C_Sign>(
              session, const_cast<unsigned char*>(octets(ByteView(digest_))),
              static_cast<CK_ULONG>(digest_.size()), signature, &size),
          "C_Sign");
  }

  const Bytes digest_ = Bytes(32, std::byte{0xA5});
  SoftHsm tokens_;
  std::unique_ptr<Pkcs11Provider> provider_;
  KeyRecordPtr key_;
  std::unique_ptr<pkcs11::Module> module_;
};

std::string measured(Scene& scene, int threads, int rounds, double seconds) {
  std::vector<double> bare;
  std::vector<double> provider;
  for (int round = 0; round < rounds; ++round) {
    bare.push_back(rate_of(threads, seconds, scene.bare()));
    provider.push_back(rate_of(threads, seconds, scene.provider()));
  }
  return fmt::format(R"("threads-{}": {{"bare": {:.0f}, "provider": {:.0f}}})", threads,
                     median(bare), median(provider));
}

int run(int rounds, double seconds) {
  Scene scene;
  std::vector<std::string> rows;
  for (int threads : {1, 2, 4})
    rows.push_back(measured(scene, threads, rounds, seconds));
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round)
    times.push_back(middle_time_of(seconds, scene.bare()));
  rows.push_back(fmt::format(R"("p50_us": {:.1f})", median(std::move(times))));
  fmt::print("{{{}}}\n", fmt::join(rows, ", "));
  return 0;
}

}  // namespace
}  // namespace strongroom::bench

int main(int argc, char** argv) {
  int rounds = 5;
  double seconds = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--rounds") rounds = std::atoi(argv[i + 1]);
    if (std::string_view(argv[i]) == "--seconds") seconds = std::atof(argv[i + 1]);
  }
  return strongroom::bench::run(rounds, seconds);
}
