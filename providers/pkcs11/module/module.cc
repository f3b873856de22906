#include "providers/pkcs11/module/module.h"

#include <cstdlib>
#include <map>
#include <mutex>
#include <tuple>

#include <p11-kit/p11-kit.h>

#include "base/log.h"

namespace strongroom::pkcs11 {
namespace {

std::unexpected<Pkcs11Error> not_loaded(const Module::Source& source, std::string_view why) {
  const std::string& which = source.path.empty() ? source.name : source.path;
  return std::unexpected(
      Pkcs11Error(Error(Status::PsaErrorHardwareFailure,
                        fmt::format("loading PKCS#11 module '{}': {}", which, why))));
}

// p11-kit says nothing of a name that it does not know.
std::string_view why_not_loaded() {
  const char* told = p11_kit_message();
  return told != nullptr ? told
                         : "p11-kit's configuration has no module of that name; 'p11-kit "
                           "list-modules' shows those it has";
}

CK_FUNCTION_LIST* load_path(const std::string& path) {
  return p11_kit_module_load(path.c_str(), P11_KIT_MODULE_UNMANAGED);
}

// All configured modules are loaded to find the one; the others are let go of, uninitialized.
CK_FUNCTION_LIST* load_name(const std::string& name) {
  CK_FUNCTION_LIST** all = p11_kit_modules_load(nullptr, 0);
  if (all == nullptr) return nullptr;
  CK_FUNCTION_LIST* found = p11_kit_module_for_name(all, name.c_str());
  for (CK_FUNCTION_LIST** each = all; *each != nullptr; ++each)
    if (*each != found) p11_kit_module_release(*each);
  std::free(all);
  return found;
}

template <typename Function>
struct Named {
  Function CK_FUNCTION_LIST::* member;
  const char* name;
};
// Those that we call.
constexpr std::tuple kFunctions = {
    Named{&CK_FUNCTION_LIST::C_Initialize, "C_Initialize"},
    Named{&CK_FUNCTION_LIST::C_Finalize, "C_Finalize"},
    Named{&CK_FUNCTION_LIST::C_GetInfo, "C_GetInfo"},
    Named{&CK_FUNCTION_LIST::C_GetSlotList, "C_GetSlotList"},
    Named{&CK_FUNCTION_LIST::C_GetTokenInfo, "C_GetTokenInfo"},
    Named{&CK_FUNCTION_LIST::C_GetMechanismList, "C_GetMechanismList"},
    Named{&CK_FUNCTION_LIST::C_GetMechanismInfo, "C_GetMechanismInfo"},
    Named{&CK_FUNCTION_LIST::C_OpenSession, "C_OpenSession"},
    Named{&CK_FUNCTION_LIST::C_CloseSession, "C_CloseSession"},
    Named{&CK_FUNCTION_LIST::C_Login, "C_Login"},
    Named{&CK_FUNCTION_LIST::C_CreateObject, "C_CreateObject"},
    Named{&CK_FUNCTION_LIST::C_DestroyObject, "C_DestroyObject"},
    Named{&CK_FUNCTION_LIST::C_GetAttributeValue, "C_GetAttributeValue"},
    Named{&CK_FUNCTION_LIST::C_FindObjectsInit, "C_FindObjectsInit"},
    Named{&CK_FUNCTION_LIST::C_FindObjects, "C_FindObjects"},
    Named{&CK_FUNCTION_LIST::C_FindObjectsFinal, "C_FindObjectsFinal"},
    Named{&CK_FUNCTION_LIST::C_EncryptInit, "C_EncryptInit"},
    Named{&CK_FUNCTION_LIST::C_Encrypt, "C_Encrypt"},
    Named{&CK_FUNCTION_LIST::C_DecryptInit, "C_DecryptInit"},
    Named{&CK_FUNCTION_LIST::C_Decrypt, "C_Decrypt"},
    Named{&CK_FUNCTION_LIST::C_SignInit, "C_SignInit"},
    Named{&CK_FUNCTION_LIST::C_Sign, "C_Sign"},
    Named{&CK_FUNCTION_LIST::C_GenerateKey, "C_GenerateKey"},
    Named{&CK_FUNCTION_LIST::C_GenerateKeyPair, "C_GenerateKeyPair"},
    Named{&CK_FUNCTION_LIST::C_DeriveKey, "C_DeriveKey"},
    Named{&CK_FUNCTION_LIST::C_GenerateRandom, "C_GenerateRandom"},
};

// Null when none lacks.
const char* missing_in(const CK_FUNCTION_LIST& list) {
  const char* missing = nullptr;
  std::apply(
      [&](const auto&... each) {
        ((missing = list.*each.member == nullptr ? each.name : missing), ...);
      },
      kFunctions);
  return missing;
}

bool is_known(const CK_VERSION& version) {
  return (version.major == 2 && version.minor >= 20) || version.major == 3;
}

// SoftHSM among others says no more than CKR_GENERAL_ERROR of what is wrong with its files.
std::unexpected<Pkcs11Error> not_initialized(CK_RV code) {
  Pkcs11Error error = pkcs11_error("C_Initialize", code);
  if (code != CKR_GENERAL_ERROR && code != CKR_FUNCTION_FAILED)
    return std::unexpected(std::move(error));
  return std::unexpected(Pkcs11Error(
      Error(error.status(),
            fmt::format("{}; the module may not find its own configuration, or what that names "
                        "('environment' of the provider tells it where, such as SOFTHSM2_CONF)",
                        error.message())),
      code));
}

Outcome<> initialize(const Functions& functions) {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  if (CK_RV code = functions.call<&CK_FUNCTION_LIST::C_Initialize>(&arguments); code != CKR_OK)
    return not_initialized(code);
  CK_INFO info{};
  TRY(outcome_of("C_GetInfo", functions.call<&CK_FUNCTION_LIST::C_GetInfo>(&info)));
  if (is_known(info.cryptokiVersion)) return {};
  return std::unexpected(malformed_answer("C_GetInfo", "an unknown version of PKCS#11"));
}

// One that is not initialized says so, which is no news.
void finalize(const Functions& functions) {
  CK_RV code = functions.call<&CK_FUNCTION_LIST::C_Finalize>(nullptr);
  if (code != CKR_OK && code != CKR_CRYPTOKI_NOT_INITIALIZED)
    log::warning("pkcs11", "{}", pkcs11_error("C_Finalize", code).message());
}

Outcome<CK_FUNCTION_LIST*> loaded_and_initialized(const Module::Source& source) {
  CK_FUNCTION_LIST* list = source.path.empty() ? load_name(source.name) : load_path(source.path);
  if (list == nullptr) return not_loaded(source, why_not_loaded());
  if (auto checked = check_functions(*list); !checked) {
    p11_kit_module_release(list);
    return not_loaded(source, checked.error().message());
  }
  auto initialized = initialize(Functions(*list));
  if (initialized) return list;
  finalize(Functions(*list));
  p11_kit_module_release(list);
  return std::unexpected(std::move(initialized).error());
}

// What the process has, and how many shares of it there are.
struct Entry {
  CK_FUNCTION_LIST* list;
  std::size_t shares;
};
struct Loaded {
  std::mutex mutex;  // held while a module is initialized and finalized
  std::map<Module::Source, Entry> modules;
};
Loaded& loaded_modules() {
  static auto* const loaded = new Loaded;  // for providers that outlive other statics
  return *loaded;
}

}  // namespace

Result<> check_functions(const CK_FUNCTION_LIST& list) {
  if (!is_known(list.version))
    return fail(Status::PsaErrorHardwareFailure,
                fmt::format("the module is of PKCS#11 v{}.{}, which is not known",
                            list.version.major, list.version.minor));
  const char* missing = missing_in(list);
  if (missing == nullptr) return {};
  return fail(Status::PsaErrorHardwareFailure, fmt::format("the module has no {}", missing));
}

Outcome<std::unique_ptr<Module>> Module::load(const Source& source) {
  Loaded& loaded = loaded_modules();
  std::lock_guard lock(loaded.mutex);
  auto found = loaded.modules.find(source);
  if (found == loaded.modules.end()) {
    auto* list = TRY(loaded_and_initialized(source));
    found = loaded.modules.emplace(source, Entry{list, 0}).first;
  }
  ++found->second.shares;
  return std::unique_ptr<Module>(new Module(source, *found->second.list));
}

Module::~Module() {
  Loaded& loaded = loaded_modules();
  std::lock_guard lock(loaded.mutex);
  auto found = loaded.modules.find(source_);
  if (--found->second.shares > 0) return;
  finalize(functions_);
  p11_kit_module_release(found->second.list);
  loaded.modules.erase(found);
}

Outcome<> Module::restart() {
  Loaded& loaded = loaded_modules();
  std::lock_guard lock(loaded.mutex);
  if (loaded.modules.at(source_).shares > 1) return {};
  finalize(functions_);
  return initialize(functions_);
}

}  // namespace strongroom::pkcs11
