// Signatures by a TPM with a loaded key: the floor, a bare loop over ESYS with a password session,
// beside our session with its HMAC, and ESYS's own HMAC session. In turns, so that what else the
// machine does strikes all alike.
//
//   tpm_floor --tcti TCTI [--tpm PID] [--rounds N] [--seconds S]
//
// Prints for each key {"sign-p256": {"password": {"cpu_us": …, "tpm_us": …, "rate": …}, "session":
// …, "esys": …}, …}, medians over the rounds; cpu_us is this process's CPU for a signature, tpm_us
// that of the TPM, if its process is named.

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "providers/tpm/objects/commands.h"
#include "providers/tpm/objects/names.h"
#include "providers/tpm/objects/templates.h"
#include "tests/support/tpm/esys.h"

namespace strongroom::bench {
namespace {

using Clock = std::chrono::steady_clock;
using testing::Esys;

struct Figure {
  double cpu_us;
  double tpm_us;
  double rate;
};

template <typename T, template <typename> typename Wrapped>
T must(Wrapped<T> wrapped) {
  if (wrapped) return *std::move(wrapped);
  fmt::print(stderr, "{}\n", wrapped.error().message());
  std::exit(1);
}

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// The TPM's one thread, by the kernel's own counting; 0 for no TPM.
double tpm_seconds(const std::string& pid) {
  double nanoseconds = 0;
  if (!pid.empty()) std::ifstream("/proc/" + pid + "/schedstat") >> nanoseconds;
  return nanoseconds / 1e9;
}

Figure measured(double seconds, const std::string& tpm, const std::function<void()>& operation) {
  const auto begin = Clock::now();
  const double cpu = cpu_seconds();
  const double of_tpm = tpm_seconds(tpm);
  double count = 0;
  double elapsed = 0;
  while (elapsed < seconds) {
    operation();
    ++count;
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return {.cpu_us = (cpu_seconds() - cpu) / count * 1e6,
          .tpm_us = (tpm_seconds(tpm) - of_tpm) / count * 1e6,
          .rate = count / elapsed};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// A TPM has three slots: root, ours, ESYS's.
class Scene {
 public:
  Scene(const std::string& tcti, const psa::KeyType& type, std::uint32_t bits, TPM2_ALG_ID scheme)
      : device_(must(tpm::Device::over([tcti] { return tpm::open_tcti(tcti); }))),
        channel_(*device_, primitives_),
        esys_(tcti) {
    scheme_.scheme = scheme;
    scheme_.details.any.hashAlg = TPM2_ALG_SHA256;
    const tpm::KeyBlob blob = make_blob(type, bits);
    ESYS_TR parent = esys_.create_primary(tpm::storage_root(tpm::RootType::EccP256));
    esys_key_ = esys_.load(parent, blob, auth_);
    esys_session_ = esys_.start(parent, Esys::Session::Hmac);
    esys_.flush(parent);
  }
  ~Scene() {
    esys_.flush(esys_key_);
    esys_.flush(esys_session_);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void sign_with_password() { esys_.sign(esys_key_, ESYS_TR_PASSWORD, digest_, scheme_); }
  void sign_with_esys() { esys_.sign(esys_key_, esys_session_, digest_, scheme_); }
  void sign_with_ours() {
    must(tpm::sign({channel_, *session_}, {entity_, auth_}, digest_, scheme_));
  }

 private:
  tpm::KeyBlob make_blob(const psa::KeyType& type, std::uint32_t bits) {
    auto unsalted = must(tpm::start_session(channel_, std::nullopt));
    tpm::FlushedHandle unsalted_owned(channel_, unsalted.handle());
    const tpm::Entity owner{TPM2_RH_OWNER, tpm::name_of(TPM2_RH_OWNER)};
    auto primary = must(tpm::create_primary({channel_, unsalted}, {owner, {}},
                                            tpm::storage_root(tpm::RootType::EccP256)));
    tpm::FlushedHandle root_owned(channel_, primary.handle);
    session_.emplace(
        must(tpm::start_session(channel_, tpm::SaltKey{primary.handle, primary.public_area})));
    session_owned_ = tpm::FlushedHandle(channel_, session_->handle());
    const tpm::Entity root{primary.handle, must(tpm::name_of(primitives_, primary.public_area))};
    auto blob =
        must(tpm::create({channel_, *session_}, root, must(tpm::generated_key(type, bits)), auth_));
    TPM2_HANDLE handle = must(tpm::load({channel_, *session_}, root, blob));
    key_owned_ = tpm::FlushedHandle(channel_, handle);
    entity_ = {handle, must(tpm::name_of(primitives_, blob.public_area.publicArea))};
    return blob;
  }

  const Bytes auth_ = Bytes(32, std::byte{0x5A});
  const Bytes digest_ = Bytes(32, std::byte{0xA5});
  TPMT_SIG_SCHEME scheme_{};
  tpm::Primitives primitives_ = must(tpm::Primitives::load());
  std::unique_ptr<tpm::Device> device_;
  tpm::Channel channel_;
  std::optional<tpm::HmacSession> session_;
  tpm::FlushedHandle session_owned_;
  tpm::FlushedHandle key_owned_;
  tpm::Entity entity_{};
  Esys esys_;
  ESYS_TR esys_key_ = ESYS_TR_NONE;
  ESYS_TR esys_session_ = ESYS_TR_NONE;
};

struct Options {
  std::string tcti;
  std::string tpm;
  int rounds = 5;
  double seconds = 0.5;
};

std::string report(Scene& scene, const Options& options) {
  const std::vector<std::pair<std::string, std::function<void()>>> ways = {
      {"password", [&] { scene.sign_with_password(); }},
      {"session", [&] { scene.sign_with_ours(); }},
      {"esys", [&] { scene.sign_with_esys(); }},
  };
  std::map<std::string, std::vector<double>> cpu;
  std::map<std::string, std::vector<double>> tpm;
  std::map<std::string, std::vector<double>> rate;
  for (int round = 0; round < options.rounds; ++round)
    for (const auto& [name, operation] : ways) {
      Figure figure = measured(options.seconds, options.tpm, operation);
      cpu[name].push_back(figure.cpu_us);
      tpm[name].push_back(figure.tpm_us);
      rate[name].push_back(figure.rate);
    }
  std::string text;
  for (const auto& [name, operation] : ways)
    text += fmt::format("{}\"{}\": {{\"cpu_us\": {:.1f}, \"tpm_us\": {:.1f}, \"rate\": {:.1f}}}",
                        text.empty() ? "" : ", ", name, median(cpu[name]), median(tpm[name]),
                        median(rate[name]));
  return text;
}

int run(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (words[i] == "--tcti") options.tcti = words[i + 1];
    if (words[i] == "--tpm") options.tpm = words[i + 1];
    if (words[i] == "--rounds") options.rounds = std::stoi(words[i + 1]);
    if (words[i] == "--seconds") options.seconds = std::stod(words[i + 1]);
  }
  const psa::KeyType ecc{psa::KeyType::Kind::EccKeyPair, psa::EccFamily::SecpR1};
  const psa::KeyType rsa{psa::KeyType::Kind::RsaKeyPair, std::nullopt};
  std::string p256;
  {
    Scene scene(options.tcti, ecc, 256, TPM2_ALG_ECDSA);
    p256 = report(scene, options);
  }
  Scene scene(options.tcti, rsa, 2048, TPM2_ALG_RSASSA);
  fmt::print("{{\"sign-p256\": {{{}}}, \"sign-rsa-2048\": {{{}}}}}\n", p256,
             report(scene, options));
  return 0;
}

}  // namespace
}  // namespace strongroom::bench

int main(int argc, char** argv) {
  return strongroom::bench::run({argv + 1, argv + argc});
}
