// A PKCS#11 module that hands every call on to SoftHSM's, by way of what a test wants of it.
#include "tests/support/pkcs11/faults.h"
#include "tests/support/pkcs11/forwarding_module.h"

namespace strongroom::testing {
namespace {

struct Module : ForwardingModule {
  Pkcs11Faults faults;
};

Module& the_module() {
  static auto* const module = new Module;  // to the end, whatever is unloaded when
  return *module;
}

template <auto Function>
struct Forward;

template <typename... Arguments, CK_RV (*CK_FUNCTION_LIST::*Function)(Arguments...)>
struct Forward<Function> {
  static CK_RV call(Arguments... arguments) {
    Module& module = the_module();
    return module.faults.on<Function>().call(module.real->*Function, arguments...);
  }
};

}  // namespace
}  // namespace strongroom::testing

extern "C" {

[[gnu::visibility("default")]] CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  using namespace strongroom::testing;
  return the_module().give_list(list, &C_GetFunctionList, [](CK_FUNCTION_LIST& own) {
    the_module().faults.for_each([&](auto& each) {
      constexpr auto kFunction = std::remove_reference_t<decltype(each)>::kFunction;
      own.*kFunction = &Forward<kFunction>::call;
    });
  });
}

[[gnu::visibility("default")]] strongroom::testing::Pkcs11Faults* strongroom_faults() {
  return &strongroom::testing::the_module().faults;
}
}
