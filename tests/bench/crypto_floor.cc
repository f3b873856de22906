// The floor of the cryptography: OpenSSL alone, in loops, with everything prepared that can be.
//
//   crypto_floor [--seconds S] [--threads N] [--operations NAME,…]
//
// One thread for each core, so that cores which share an execution unit are as slow here as they
// are in a daemon under load. Prints {"sign-p256": {"cpu_us": …, "rate": …}, …}: CPU time of an
// operation, and operations a second by all threads.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "tests/bench/options.h"
#include "tests/bench/task.h"

namespace strongroom::bench {
namespace {

struct Release {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
template <typename T>
using Shared = std::shared_ptr<T>;

// One operation; each thread makes one of its own.
using Operation = std::function<void()>;

void must(bool succeeded) {
  if (!succeeded) die(1, "OpenSSL fails");
}

Operation signing(EVP_PKEY* made) {
  must(made != nullptr);
  Shared<EVP_PKEY> key(made, Release());
  Shared<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key.get(), nullptr), Release());
  must(EVP_PKEY_sign_init(context.get()) == 1);
  if (EVP_PKEY_get_base_id(made) == EVP_PKEY_RSA)
    must(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1);
  must(EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1);
  return [key, context, digest = std::vector<unsigned char>(32, 0x5A)] {
    unsigned char signature[512];
    std::size_t size = sizeof signature;
    must(EVP_PKEY_sign(context.get(), signature, &size, digest.data(), digest.size()) == 1);
  };
}

Operation hashing() {
  Shared<EVP_MD> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free);
  return [algorithm, message = std::vector<unsigned char>(kMegabyte, 0x5A)] {
    unsigned char digest[32];
    must(EVP_Digest(message.data(), message.size(), digest, nullptr, algorithm.get(), nullptr) ==
         1);
  };
}

Operation encrypting() {
  Shared<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new(), Release());
  std::vector<unsigned char> key(32, 0x5A);
  must(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), key.data()) == 1);
  return [context, key, plain = std::vector<unsigned char>(kMegabyte, 0x5A),
          sealed = std::make_shared<std::vector<unsigned char>>(kMegabyte + 16)] {
    int size = 0;
    must(EVP_EncryptInit_ex(context.get(), nullptr, nullptr, nullptr, key.data()) == 1 &&
         EVP_EncryptUpdate(context.get(), sealed->data(), &size, plain.data(),
                           static_cast<int>(plain.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), sealed->data() + size, &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16,
                             sealed->data() + kMegabyte) == 1);
  };
}

Operation generating() {
  return [] { Shared<EVP_PKEY>(EVP_RSA_gen(4096), Release()); };
}

Operation operation_named(std::string_view name) {
  if (name == "sign-p256") return signing(EVP_EC_gen("P-256"));
  if (name == "sign-rsa2048") return signing(EVP_RSA_gen(2048));
  if (name == "hash-1m") return hashing();
  if (name == "aead-1m") return encrypting();
  if (name == "generate-rsa4096") return generating();
  die(2, fmt::format("unknown operation '{}'", name));
}

std::chrono::nanoseconds cpu_time_of_thread() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

struct Spent {
  std::atomic<std::int64_t> operations = 0;
  std::atomic<std::int64_t> cpu_ns = 0;
};

void repeat(const Operation& operation, std::chrono::nanoseconds duration, Spent& spent) {
  operation();  // fetches algorithms, fills caches
  auto end = std::chrono::steady_clock::now() + duration;
  auto before = cpu_time_of_thread();
  std::int64_t done = 0;
  do {
    operation();
    ++done;
  } while (std::chrono::steady_clock::now() < end);
  spent.cpu_ns += (cpu_time_of_thread() - before).count();
  spent.operations += done;
}

std::string measure(const std::string& name, std::size_t threads, double seconds) {
  std::vector<Operation> operations(threads);
  std::ranges::generate(operations, [&] { return operation_named(name); });
  Spent spent;
  auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> running;
    running.reserve(operations.size());
    for (const Operation& operation : operations)
      running.emplace_back([&] {
        repeat(operation, std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)),
               spent);
      });
  }
  std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  auto done = static_cast<double>(spent.operations);
  return fmt::format(R"("{}": {{"cpu_us": {:.3f}, "rate": {:.2f}}})", name,
                     static_cast<double>(spent.cpu_ns) / done / 1000, done / passed.count());
}

void run(int argc, char** argv) {
  Options options(argc, argv, {"seconds", "threads", "operations"});
  std::size_t threads = options.count("threads", std::thread::hardware_concurrency());
  std::string names = options.text("operations", "sign-p256,sign-rsa2048,hash-1m,aead-1m");
  std::vector<std::string> results;
  for (std::string_view rest = names; !rest.empty();) {
    std::size_t end = std::min(rest.find(','), rest.size());
    results.push_back(
        measure(std::string(rest.substr(0, end)), threads, options.number("seconds", 1)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  fmt::print("{{{}}}\n", fmt::join(results, ", "));
}

}  // namespace
}  // namespace strongroom::bench

int main(int argc, char** argv) {
  strongroom::bench::run(argc, argv);
}
