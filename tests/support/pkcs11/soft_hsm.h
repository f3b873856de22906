// Tokens of SoftHSM in a temporary directory.
#pragma once

#include <optional>
#include <string>
#include <sys/types.h>

#include "providers/pkcs11/module/cryptoki.h"
#include "tests/support/temporary_directory.h"

namespace strongroom::testing {

// For modules that hand calls on to SoftHSM's: its functions, or nullptr where it cannot be loaded.
CK_FUNCTION_LIST* list_of_softhsm();

// Why there is none here, for GTEST_SKIP(); empty when there is.
std::string why_no_soft_hsm();

// SoftHSM finds them through the environment of the process: the latest are those it has, or those
// of the last use(). Used by one thread.
class SoftHsm {
 public:
  static constexpr const char* kPin = "271828";
  static constexpr const char* kLabel = "keys";

  // With one token of that label and PIN.
  SoftHsm();
  ~SoftHsm();
  SoftHsm(const SoftHsm&) = delete;
  SoftHsm& operator=(const SoftHsm&) = delete;

  // The module's file.
  static std::string module();
  // Of the token, in `module`.
  static std::string uri(const std::string& module = SoftHsm::module());

  // What SoftHSM is told where they are by.
  std::string configuration() const { return directory_ / "softhsm2.conf"; }
  // The directory that they are in.
  std::string tokens() const { return directory_ / "tokens"; }
  // For modules that are loaded from now on, here and in processes that are started.
  void use() const;
  // All belongs to the user, who alone can read it: for a daemon of a user of its own.
  void give_to(uid_t user) const;
  // A file with the PIN, of whoever has the tokens.
  std::string pin_file() const { return directory_ / "pin"; }

  void add_token(const std::string& label);
  // All tokens, as if they were drawn out, and as they were.
  void take_away();
  void put_back();
  // Forgets all tokens; one of the same label comes in place of the first.
  void replace();

 private:
  static std::string place();

  TemporaryDirectory directory_{place()};
  std::optional<std::string> before_;  // of the environment
};

}  // namespace strongroom::testing
