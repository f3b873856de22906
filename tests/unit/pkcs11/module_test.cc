#include "providers/pkcs11/module/module.h"

#include <openssl/err.h>

#include "tests/unit/pkcs11/pkcs11_fixture.h"

namespace strongroom::pkcs11 {
namespace {

using ::testing::AllOf;
using testing::FailsWith;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::List;
using ::testing::Not;

class ModuleTest : public testing::WithSoftHsm {
 protected:
  static Module::Source source() { return {testing::fault_module(), ""}; }
};

TEST_F(ModuleTest, IsInitializedForManyThreadsWithLocksOfTheSystem) {
  CK_FLAGS flags = 0;
  faults().on<&List::C_Initialize>().instead([&](auto real, void* arguments) {
    if (arguments != nullptr) flags = static_cast<CK_C_INITIALIZE_ARGS*>(arguments)->flags;
    return real(arguments);
  });
  ASSERT_THAT(Module::load(source()), IsOk());
  EXPECT_EQ(flags & CKF_OS_LOCKING_OK, CKF_OS_LOCKING_OK);
  EXPECT_EQ(flags & CKF_LIBRARY_CANT_CREATE_OS_THREADS, 0U);
}

TEST_F(ModuleTest, IsFinalizedAtTheEndAndForARestart) {
  {
    auto module = Module::load(source());
    ASSERT_THAT(module, IsOk());
    EXPECT_THAT((*module)->restart(), IsOk());
    EXPECT_EQ(faults().on<&List::C_Finalize>().count(), 1);
    EXPECT_EQ(faults().on<&List::C_Initialize>().count(), 2);
  }
  EXPECT_EQ(faults().on<&List::C_Finalize>().count(), 2);
}

TEST_F(ModuleTest, IsOneToTheProcessWhileSomebodyHasAShare) {
  auto first = Module::load(source());
  ASSERT_THAT(first, IsOk());
  {
    auto second = Module::load(source());
    ASSERT_THAT(second, IsOk());
    EXPECT_THAT((*second)->restart(), IsOk());
  }
  EXPECT_EQ(faults().on<&List::C_Initialize>().count(), 1);
  EXPECT_EQ(faults().on<&List::C_Finalize>().count(), 0);
  EXPECT_THAT((*first)->restart(), IsOk());
  EXPECT_EQ(faults().on<&List::C_Finalize>().count(), 1);
}

TEST_F(ModuleTest, AFileThatIsNoModuleIsNamed) {
  auto missing = Module::load({"/nowhere/module.so", ""});
  ASSERT_THAT(missing, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(missing.error().message(), HasSubstr("loading PKCS#11 module '/nowhere/module.so'"));
  auto unknown = Module::load({"", "no-such-name"});
  ASSERT_THAT(unknown, FailsWith(Status::PsaErrorHardwareFailure));
  EXPECT_THAT(unknown.error().message(),
              AllOf(HasSubstr("loading PKCS#11 module 'no-such-name': p11-kit's configuration"),
                    HasSubstr("'p11-kit list-modules'")));
}

TEST_F(ModuleTest, ARefusedInitializationIsTold) {
  faults().on<&List::C_Initialize>().refuse(CKR_CANT_LOCK);
  auto module = Module::load(source());
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().code(), CKR_CANT_LOCK);
  EXPECT_THAT(module.error().message(), HasSubstr("CKR_CANT_LOCK"));
  EXPECT_THAT(module.error().message(), Not(HasSubstr("configuration")));
}

TEST_F(ModuleTest, AnInitializationThatFailsNamesTheConfigurationThatMayNotBeFound) {
  faults().on<&List::C_Initialize>().refuse(CKR_GENERAL_ERROR);
  auto module = Module::load(source());
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().code(), CKR_GENERAL_ERROR);
  EXPECT_THAT(module.error().message(),
              AllOf(HasSubstr("C_Initialize: 0x5 CKR_GENERAL_ERROR"),
                    HasSubstr("its own configuration"), HasSubstr("SOFTHSM2_CONF")));
}

TEST_F(ModuleTest, AnUnknownVersionIsRefused) {
  faults().on<&List::C_GetInfo>().instead([](auto real, CK_INFO* info) {
    CK_RV code = real(info);
    info->cryptokiVersion = {4, 0};
    return code;
  });
  EXPECT_THAT(Module::load(source()), FailsWith(Status::PsaErrorCommunicationFailure));
}

TEST(FunctionListTest, NeedsAKnownVersionAndEveryFunctionThatIsCalled) {
  CK_FUNCTION_LIST list{};
  list.version = {1, 0};
  EXPECT_THAT(check_functions(list), FailsWith(Status::PsaErrorHardwareFailure));
  list.version = {2, 40};
  auto checked = check_functions(list);
  ASSERT_FALSE(checked.has_value());
  EXPECT_THAT(checked.error().message(), HasSubstr("the module has no C_"));
}

CK_RV leave_an_error(CK_SESSION_HANDLE, unsigned char*, CK_ULONG) {
  ERR_raise(ERR_LIB_USER, 1);
  return CKR_OK;
}
CK_RV throw_one(CK_SESSION_HANDLE, unsigned char*, CK_ULONG) {
  throw 1;
}

TEST(FunctionsTest, WhatAModuleLeavesInOurErrorQueueGoes) {
  CK_FUNCTION_LIST list{};
  list.C_GenerateRandom = &leave_an_error;
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, 2);  // ours
  CK_RV code = Functions(list).call<&List::C_GenerateRandom>(CK_SESSION_HANDLE{1}, nullptr, 0UL);
  EXPECT_EQ(code, CKR_OK);
  EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 2);
  EXPECT_EQ(ERR_get_error(), 0U);
}

TEST(FunctionsTest, ExceptionsOfAModuleAreItsFailures) {
  CK_FUNCTION_LIST list{};
  list.C_GenerateRandom = &throw_one;
  EXPECT_EQ(Functions(list).call<&List::C_GenerateRandom>(CK_SESSION_HANDLE{1}, nullptr, 0UL),
            CKR_GENERAL_ERROR);
}

}  // namespace
}  // namespace strongroom::pkcs11
