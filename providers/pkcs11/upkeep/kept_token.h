// A token that is kept in use: made anew for whichever token its provider goes on with.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "providers/pkcs11/token_backend.h"
#include "providers/pkcs11/upkeep/pin_in_use.h"
#include "providers/upkeep/upkept_device.h"

namespace strongroom::pkcs11 {

// Requests get to the token once it has been found to be the one that is pinned. Looks belong to
// the thread that runs them.
class KeptToken final : public UpkeptDevice {
 public:
  // The way to the token of that identity; empty: to the one that the settings mean. Must not fail
  // for a token that is away.
  using Make = std::function<Result<std::unique_ptr<TokenBackend>>(
      std::optional<TokenIdentity> remembered, Login::Settings login)>;

  // `name` is the provider's, for messages.
  KeptToken(std::string name, Make make, PinInUse::Source pin);

  // For any thread; what it gives stays usable whatever comes in its place.
  // PsaErrorHardwareFailure before there is a token to be used.
  Result<std::shared_ptr<TokenBackend>> in_use() const;
  PinInUse& pin_in_use() noexcept { return *pin_; }
  const std::string& name() const noexcept { return name_; }

  Result<> look() override;
  Bytes identity() override;
  std::string text_of(const Bytes& identity) const override;
  void pin(Bytes identity) override;
  std::string remark() const override;
  std::optional<RefusedSecret> refused() override { return pin_->refused(); }
  void refuse(std::optional<RefusedSecret> secret) override;
  void unlock() override;
  void recall_attempt(ByteView stored) override { pin_->recall_attempt(stored); }
  void close() override;

 private:
  Result<> make_backend();
  Result<TokenIdentity> find();
  void put_to_use(std::shared_ptr<TokenBackend> backend);
  void give_up();

  const std::string name_;
  const Make make_;
  const std::shared_ptr<PinInUse> pin_;
  // The looks' thread's.
  std::shared_ptr<TokenBackend> backend_;
  std::optional<TokenIdentity> pinned_;
  std::optional<TokenIdentity> found_;
  bool is_unlocked_ = false;  // by an administrator, before there was a backend to tell

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<TokenBackend> in_use_;
};

}  // namespace strongroom::pkcs11
