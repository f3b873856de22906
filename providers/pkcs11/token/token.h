// A token in use: the module, the login, a pool of sessions; and how all this comes back when it is
// lost.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "providers/pkcs11/module/module.h"
#include "providers/pkcs11/token/session.h"
#include "providers/pkcs11/token/token_address.h"

namespace strongroom::pkcs11 {

// For any thread; calls are made on the caller's own, which a module may hold for as long as it
// likes. A token that is absent is waited for: each run() tries anew, but for a pause after a
// failure.
class Token {
 public:
  struct Settings {
    // For messages.
    std::string provider;
    TokenAddress address;
    // The token at first use; empty then.
    std::optional<TokenIdentity> remembered;
    Login::Settings login{};
    // In addition to what is known of its manufacturer's.
    Quirks quirks{};
    std::size_t most_sessions = 16;
    // For a session to become free.
    std::chrono::milliseconds patience{8'000};
    // After the token could not be reached, requests are answered with the same error for so long.
    std::chrono::milliseconds pause{1'000};
  };

  explicit Token(Settings settings);
  ~Token();
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  // Runs `operation`, which takes a Session& and yields an Outcome. If the token turns out to have
  // lost sessions or login, or to have been away, makes all anew and runs it once more.
  template <typename Operation>
  auto run(Operation operation) -> std::invoke_result_t<Operation, Session&> {
    for (bool is_first = true;; is_first = false) {
      auto lease = borrow();
      if (!lease) return std::unexpected(std::move(lease).error());
      auto result = operation(lease->session());
      if (result) return result;
      CK_RV code = result.error().code();
      lease->close(code);
      if (!is_lost(code) || !is_first) return result;
    }
  }

  // What is to be remembered. Fails while the token is away.
  Result<TokenIdentity> identity();
  // Login::allow_again(), from the next request on.
  void allow_login();
  const Login& login() const noexcept { return login_; }

 private:
  // Gives its session back, or closes it: what may still be under way in it after a failure would
  // be in the way of the next operation.
  class Lease {
   public:
    Lease(Token& token, CK_SESSION_HANDLE handle) noexcept;
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Session& session() noexcept { return session_; }
    void close(CK_RV why) noexcept;

   private:
    Token* token_;
    Session session_;
    std::optional<CK_RV> failure_;
  };

  using Clock = std::chrono::steady_clock;

  Outcome<Lease> borrow();
  void give_back(CK_SESSION_HANDLE handle, std::optional<CK_RV> failure) noexcept;

  // All with the mutex held.
  Outcome<> reconnect();
  Outcome<> connect();
  Outcome<> bring_up_module();
  void disconnect() noexcept;
  // Empty while all are lent.
  Outcome<std::optional<CK_SESSION_HANDLE>> free_session();
  Outcome<CK_SESSION_HANDLE> open_session();
  void close_session(CK_SESSION_HANDLE handle) noexcept;
  void lend_parked() noexcept;

  Settings settings_;
  Login login_;
  std::mutex mutex_;  // guards what follows; a module is brought up under it
  std::condition_variable changed_;
  std::unique_ptr<Module> module_;
  std::optional<TokenConnection> connection_;
  // Holds the login, which goes with a token's last session. A token of few sessions lends it.
  std::optional<CK_SESSION_HANDLE> parked_;
  std::vector<CK_SESSION_HANDLE> free_;
  std::size_t lent_ = 0;
  std::size_t limit_ = 0;  // of sessions beside the parked one
  std::size_t most_ = 0;   // that the token has, unless others have some
  Clock::time_point limited_at_{};
  std::optional<CK_RV> lost_;
  std::uint64_t connections_ = 0;
  std::optional<Pkcs11Error> failure_;
  Clock::time_point failed_at_{};
};

}  // namespace strongroom::pkcs11
