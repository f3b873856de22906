// A TPM in a process of its own: swtpm on Unix sockets in a temporary directory.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace strongroom::testing {

// Why there is none here, for GTEST_SKIP(); empty when there is.
std::string why_no_sw_tpm();

// Runs from the constructor on, started up, and ends with its object, or with this process however
// that ends. Used by one thread.
class SwTpm {
 public:
  SwTpm();
  ~SwTpm();
  SwTpm(const SwTpm&) = delete;
  SwTpm& operator=(const SwTpm&) = delete;

  // For the TSS's loader.
  std::string tcti() const { return "swtpm:path=" + socket(); }

  // SIGKILL; what is in NV memory stays.
  void kill();
  // Runs again after kill(), with the state of before.
  void start();
  // As a power cycle: TPM2_Startup must come next, as firmware would send it.
  void reset();
  // Another TPM in its place: stops, forgets all, starts.
  void replace();
  void freeze();  // SIGSTOP
  void thaw();

 private:
  std::string socket() const { return directory_ / "tpm"; }
  bool is_listening() const;

  // In memory where there is room for it: swtpm waits for the disk at each change of its state.
  static std::string place();

  TemporaryDirectory directory_{place()};
  pid_t process_ = 0;
};

// One TPM for all tests of a suite, whose tests are skipped where there is no swtpm.
class WithSwTpm : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    if (why_no_sw_tpm().empty()) tpm_.emplace();
  }
  static void TearDownTestSuite() { tpm_.reset(); }

 protected:
  void SetUp() override {
    if (!tpm_) GTEST_SKIP() << why_no_sw_tpm();
  }
  static SwTpm& tpm() { return *tpm_; }

 private:
  static inline std::optional<SwTpm> tpm_;
};

}  // namespace strongroom::testing
