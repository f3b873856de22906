#include "tests/conformance/coverage/record.h"

#include <cstdlib>
#include <fstream>
#include <mutex>

#include <openssl/crypto.h>

#include "tests/conformance/coverage/combinations.h"

namespace strongroom::conformance {
namespace {

class Record {
 public:
  Record() {
    const char* path = ::secure_getenv("STRONGROOM_COVERAGE_RECORD");
    if (path == nullptr) return;
    stream_.open(path, std::ios::app);
    write("library",
          fmt::format("OpenSSL {}.{}", ::OPENSSL_version_major(), ::OPENSSL_version_minor()));
  }
  template <typename... Words>
  void write(const Words&... words) {
    std::lock_guard lock(mutex_);
    if (!stream_.is_open()) return;
    const char* separator = "";
    ((stream_ << std::exchange(separator, "\t") << words), ...);
    stream_ << '\n';
  }

 private:
  std::mutex mutex_;
  std::ofstream stream_;
};

Record& record() {
  static Record the_record;
  return the_record;
}

// Of the flag that is set; empty for those that no cryptographic operation needs.
std::string_view operation_of(const psa::UsageFlags& usage) {
  if (usage.encrypt) return "encrypt";
  if (usage.decrypt) return "decrypt";
  if (usage.sign_message) return "sign-message";
  if (usage.verify_message) return "verify-message";
  if (usage.sign_hash) return "sign-hash";
  if (usage.verify_hash) return "verify-hash";
  if (usage.derive) return "derive";
  if (usage.wrap) return "wrap";
  if (usage.unwrap) return "unwrap";
  return {};
}

std::string_view word_of(Capability capability) {
  if (capability == Capability::Generate) return "generate";
  return capability == Capability::Import ? "import" : "derive";
}

template <typename... Words>
void write(const ProviderUnderTest& provider, bool works, const Words&... words) {
  record().write(provider.provider, provider.way == Way::Socket ? "socket" : "direct",
                 provider.allows_deprecated ? "deprecated" : "default", works ? "yes" : "no",
                 words...);
}

}  // namespace

void record_use(const ProviderUnderTest& provider, const psa::KeyAttributes& attributes,
                bool works) {
  std::string_view operation = operation_of(attributes.usage);
  if (operation.empty() || !goes_with(attributes.algorithm, attributes.type)) return;
  // Flags for hashes let messages be signed, too: that is another row.
  const auto* signature = std::get_if<psa::AsymmetricSignature>(&attributes.algorithm);
  bool is_of_hashes = attributes.usage.sign_hash || attributes.usage.verify_hash;
  if (signature != nullptr && is_of_hashes && !signature->signs_hashes()) return;
  write(provider, works, operation, psa::to_string(attributes.type, 0), attributes.bits,
        psa::to_string(attributes.algorithm));
}

void record_key(const ProviderUnderTest& provider, Capability capability,
                const psa::KeyAttributes& attributes, bool works) {
  write(provider, works, word_of(capability), psa::to_string(attributes.type, 0), attributes.bits,
        "none");
}

void record_hash(const ProviderUnderTest& provider, psa::Hash hash, bool works) {
  write(provider, works, "hash", "none", 0, psa::to_string(hash));
}

}  // namespace strongroom::conformance
