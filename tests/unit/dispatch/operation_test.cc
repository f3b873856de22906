#include "service/dispatch/operation.h"

#include <set>

#include "tests/support/fake_maintenance.h"
#include "tests/support/fake_reloads.h"
#include "tests/support/service_under_test.h"

namespace strongroom {
namespace {

using testing::needs_open_operation;
using testing::request_of;
using testing::ServiceUnderTest;
using testing::valid_body;

TEST(OperationTable, HasEveryOpcodeOfTheProtocolOnce) {
  std::set<std::uint32_t> opcodes;
  for (const Operation& operation : operations())
    EXPECT_TRUE(opcodes.insert(std::to_underlying(operation.opcode)).second) << operation.name;
  std::set<std::uint32_t> expected;
  for (std::uint32_t opcode = 1; opcode <= 32; ++opcode)
    if (opcode != 29) expected.insert(opcode);
  expected.insert({0x8000, 0x8002, 0x8003, 0x8004, 0x8005, 0x8006, 0x8007, 0x8008, 0x8009});
  expected.insert({0x800A, 0x800B, 0x800C, 0x800D, 0x800E, 0x800F, 0x8010});
  EXPECT_EQ(opcodes, expected);
  EXPECT_EQ(find_operation(0), nullptr);
  EXPECT_EQ(find_operation(29), nullptr);
  EXPECT_EQ(find_operation(33), nullptr);
  EXPECT_EQ(find_operation(0x8001), nullptr);
  EXPECT_EQ(find_operation(0x10001), nullptr);
}

// The Needs column is a promise that each handler keeps: every row is tried.
TEST(OperationTable, ExactlyTheRowsThatNeedAnIdentityRefuseToGoWithout) {
  for (const Operation& operation : operations()) {
    ServiceUnderTest service;
    service.make_key_for(operation.opcode);
    std::string_view name =
        operation.opcode == Opcode::PsaGenerateKey || operation.opcode == Opcode::PsaImportKey
            ? "new"
            : "web";
    Request request = request_of(operation.opcode, valid_body(operation.opcode, name));
    request.header.auth_type = 0;
    Status expected = Status::Success;
    if (operation.needs != Needs::Nothing) expected = Status::NotAuthenticated;
    if (needs_open_operation(operation.opcode)) expected = Status::PsaErrorBadState;
    EXPECT_EQ(service.status_of(std::move(request)), expected) << operation.name;
  }
}

TEST(OperationTable, EveryOperationSucceedsWithAValidRequest) {
  for (const Operation& operation : operations()) {
    ServiceUnderTest service({.front_end = {.admin_uids = {::getuid()}, .admin_groups = {}},
                              .reloads = std::make_shared<testing::FakeReloads>()});
    service.caller.admin_socket = true;
    testing::FakeMaintenance maintenance;
    service.provider().maintained_by = &maintenance;
    service.make_key_for(operation.opcode);
    bool is_creation =
        operation.opcode == Opcode::PsaGenerateKey || operation.opcode == Opcode::PsaImportKey;
    Request request =
        request_of(operation.opcode, valid_body(operation.opcode, is_creation ? "new" : "web"));
    const Status expected =
        needs_open_operation(operation.opcode) ? Status::PsaErrorBadState : Status::Success;
    EXPECT_EQ(service.status_of(std::move(request)), expected) << operation.name;
  }
}

// Truncating a body anywhere gives an answer of the contract and never a success by accident of
// operations whose last field is mandatory.
TEST(OperationTable, EveryPrefixOfAValidBodyIsAnswered) {
  for (const Operation& operation : operations()) {
    ServiceUnderTest service;
    Bytes body = valid_body(operation.opcode);
    for (std::size_t size = 0; size < body.size(); ++size) {
      Request request = request_of(operation.opcode, copy_of(ByteView(body).first(size)));
      EXPECT_TRUE(status_from(service.ask(std::move(request)).header.status).has_value());
    }
  }
}

}  // namespace
}  // namespace strongroom
