// What the fault module does with calls on their way to a real module, and with the answers.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <tuple>

#include "providers/pkcs11/module/cryptoki.h"

namespace strongroom::testing {

// Of one function of Cryptoki.
template <typename Function>
class CallHook;

template <typename... Arguments>
class CallHook<CK_RV (*)(Arguments...)> {
 public:
  using Real = CK_RV (*)(Arguments...);
  // Called instead of the real function, which it may call.
  using Instead = std::function<CK_RV(Real, Arguments...)>;

  // The next calls answer `code`; the module does not see them.
  void refuse(CK_RV code, int times = 1) {
    std::lock_guard lock(mutex_);
    refusals_.insert(refusals_.end(), static_cast<std::size_t>(times), code);
  }
  void instead(Instead instead) {
    std::lock_guard lock(mutex_);
    instead_ = std::move(instead);
  }
  // Answers `code` after the module has done what it was asked for, for the next call.
  void refuse_afterwards(CK_RV code) {
    instead([this, code](Real real, Arguments... arguments) {
      instead(nullptr);
      std::ignore = real(arguments...);
      return code;
    });
  }
  // Refused ones too.
  int count() const noexcept { return count_; }

  void forget() {
    std::lock_guard lock(mutex_);
    refusals_.clear();
    instead_ = nullptr;
    count_ = 0;
  }

  // For the module.
  CK_RV call(Real real, Arguments... arguments) {
    ++count_;
    Instead instead;
    {
      std::lock_guard lock(mutex_);
      if (!refusals_.empty()) {
        CK_RV code = refusals_.front();
        refusals_.pop_front();
        return code;
      }
      instead = instead_;
    }
    return instead ? instead(real, arguments...) : real(arguments...);
  }

 private:
  std::mutex mutex_;
  std::deque<CK_RV> refusals_;
  Instead instead_;
  std::atomic<int> count_ = 0;
};

// For any thread.
class Pkcs11Faults {
 public:
  // on<&CK_FUNCTION_LIST::C_Sign>().refuse(CKR_DEVICE_ERROR)
  template <auto Function>
  auto& on() noexcept {
    return std::get<Of<Function>>(hooks_).hook;
  }
  // As at the beginning.
  void forget() {
    std::apply([](auto&... each) { (each.hook.forget(), ...); }, hooks_);
  }
  // Calls `visit` with each function that can be had a hold of, as a template argument.
  template <typename Visitor>
  void for_each(Visitor visit) {
    std::apply([&](auto&... each) { (visit(each), ...); }, hooks_);
  }

  template <auto Function>
  struct Of {
    static constexpr auto kFunction = Function;
    using List = CK_FUNCTION_LIST;
    CallHook<std::remove_cvref_t<decltype(std::declval<List>().*Function)>> hook;
  };

 private:
  using L = CK_FUNCTION_LIST;
  std::tuple<Of<&L::C_Initialize>, Of<&L::C_Finalize>, Of<&L::C_GetInfo>, Of<&L::C_GetSlotList>,
             Of<&L::C_GetTokenInfo>, Of<&L::C_GetMechanismList>, Of<&L::C_GetMechanismInfo>,
             Of<&L::C_OpenSession>, Of<&L::C_CloseSession>, Of<&L::C_Login>, Of<&L::C_CreateObject>,
             Of<&L::C_DestroyObject>, Of<&L::C_GetAttributeValue>, Of<&L::C_FindObjectsInit>,
             Of<&L::C_FindObjects>, Of<&L::C_FindObjectsFinal>, Of<&L::C_EncryptInit>,
             Of<&L::C_Encrypt>, Of<&L::C_DecryptInit>, Of<&L::C_Decrypt>, Of<&L::C_SignInit>,
             Of<&L::C_Sign>, Of<&L::C_GenerateKey>, Of<&L::C_GenerateKeyPair>, Of<&L::C_DeriveKey>,
             Of<&L::C_GenerateRandom>>
      hooks_;
};

// The file of the module, which forwards to SoftHSM's, and what it does in this process.
std::string fault_module();
Pkcs11Faults& pkcs11_faults();

}  // namespace strongroom::testing
