#include "providers/pkcs11/token/token.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "providers/pkcs11/token/busy.h"

namespace strongroom::pkcs11 {
namespace {

// Before more sessions are tried than the token had the last time.
constexpr std::chrono::seconds kPauseWhenLimited{2};

// How many the token has at all: PKCS#11 v2.40 §3.2, CK_TOKEN_INFO.
std::size_t session_limit(const CK_TOKEN_INFO& token, bool is_writable, std::size_t wanted) {
  auto limited = [&](CK_ULONG most) {
    if (most != CK_EFFECTIVELY_INFINITE && most != CK_UNAVAILABLE_INFORMATION)
      wanted = std::min<std::size_t>(wanted, most - 1);  // one is parked
  };
  limited(token.ulMaxSessionCount);
  if (is_writable) limited(token.ulMaxRwSessionCount);
  return wanted;
}

}  // namespace

Token::Lease::Lease(Token& token, CK_SESSION_HANDLE handle) noexcept
    : token_(&token),
      session_{token.module_->functions(), *token.connection_, token.login_, handle} {}

Token::Lease::Lease(Lease&& other) noexcept
    : token_(std::exchange(other.token_, nullptr)),
      session_(other.session_),
      failure_(other.failure_) {}

Token::Lease::~Lease() {
  if (token_ != nullptr) token_->give_back(session_.handle, failure_);
}

void Token::Lease::close(CK_RV why) noexcept {
  failure_ = why;
}

Token::Token(Settings settings)
    : settings_(std::move(settings)), login_(std::move(settings_.login)) {
  free_.reserve(settings_.most_sessions + 1);
}

Token::~Token() {
  std::lock_guard lock(mutex_);
  disconnect();
}

Outcome<Token::Lease> Token::borrow() {
  std::unique_lock lock(mutex_);
  const auto deadline = Clock::now() + settings_.patience;
  while (true) {
    if ((lost_ || !connection_) && lent_ == 0) TRY(reconnect());
    if (!lost_ && connection_) {
      auto handle = TRY(free_session());
      if (handle) {
        ++lent_;
        return Lease(*this, *handle);
      }
    }
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout)
      return all_are_busy("session with the token", settings_.patience);
  }
}

void Token::give_back(CK_SESSION_HANDLE handle, std::optional<CK_RV> failure) noexcept {
  std::lock_guard lock(mutex_);
  --lent_;
  if (failure && is_lost(*failure)) lost_ = failure;
  bool is_parked = parked_ == handle;
  if (failure && !is_parked)
    close_session(handle);
  else
    free_.push_back(handle);
  // One that may have an operation under way cannot stay; without it the login is gone.
  if (failure && is_parked && !lost_) lost_ = CKR_SESSION_CLOSED;
  changed_.notify_all();
}

Outcome<> Token::reconnect() {
  if (failure_ && Clock::now() - failed_at_ < settings_.pause) return std::unexpected(*failure_);
  disconnect();
  auto connected = connect();
  if (connected) {
    failure_.reset();
    changed_.notify_all();
    return {};
  }
  disconnect();
  lost_ = connected.error().code();
  failure_ = connected.error();
  failed_at_ = Clock::now();
  return connected;
}

Outcome<> Token::connect() {
  TRY(bring_up_module());
  lost_.reset();
  auto found = TRY(find_token(module_->functions(), settings_.address, settings_.remembered,
                              settings_.provider));
  bool is_writable = (found.info.flags & CKF_WRITE_PROTECTED) == 0;
  Quirks quirks = quirks_of(found.manufacturer).with(settings_.quirks);
  limit_ = most_ = session_limit(found.info, is_writable, settings_.most_sessions);
  connection_ = TokenConnection{++connections_, std::move(found), quirks, is_writable};
  parked_ = TRY(open_session());
  auto logged_in = login_.log_in(module_->functions(), *parked_, connection_->token);
  if (!logged_in) {
    logged_in.error().add_context("logging in to " + to_string(connection_->token.identity));
    return logged_in;
  }
  if (limit_ == 0) lend_parked();
  if (!settings_.remembered) settings_.remembered = connection_->token.identity;
  return {};
}

Outcome<> Token::bring_up_module() {
  if (!module_) {
    module_ = TRY(Module::load(settings_.address.module()));
    return {};
  }
  if (!lost_ || !needs_restart(*lost_)) return {};
  auto restarted = module_->restart();
  // One that does not come back is loaded anew the next time.
  if (!restarted) module_.reset();
  return restarted;
}

void Token::disconnect() noexcept {
  for (CK_SESSION_HANDLE handle : free_)
    if (parked_ != handle) close_session(handle);
  free_.clear();
  if (parked_) close_session(*parked_);
  parked_.reset();
  connection_.reset();
}

Outcome<std::optional<CK_SESSION_HANDLE>> Token::free_session() {
  // Whoever had them may have closed them by now.
  if (limit_ < most_ && Clock::now() - limited_at_ >= kPauseWhenLimited) limit_ = most_;
  if (free_.empty() && lent_ < limit_) {
    auto opened = open_session();
    if (opened) return *opened;
    CK_RV code = opened.error().code();
    if (is_lost(code)) lost_ = code;
    if (code != CKR_SESSION_COUNT) return std::unexpected(std::move(opened).error());
    // Others have sessions, too: what there is has to do.
    limit_ = lent_;
    limited_at_ = Clock::now();
    if (limit_ == 0) lend_parked();
  }
  if (free_.empty()) return std::nullopt;
  CK_SESSION_HANDLE handle = free_.back();
  free_.pop_back();
  return handle;
}

Outcome<CK_SESSION_HANDLE> Token::open_session() {
  CK_FLAGS flags = CKF_SERIAL_SESSION;
  if (connection_->is_writable) flags |= CKF_RW_SESSION;
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  TRY(outcome_of("C_OpenSession",
                 module_->functions().call<&CK_FUNCTION_LIST::C_OpenSession>(
                     connection_->token.slot, flags, nullptr, CK_NOTIFY{}, &handle)));
  return handle;
}

void Token::close_session(CK_SESSION_HANDLE handle) noexcept {
  std::ignore = module_->functions().call<&CK_FUNCTION_LIST::C_CloseSession>(handle);
}

void Token::lend_parked() noexcept {
  limit_ = 1;
  free_.push_back(*parked_);
}

void Token::allow_login() {
  login_.allow_again();
  std::lock_guard lock(mutex_);
  failure_.reset();
}

Result<TokenIdentity> Token::identity() {
  auto asked = [](Session& session) -> Outcome<TokenIdentity> {
    const FoundToken& token = session.connection.token;
    TRY(check_present(session.functions, token));
    return token.identity;
  };
  return TRY(run(asked));
}

}  // namespace strongroom::pkcs11
